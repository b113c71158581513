//! A random state over a small memory: the step from its witness is the step over the memory, and
//! touches at most one instruction and one data word.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{Status, step_witness};

#[path = "../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code)]
mod naive;
#[path = "../../onchain/core/tests/support/scenario.rs"]
#[allow(dead_code)]
mod scenario;
#[path = "../../onchain/core/tests/witness/step.rs"]
#[allow(dead_code)]
mod step;
#[path = "../../onchain/core/tests/support/table.rs"]
#[allow(dead_code)]
mod table;

fuzz_target!(|data: &[u8]| {
    let (cpu, memory) = scenario::Entropy::new(data).machine();
    let step = step::Step::of(cpu, memory);
    let after = step_witness::<AlloyKeccak>(&step.before.encode(), &step.witness);
    assert_eq!(after.as_ref(), Ok(&step.after));
    if step.cpu.status == Status::Running {
        assert_eq!(step.after.cpu.step, step.cpu.step.wrapping_add(1));
    } else {
        assert_eq!(step.after, step.before);
    }
});
