//! Snapshots: any of them can be gone back to, in any order, as often as wanted.

use std::sync::Arc;

use opml_core::merkle::{Region, Space, zero_root};
use opml_core::mips::{State, Status};
use opml_vm::{Machine, Snapshot};
use proptest::prelude::*;

use crate::program::{Program, revive};
use crate::scenario::Entropy;
use crate::sources::{Whole, mapped};

/// A snapshot, the state it was taken in, and the run that followed.
struct Taken {
    snapshot: Snapshot,
    state: State,
    steps: u64,
    after: State,
}

/// Runs on in legs, with a snapshot before each; a stopped machine starts a leg elsewhere.
fn legs(machine: &mut Machine, entropy: &mut Entropy<'_>) -> Vec<Taken> {
    (0..8)
        .map(|_| {
            if machine.cpu().status != Status::Running {
                revive(machine.cpu_mut(), entropy);
            }
            if entropy.below(2) == 0 {
                // A leaf tree in some page.
                machine.witness().unwrap();
            }
            let (snapshot, state) = (machine.snapshot().unwrap(), machine.state().unwrap());
            let steps = u64::from(entropy.byte());
            machine.run(steps).unwrap();
            Taken { snapshot, state, steps, after: machine.state().unwrap() }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_snapshot_can_be_gone_back_to_and_run_again(
        bytes in prop::collection::vec(any::<u8>(), 0..2_500),
        order in prop::collection::vec(0..8_usize, 1..12),
        from_source: bool,
    ) {
        let mut entropy = Entropy::new(&bytes);
        let program = Program::draw(&mut entropy);
        let memory = if from_source {
            mapped(Arc::new(Whole::new(program.naive())), &program.naive(), 16)
        } else {
            program.paged()
        };
        let mut machine = Machine::new(program.cpu.clone(), memory);
        let taken = legs(&mut machine, &mut entropy);
        let end = machine.state().unwrap();
        for index in order {
            let leg = &taken[index];
            let mut again = machine.restore(&leg.snapshot);
            prop_assert_eq!(&again.state().unwrap(), &leg.state);
            again.run(leg.steps).unwrap();
            prop_assert_eq!(&again.state().unwrap(), &leg.after);
            // A snapshot of the restored machine is as good.
            let twice = again.snapshot().unwrap();
            again.run(50).unwrap();
            prop_assert_eq!(&again.restore(&twice).state().unwrap(), &leg.after);
        }
        prop_assert_eq!(machine.state().unwrap(), end, "restoring leaves the machine alone");
    }
}

#[test]
fn a_machine_that_filled_its_cap_can_go_on_after_a_snapshot() {
    // sw $9, 0($8); addiu $8, $8, 0x1000; j 0; nop: writes one word a page.
    let code = [0xad09_0000_u32, 0x2508_1000, 0x0800_0000, 0];
    let mut memory = opml_vm::memory::PagedMemory::new(Arc::new(opml_vm::source::NoSource), 16);
    for (address, word) in (0..).step_by(4).zip(code) {
        memory.write(address, &u32::to_le_bytes(word)).unwrap();
    }
    let mut cpu = opml_core::mips::Cpu::new(0);
    cpu.set(opml_core::mips::Reg::from_bits(8), 0x0010_0000);
    cpu.set(opml_core::mips::Reg::from_bits(9), 0x1234_5678);
    let mut machine = Machine::new(cpu, memory);

    let mut saved = Vec::new();
    while machine.cpu().step < 400 {
        let left = 400 - machine.cpu().step;
        if let Err(error) = machine.run(left) {
            assert!(matches!(error, opml_vm::MemoryError::Full { cap_pages: 16 }), "{error}");
            saved.push((machine.snapshot().unwrap(), machine.state().unwrap()));
            assert!(machine.memory_mut().resident_pages() <= 16);
        }
    }
    assert!(saved.len() >= 6, "{} snapshots", saved.len());
    for page in 0..100 {
        let mut word = [0; 4];
        machine.read(0x0010_0000 + 0x1000 * page, &mut word).unwrap();
        assert_eq!(u32::from_le_bytes(word), 0x1234_5678, "page {page}");
    }
    for (snapshot, state) in saved {
        assert_eq!(machine.restore(&snapshot).state().unwrap(), state);
    }
}

/// A page that a snapshot keeps, mapped over: the snapshot still has it, the machine does not.
#[test]
fn mapping_over_a_saved_page_leaves_the_snapshot_alone() {
    let page = Region::new(Space::MIPS, 0x2000, 12).unwrap();
    let mut memory = opml_vm::memory::PagedMemory::default();
    memory.write(0x2000, b"saved").unwrap();
    let mut machine = Machine::new(opml_core::mips::Cpu::new(0), memory);
    let (snapshot, state) = (machine.snapshot().unwrap(), machine.state().unwrap());
    machine.memory_mut().map(page, zero_root(7).unwrap()).unwrap();

    let mut bytes = [1; 5];
    machine.read(0x2000, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 5]);
    assert_eq!(machine.state().unwrap().memory_root, zero_root(27).unwrap());

    let mut back = machine.restore(&snapshot);
    back.read(0x2000, &mut bytes).unwrap();
    assert_eq!(&bytes, b"saved");
    assert_eq!(back.state().unwrap(), state);
}
