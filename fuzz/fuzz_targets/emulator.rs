//! A random program, run in chunks by the emulator, step by step by the emulator, and by the step
//! function over plain memory: the same states; and any snapshot can be gone back to.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{Cpu, State, Status, step, step_witness};
use opml_vm::{Machine, MemoryError, Snapshot};

#[path = "../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code)]
mod naive;
#[path = "../../offchain/vm/tests/support/program.rs"]
#[allow(dead_code)]
mod program;
#[path = "../../onchain/core/tests/support/scenario.rs"]
#[allow(dead_code)]
mod scenario;
#[path = "../../offchain/vm/tests/support/sources.rs"]
#[allow(dead_code)]
mod sources;
#[path = "../../onchain/core/tests/support/table.rs"]
#[allow(dead_code)]
mod table;

use naive::NaiveMemory;
use program::{Program, revive};
use scenario::Entropy;

/// The step function over plain memory.
struct Plain {
    cpu: Cpu,
    memory: NaiveMemory,
}

impl Plain {
    fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            step(&mut self.cpu, &mut self.memory).unwrap_or_else(|never| match never {});
        }
    }

    fn state(&self) -> State {
        State { memory_root: self.memory.root(), cpu: self.cpu.clone() }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut entropy = Entropy::new(data);
    let sourced = entropy.below(2) == 0;
    let program = Program::draw(&mut entropy);
    let mut plain = Plain { cpu: program.cpu.clone(), memory: program.naive() };
    let memory = if sourced {
        sources::mapped(Arc::new(sources::Whole::new(program.naive())), &plain.memory, 24)
    } else {
        program.paged()
    };
    let mut running = Machine::new(program.cpu.clone(), memory);
    let mut stepping = Machine::new(program.cpu.clone(), program.paged());
    let mut snapshot: Option<(Snapshot, State)> = None;
    for _ in 0..16 {
        let steps = u64::from(entropy.below(64));
        plain.run(steps);
        run(&mut running, steps);
        for _ in 0..steps {
            stepping.step().expect("memory of its own");
        }
        assert_eq!((running.cpu(), stepping.cpu()), (&plain.cpu, &plain.cpu));
        match entropy.below(8) {
            0 => assert_eq!(running.state().expect("a source that knows all"), plain.state()),
            1 => prove(&mut running, &plain),
            2 => {
                let taken = running.snapshot().expect("a source that knows all");
                snapshot = Some((taken, plain.state()));
            }
            3 => {
                if let Some((snapshot, state)) = &snapshot {
                    let mut back = running.restore(snapshot);
                    assert_eq!(&back.state().expect("a source that knows all"), state);
                }
            }
            _ => {}
        }
        if plain.cpu.status != Status::Running {
            revive(&mut plain.cpu, &mut entropy);
            *running.cpu_mut() = plain.cpu.clone();
            *stepping.cpu_mut() = plain.cpu.clone();
        }
        if entropy.is_empty() {
            break;
        }
    }
    let state = plain.state();
    assert_eq!(running.state().expect("a source that knows all"), state);
    assert_eq!(stepping.state().expect("memory of its own"), state);
});

/// Runs on; a snapshot makes room where the cap is full of written pages.
fn run(machine: &mut Machine, steps: u64) {
    let end = machine.cpu().step.wrapping_add(steps);
    loop {
        match machine.run(end.wrapping_sub(machine.cpu().step)) {
            Ok(_) => return,
            Err(MemoryError::Full { .. }) => drop(machine.snapshot()),
            Err(error) => panic!("a source that knows all: {error}"),
        }
    }
}

/// The next step from its witness is the plain machine's.
fn prove(machine: &mut Machine, plain: &Plain) {
    machine.snapshot().expect("a source that knows all");
    let witness = machine.witness().expect("a source that knows all");
    let mut next = Plain { cpu: plain.cpu.clone(), memory: plain.memory.clone() };
    next.run(1);
    let proven = step_witness::<AlloyKeccak>(&witness.pre_state.encode(), &witness.proof);
    assert_eq!(proven, Ok(next.state()));
}
