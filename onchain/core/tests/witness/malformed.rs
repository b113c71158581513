//! Anything but the right witness has no successor, and the reason is named.

use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::PathError;
use opml_core::mips::{
    Cpu, LEAF_PROOF_BYTES, Role, State, StateError, Status, StepError, Trap, WitnessError,
    step_witness,
};
use proptest::prelude::*;

use crate::honest::{STORES, access, take, word};
use crate::naive::NaiveMemory;
use crate::scenario::Entropy;
use crate::step::Step;
use crate::table::encoding;

/// A step with `witness` in place of its own.
fn with(step: &Step, witness: &[u8]) -> Result<State, StepError> {
    step_witness::<AlloyKeccak>(&step.before.encode(), witness)
}

fn short(role: Role, available: usize) -> Result<State, StepError> {
    Err(WitnessError::Short { role, available }.into())
}

fn long(surplus: usize) -> Result<State, StepError> {
    Err(WitnessError::Long { surplus }.into())
}

/// Refused because this proof leads to another root; the root it leads to is not compared.
#[track_caller]
fn refused(result: &Result<State, StepError>, at: (Role, u32), root: alloy_primitives::B256) {
    let Err(StepError::Witness(WitnessError::Proof { role, address, source })) = result else {
        panic!("{result:?}");
    };
    let PathError::WrongRoot { expected, computed } = source else { panic!("{source:?}") };
    assert_eq!(((*role, *address), *expected), (at, root));
    assert_ne!(computed, expected);
}

/// One proof, two proofs of a load, two of a store in the leaf of the code.
fn samples() -> [Step; 3] {
    [
        access(0x0040_0100, encoding("addu").with(0x0109_5000), 0),
        access(0x0040_0100, word("lw"), 0x0050_0000),
        access(0x0040_0100, word("sw"), 0x0040_0104),
    ]
}

#[test]
fn a_witness_cut_anywhere_is_short() {
    for step in samples() {
        for length in 0..step.witness.len() {
            let expected = if length < LEAF_PROOF_BYTES {
                short(Role::Instruction, length)
            } else {
                short(Role::Data, length - LEAF_PROOF_BYTES)
            };
            assert_eq!(with(&step, &step.witness[..length]), expected);
        }
    }
}

#[test]
fn surplus_bytes_are_refused_whatever_they_are() {
    for step in samples() {
        for surplus in [1, 31, 32, 33, 864, 895, 896, 897, 1792] {
            for filler in [0, 0xff] {
                let bytes = [step.witness.clone(), vec![filler; surplus]].concat();
                assert_eq!(with(&step, &bytes), long(surplus));
            }
        }
        // A proof that is right but not needed.
        let bytes = [step.witness.clone(), step.memory.proof(0x0050_0000)].concat();
        assert_eq!(with(&step, &bytes), long(896));
        let bytes = [step.witness.clone(), step.memory.proof(step.cpu.pc)].concat();
        assert_eq!(with(&step, &bytes), long(896));
    }
}

#[test]
fn an_instruction_without_data_takes_no_data_proof() {
    let instructions = ["addu", "beq", "j", "syscall", "break", "pref", "synci", "sync", "teq"];
    for name in instructions {
        let step = access(0x0040_0100, encoding(name).with(0), 0x0050_0000);
        assert_eq!(step.witness.len(), LEAF_PROOF_BYTES, "{name}");
        let bytes = [step.witness.clone(), step.memory.proof(0)].concat();
        assert_eq!(with(&step, &bytes), long(896), "{name}");
    }
    // Nor does an access that traps before it is made.
    let step = access(0x0040_0100, word("sw"), 0x0050_0002);
    let bytes = [step.witness.clone(), step.memory.proof(0x0050_0000)].concat();
    assert_eq!(with(&step, &bytes), long(896));
}

#[test]
fn every_flipped_bit_is_refused() {
    for step in samples() {
        let root = step.before.memory_root;
        for bit in 0..8 * step.witness.len() {
            let mut bytes = step.witness.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let data = (step.cpu.regs()[8]) & !3;
            let at = if bit < 8 * LEAF_PROOF_BYTES {
                (Role::Instruction, step.cpu.pc)
            } else {
                (Role::Data, data)
            };
            refused(&with(&step, &bytes), at, root);
        }
    }
}

#[test]
fn proofs_in_the_wrong_order_are_refused() {
    let step = access(0x0040_0100, word("lw"), 0x0050_0000);
    let (instruction, data) = step.witness.split_at(LEAF_PROOF_BYTES);
    let swapped = [data, instruction].concat();
    refused(&with(&step, &swapped), (Role::Instruction, 0x0040_0100), step.before.memory_root);
    let twice = [instruction, instruction].concat();
    refused(&with(&step, &twice), (Role::Data, 0x0050_0000), step.before.memory_root);
}

#[test]
fn the_right_leaf_of_the_wrong_place_is_refused() {
    // Neighbours, the same index in another page or window, the ends of memory.
    let step = access(0x0040_0100, word("lw"), 0x0050_0000);
    let (instruction, data) = step.witness.split_at(LEAF_PROOF_BYTES);
    let root = step.before.memory_root;
    for other in [0x0050_0020, 0x004f_ffe0, 0x0040_0100, 0x8050_0000, 0, 0xffff_ffe0] {
        let bytes = [instruction, &step.memory.proof(other)].concat();
        refused(&with(&step, &bytes), (Role::Data, 0x0050_0000), root);
    }
    for other in [0x0040_0120, 0x0040_00e0, 0x0050_0000, 0x1040_0100, 0, 0xffff_ffe0] {
        let bytes = [&step.memory.proof(other), data].concat();
        refused(&with(&step, &bytes), (Role::Instruction, 0x0040_0100), root);
    }
}

