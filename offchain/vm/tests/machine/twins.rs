//! `run`, `step`, the witness and the plain step function take the same steps.

use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{Cpu, Reg, State, Status, step, step_witness};
use opml_vm::{Machine, MemoryError};
use proptest::prelude::*;

use crate::naive::NaiveMemory;
use crate::program::{Program, revive};
use crate::scenario::Entropy;
use crate::sources::{Flaky, Whole, mapped};
use crate::table::encoding;

/// Bytes for one program and some decisions.
fn entropy() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..2_500)
}

/// The plain machine: the step function over the naive memory.
struct Plain {
    cpu: Cpu,
    memory: NaiveMemory,
}

impl Plain {
    fn of(program: &Program) -> Self {
        Self { cpu: program.cpu.clone(), memory: program.naive() }
    }

    fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            step(&mut self.cpu, &mut self.memory).unwrap_or_else(|never| match never {});
        }
    }

    fn state(&self) -> State {
        State { memory_root: self.memory.root(), cpu: self.cpu.clone() }
    }
}

/// Starts stopped machines again, all at the same place.
fn restart(plain: &mut Plain, machines: &mut [&mut Machine], entropy: &mut Entropy<'_>) {
    if plain.cpu.status != Status::Running {
        revive(&mut plain.cpu, entropy);
        for machine in machines {
            *machine.cpu_mut() = plain.cpu.clone();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn run_takes_the_same_steps_as_step_and_as_the_plain_machine(bytes in entropy()) {
        let mut entropy = Entropy::new(&bytes);
        let program = Program::draw(&mut entropy);
        let mut plain = Plain::of(&program);
        let mut running = Machine::new(program.cpu.clone(), program.paged());
        let mut stepping = Machine::new(program.cpu.clone(), program.paged());
        for chunk in 0..24 {
            let steps = u64::from(entropy.below(48));
            plain.run(steps);
            prop_assert_eq!(running.run(steps).unwrap(), plain.cpu.status);
            for _ in 0..steps {
                stepping.step().unwrap();
            }
            prop_assert_eq!(running.cpu(), &plain.cpu);
            prop_assert_eq!(stepping.cpu(), &plain.cpu);
            if chunk % 6 == 5 {
                prop_assert_eq!(running.state().unwrap(), plain.state());
                prop_assert_eq!(stepping.state().unwrap(), plain.state());
            }
            restart(&mut plain, &mut [&mut running, &mut stepping], &mut entropy);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_step_is_proven_by_its_witness(bytes in entropy()) {
        let mut entropy = Entropy::new(&bytes);
        let program = Program::draw(&mut entropy);
        let mut plain = Plain::of(&program);
        let mut machine = Machine::new(program.cpu.clone(), program.paged());
        for _ in 0..40 {
            let witness = machine.witness().unwrap();
            prop_assert_eq!(&witness.pre_state, &plain.state());
            prop_assert_eq!(&machine.state().unwrap(), &witness.pre_state, "a witness changes nothing");
            let proven = step_witness::<AlloyKeccak>(&witness.pre_state.encode(), &witness.proof);
            plain.run(1);
            machine.run(1).unwrap();
            let after = machine.state().unwrap();
            prop_assert_eq!(&after, &plain.state());
            prop_assert_eq!(proven, Ok(after));
            restart(&mut plain, &mut [&mut machine], &mut entropy);
        }
    }

    #[test]
    fn a_memory_out_of_a_source_gives_the_same_states_and_witnesses(bytes in entropy()) {
        let mut entropy = Entropy::new(&bytes);
        let program = Program::draw(&mut entropy);
        let mut plain = Plain::of(&program);
        let source = Arc::new(Whole::new(program.naive()));
        let memory = mapped(source, &plain.memory, 16);
        let mut machine = Machine::new(program.cpu.clone(), memory);
        for _ in 0..12 {
            let witness = machine.witness().unwrap();
            let proven = step_witness::<AlloyKeccak>(&witness.pre_state.encode(), &witness.proof);
            plain.run(1);
            prop_assert_eq!(proven, Ok(plain.state()));
            let more = u64::from(entropy.below(16));
            plain.run(more);
            machine.run(1 + more).unwrap();
            prop_assert_eq!(machine.state().unwrap(), plain.state());
            restart(&mut plain, &mut [&mut machine], &mut entropy);
        }
    }

    /// An error of the source leaves the machine before the step that failed; running on as if
    /// nothing had happened gives the states of a machine without errors.
    #[test]
    fn a_source_that_fails_now_and_then_delays_and_changes_nothing(
        bytes in entropy(), pattern in any::<u64>().prop_map(|pattern| pattern & !1),
    ) {
        let mut entropy = Entropy::new(&bytes);
        let program = Program::draw(&mut entropy);
        let mut plain = Plain::of(&program);
        let flaky = Flaky { source: Whole::new(program.naive()), pattern: pattern.into() };
        let mut machine = Machine::new(program.cpu.clone(), mapped(Arc::new(flaky), &plain.memory, 16));
        for _ in 0..12 {
            let steps = u64::from(entropy.below(48));
            let end = plain.cpu.step.wrapping_add(steps);
            plain.run(steps);
            while machine.cpu().status == Status::Running && machine.cpu().step != end {
                let before = machine.cpu().step;
                match machine.run(end.wrapping_sub(before)) {
                    Ok(_) | Err(MemoryError::Source(_)) => {}
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                }
            }
            prop_assert_eq!(machine.cpu(), &plain.cpu);
            let root = retried(|| machine.state().map(|state| state.memory_root));
            prop_assert_eq!(root, plain.memory.root());
            restart(&mut plain, &mut [&mut machine], &mut entropy);
        }
    }
}

fn retried(mut attempt: impl FnMut() -> Result<B256, MemoryError>) -> B256 {
    loop {
        if let Ok(root) = attempt() {
            return root;
        }
    }
}

#[test]
fn a_stopped_machine_stays_where_it_is() {
    let program = Program::draw(&mut Entropy::new(&[]));
    let mut machine = Machine::new(program.cpu.clone(), program.paged());
    machine.cpu_mut().status = Status::Exited(3);
    let before = machine.state().unwrap();
    assert_eq!(machine.run(1_000).unwrap(), Status::Exited(3));
    machine.step().unwrap();
    assert_eq!(machine.state().unwrap(), before);
    assert_eq!(machine.witness().unwrap().proof, []);
}

#[test]
fn running_no_steps_changes_nothing() {
    let program = Program::draw(&mut Entropy::new(&[]));
    let mut machine = Machine::new(program.cpu.clone(), program.paged());
    let before = machine.state().unwrap();
    assert_eq!(machine.run(0).unwrap(), Status::Running);
    assert_eq!(machine.state().unwrap(), before);
}

#[test]
fn the_step_count_wraps_inside_a_run() {
    // Zero memory is a row of nops.
    let mut cpu = Cpu::new(0xffff_fff0);
    cpu.step = u64::MAX - 2;
    let mut machine = Machine::new(cpu, opml_vm::memory::PagedMemory::default());
    assert_eq!(machine.run(8).unwrap(), Status::Running);
    assert_eq!((machine.cpu().step, machine.cpu().pc, machine.cpu().next_pc), (5, 0x10, 0x14));
}

/// Code that was executed, and so predecoded, is rewritten in every way a store can and executed
/// again.
#[test]
fn rewritten_code_is_executed_as_it_is_now() {
    // addiu $8, $0, 1, rewritten to addiu $8, $0, 2 (or to addiu $8, $0, 0x201, or to lui $8, 1).
    let first = 0x2408_0001_u32;
    let second = 0x2408_0002_u32;
    let stores = [
        ("sw", second, 0_u16, 2),
        ("sc", second, 0, 2),
        ("sb", 2, 0, 2),
        ("sb", 2, 1, 0x201),
        ("sh", 2, 0, 2),
        ("sh", 0x3c08, 2, 0x0001_0000),
        ("swl", second, 3, 2),
        ("swr", second, 0, 2),
    ];
    for (name, value, offset, result) in stores {
        // In the page of the store, and in another one.
        for target in [0x1040, 0x5040_u32] {
            let store = encoding(name).with(9 << 21 | 10 << 16 | u32::from(offset));
            // jr $12; nop | the rewritten instruction; jr $11; nop
            let program = [
                (0x1000, 0x0180_0008),
                (0x1004, 0),
                (0x1010, store),
                (0x1014, 0x0180_0008),
                (0x1018, 0),
                (target, first),
                (target + 4, 0x0160_0008),
                (target + 8, 0),
            ];
            let mut memory = opml_vm::memory::PagedMemory::default();
            for (address, word) in program {
                memory.write(address, &u32::to_le_bytes(word)).unwrap();
            }
            let mut cpu = Cpu::new(0x1000);
            for (number, value) in [(9, target), (10, value), (11, 0x1010), (12, target)] {
                cpu.set(Reg::from_bits(number), value);
            }
            let mut machine = Machine::new(cpu, memory);
            machine.run(3).unwrap();
            assert_eq!(machine.cpu().get(Reg::from_bits(8)), 1, "{name}: as loaded");
            machine.run(6).unwrap();
            assert_eq!(machine.cpu().get(Reg::from_bits(8)), result, "{name}: rewritten");
        }
    }
}
