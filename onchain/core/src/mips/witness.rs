//! One step from a witness: the leaves it touches, each with its path to the memory root.
//!
//! ```text
//! running, pc aligned:  instruction proof, then data proof if the step loads or stores
//! running, misaligned:  empty
//! exited or trapped:    empty
//! proof:                leaf (32 bytes), then 27 siblings, lowest first: 896 bytes
//! ```
//!
//! The length is exact; bytes that the step does not use are refused.

use core::marker::PhantomData;

use alloy_primitives::B256;
use thiserror::Error;

use super::{Memory, State, StateError, WordAddr, step};
use crate::keccak::Keccak;
use crate::merkle::{PathError, Proof, Region};

/// Bytes of one leaf and its path.
pub const LEAF_PROOF_BYTES: usize = 896;

/// What a proven leaf is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// Holds the instruction.
    Instruction = 0,
    /// Holds the data that the instruction loads or stores.
    Data = 1,
}

/// Why a witness proves no step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WitnessError {
    /// The step needs a proof that is missing or cut short.
    #[error("the {role:?} proof needs {LEAF_PROOF_BYTES} bytes, the witness has {available} left")]
    Short {
        /// The proof that is missing.
        role: Role,
        /// Bytes left for it.
        available: usize,
    },
    /// The step is done and the witness is not at its end.
    #[error("{surplus} bytes of the witness are not used by the step")]
    Long {
        /// Bytes left over.
        surplus: usize,
    },
    /// A proof does not lead to the memory root.
    #[error("the {role:?} proof for address {address:#010x} is wrong")]
    Proof {
        /// The proof that is wrong.
        role: Role,
        /// Address of the word that it should prove.
        address: u32,
        /// What is wrong with it.
        source: PathError,
    },
}

/// Why a pre-state and a witness have no successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StepError {
    /// The pre-state is no state.
    #[error("the pre-state is not a state")]
    State(#[from] StateError),
    /// The witness does not prove the step.
    #[error("the witness does not prove the step")]
    Witness(#[from] WitnessError),
}

/// The successor of an encoded `state`, its memory known only by root and `witness`.
pub fn step_witness<K: Keccak>(state: &[u8], witness: &[u8]) -> Result<State, StepError> {
    let mut state = State::decode(state)?;
    let mut memory = WitnessMemory::<K>::new(state.memory_root, witness);
    step(&mut state.cpu, &mut memory)?;
    state.memory_root = memory.finish()?;
    Ok(state)
}

/// Position of a word in its leaf, 0 to 7.
const fn word_index(address: WordAddr) -> usize {
    ((address.get() & 31) >> 2) as usize
}

/// The little-endian word at `address`, which lies in `leaf`.
fn word_of(leaf: &B256, address: WordAddr) -> u32 {
    let (words, _) = leaf.as_chunks::<4>();
    words.get(word_index(address)).map_or(0, |word| u32::from_le_bytes(*word))
}

/// `leaf` with the word at `address` replaced.
fn with_word(mut leaf: B256, address: WordAddr, value: u32) -> B256 {
    let (words, _) = leaf.as_chunks_mut::<4>();
    if let Some(word) = words.get_mut(word_index(address)) {
        *word = value.to_le_bytes();
    }
    leaf
}

/// A memory that consists of a root and of proofs consumed in the order of the accesses.
struct WitnessMemory<'a, K> {
    root: B256,
    rest: &'a [u8],
    /// The data leaf, once proven; leads to `root`.
    data: Option<Proof<'a>>,
    keccak: PhantomData<K>,
}

impl<'a, K: Keccak> WitnessMemory<'a, K> {
    const fn new(root: B256, witness: &'a [u8]) -> Self {
        Self { root, rest: witness, data: None, keccak: PhantomData }
    }

    /// Takes the next proof off the witness and checks it against the memory's root.
    fn take(&mut self, role: Role, address: WordAddr) -> Result<Proof<'a>, WitnessError> {
        let short = WitnessError::Short { role, available: self.rest.len() };
        let (bytes, rest) = self.rest.split_at_checked(LEAF_PROOF_BYTES).ok_or(short)?;
        let (leaf, siblings) = bytes.split_at_checked(32).ok_or(short)?;
        let region = Region::mips_leaf(address.get());
        let wrong = |source| WitnessError::Proof { role, address: address.get(), source };
        let proof = Proof::parse(region, B256::from_slice(leaf), siblings).map_err(wrong)?;
        proof.check::<K>(self.root).map_err(wrong)?;
        self.rest = rest;
        Ok(proof)
    }

    /// The proven leaf that holds the data word at `address`.
    fn data(&mut self, address: WordAddr) -> Result<Proof<'a>, WitnessError> {
        let region = Region::mips_leaf(address.get());
        let proof = match self.data {
            Some(proof) if proof.region() == region => proof,
            _ => self.take(Role::Data, address)?,
        };
        Ok(*self.data.insert(proof))
    }

    /// The memory's root after the step; refuses unused bytes.
    const fn finish(self) -> Result<B256, WitnessError> {
        match self.rest.len() {
            0 => Ok(self.root),
            surplus => Err(WitnessError::Long { surplus }),
        }
    }
}

impl<K: Keccak> Memory for WitnessMemory<'_, K> {
    type Error = WitnessError;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, WitnessError> {
        Ok(word_of(&self.take(Role::Instruction, address)?.node(), address))
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, WitnessError> {
        Ok(word_of(&self.data(address)?.node(), address))
    }

    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), WitnessError> {
        let old = self.data(address)?;
        let new = old.with_node(with_word(old.node(), address, value));
        self.root = new.memory_root::<K>();
        self.data = Some(new);
        Ok(())
    }
}