#[test]
fn a_proof_from_the_memory_after_the_store_is_refused() {
    // Both proofs are of the pre-state, even where the store changes the instruction's leaf.
    for name in STORES {
        let step = access(0x0040_0100, word(name), 0x0040_0110);
        let mut after = step.memory.clone();
        after.set_word(0x0040_0110, 0xdead_beef);
        let (instruction, _) = step.witness.split_at(LEAF_PROOF_BYTES);
        let bytes = [instruction, &after.proof(0x0040_0110)].concat();
        refused(&with(&step, &bytes), (Role::Data, 0x0040_0110), step.before.memory_root);
    }
}

#[test]
fn an_inner_node_does_not_pass_for_a_leaf() {
    // The parent's root with its own path: right hashes, one level short, padded to the length.
    let step = access(0x0040_0100, encoding("addu").with(0x0109_5000), 0);
    let index = u64::from(0x0040_0100_u32 / 32);
    let parent = step.memory.node(1, index / 2).to_vec();
    let above = step.memory.path_bytes(1, index / 2);
    let bytes = [parent.clone(), above.clone()].concat();
    assert_eq!(with(&step, &bytes), short(Role::Instruction, 864));
    for padding in [[0; 32], [0xff; 32]] {
        let front = [&parent[..], &padding, &above].concat();
        let back = [&parent[..], &above, &padding].concat();
        for bytes in [front, back] {
            let at = (Role::Instruction, 0x0040_0100);
            refused(&with(&step, &bytes), at, step.before.memory_root);
        }
    }
}

#[test]
fn a_stopped_or_misaligned_state_takes_no_witness() {
    let mut cpu = Cpu::new(0x0040_0100);
    let proof = NaiveMemory::mips().proof(0x0040_0100);
    for status in
        [Status::Exited(0), Status::Exited(255)].into_iter().chain(Trap::ALL.map(Status::Trapped))
    {
        cpu.status = status;
        let step = Step::of(cpu.clone(), NaiveMemory::mips());
        assert_eq!(with(&step, &[0]), long(1));
        assert_eq!(with(&step, &[0; 32]), long(32));
        assert_eq!(with(&step, &proof), long(896));
    }
    let step = Step::of(Cpu::new(0x0040_0102), NaiveMemory::mips());
    assert_eq!(with(&step, &[0]), long(1));
    assert_eq!(with(&step, &proof), long(896));
}

#[test]
fn a_pre_state_that_is_none_is_refused_before_its_witness() {
    let step = access(0x0040_0100, word("lw"), 0x0050_0000);
    let bytes = step.before.encode();
    for length in [0, 1, 191] {
        let error = StateError::Length { actual: length };
        assert_eq!(step_witness::<AlloyKeccak>(&bytes[..length], &[]), Err(error.into()));
    }
    let mut bad = bytes;
    bad[51] = 1;
    let error = StateError::RegisterZero { value: 1 };
    assert_eq!(step_witness::<AlloyKeccak>(&bad, &step.witness), Err(error.into()));
    let mut bad = bytes;
    bad[187] = 3;
    let error = StateError::Status { status: 3, code: 0 };
    assert_eq!(step_witness::<AlloyKeccak>(&bad, &step.witness), Err(error.into()));
}

#[test]
fn a_witness_against_another_root_is_refused() {
    let mut step = access(0x0040_0100, word("lw"), 0x0050_0000);
    step.before.memory_root.0[31] ^= 1;
    let root = step.before.memory_root;
    refused(&take(&step), (Role::Instruction, 0x0040_0100), root);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is done to the right witness: no successor, or (nothing changed) the right one.
    #[test]
    fn no_witness_leads_to_a_second_successor(
        entropy in prop::collection::vec(any::<u8>(), 0..320),
        edits in prop::collection::vec((any::<u16>(), any::<u8>()), 0..4),
        cut in prop_oneof![Just(0_usize), 0..2000_usize],
        surplus in prop_oneof![Just(0_usize), 0..1000_usize],
    ) {
        let (cpu, memory) = Entropy::new(&entropy).machine();
        let step = Step::of(cpu, memory);
        let mut bytes = step.witness.clone();
        for (at, byte) in edits {
            if !bytes.is_empty() {
                let at = usize::from(at) % bytes.len();
                bytes[at] = byte;
            }
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        bytes.resize(bytes.len() + surplus, 0);
        let expected = (bytes == step.witness).then_some(step.after.clone());
        prop_assert_eq!(with(&step, &bytes).ok(), expected);
    }

    #[test]
    fn random_bytes_are_no_witness(
        entropy in prop::collection::vec(any::<u8>(), 0..320),
        bytes in prop::collection::vec(any::<u8>(), 1..2000),
    ) {
        let (cpu, memory) = Entropy::new(&entropy).machine();
        prop_assert!(with(&Step::of(cpu, memory), &bytes).is_err());
    }
}
