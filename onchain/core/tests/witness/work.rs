//! The work of a step is bounded, whatever the witness: hashes are what it costs on a chain.

use std::cell::Cell;

use alloy_primitives::B256;
use opml_core::keccak::{AlloyKeccak, Keccak};
use opml_core::mips::{Cpu, LEAF_PROOF_BYTES, State, Status, StepError, step_witness};

use crate::honest::{STORES, access, word};
use crate::naive::NaiveMemory;
use crate::step::Step;

thread_local! {
    static HASHES: Cell<u32> = const { Cell::new(0) };
}

/// Counts the hashes of this thread; each must be of one node.
struct Counting;

impl Keccak for Counting {
    fn keccak256(bytes: &[u8]) -> B256 {
        assert_eq!(bytes.len(), 64);
        HASHES.set(HASHES.get() + 1);
        AlloyKeccak::keccak256(bytes)
    }
}

fn counted(step: &Step, witness: &[u8]) -> (u32, Result<State, StepError>) {
    HASHES.set(0);
    let result = step_witness::<Counting>(&step.before.encode(), witness);
    (HASHES.get(), result)
}

#[test]
fn a_step_hashes_one_path_for_each_proof_and_one_for_a_store() {
    let right = |step: &Step| counted(step, &step.witness);
    let step = access(0x0040_0100, 0, 0);
    assert_eq!(right(&step), (27, Ok(step.after)));
    let step = access(0x0040_0100, word("lw"), 0x0050_0000);
    assert_eq!(right(&step), (54, Ok(step.after)));
    for name in STORES {
        for base in [0x0050_0000, 0x0040_0100] {
            let step = access(0x0040_0100, word(name), base);
            assert_eq!(right(&step), (81, Ok(step.after)), "{name}");
        }
    }
    let mut cpu = Cpu::new(0x0040_0102);
    let misaligned = Step::of(cpu.clone(), NaiveMemory::mips());
    assert_eq!(right(&misaligned).0, 0);
    cpu.status = Status::Exited(0);
    assert_eq!(right(&Step::of(cpu, NaiveMemory::mips())).0, 0);
}

#[test]
fn a_witness_that_is_refused_costs_no_more_than_one_that_is_taken() {
    let step = access(0x0040_0100, word("sw"), 0x0050_0000);
    let mut wrong_instruction = step.witness.clone();
    wrong_instruction[0] ^= 1;
    let mut wrong_data = step.witness.clone();
    wrong_data[LEAF_PROOF_BYTES] ^= 1;
    let long = [step.witness.clone(), vec![0; 1 << 20]].concat();
    let cases: [(&[u8], u32); 6] = [
        (&[], 0),
        (&step.witness[..LEAF_PROOF_BYTES - 1], 0),
        (&step.witness[..LEAF_PROOF_BYTES], 27),
        (&wrong_instruction, 27),
        (&wrong_data, 54),
        (&long, 81),
    ];
    for (witness, hashes) in cases {
        let (work, result) = counted(&step, witness);
        assert!(result.is_err());
        assert_eq!(work, hashes, "{} bytes", witness.len());
    }
}
