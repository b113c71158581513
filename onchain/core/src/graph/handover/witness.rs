//! What a caller shows of a graph state: nodes with their paths, one behind the other.

use core::fmt;

use alloy_primitives::B256;
use opml_operator::DESCRIPTOR_BYTES;
use thiserror::Error;

use crate::graph::program::{DescriptorBytes, descriptor_root};
use crate::keccak::Keccak;
use crate::merkle::{PathError, Proof, Region};

/// What a part of a handover's witness proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The operator at the state's pc, in the program.
    Descriptor,
    /// The input region of this number, 0 to 7, in the graph memory.
    Input(u8),
    /// The output region in the machine's memory at the end of the run.
    NewOutput,
    /// The output region in the graph memory before the step.
    OldOutput,
    /// The first leaf of the new output region.
    FirstLeaf,
}

impl Part {
    /// The part's number in the ABI.
    pub const fn code(self) -> u8 {
        match self {
            Self::Descriptor => 0,
            Self::Input(number) => number.saturating_add(1),
            Self::NewOutput => 9,
            Self::OldOutput => 10,
            Self::FirstLeaf => 11,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Descriptor => f.write_str("descriptor"),
            Self::Input(number) => write!(f, "input {number}"),
            Self::NewOutput => f.write_str("new output"),
            Self::OldOutput => f.write_str("old output"),
            Self::FirstLeaf => f.write_str("first leaf"),
        }
    }
}

/// Why a caller's proofs do not show a step. Never the fault of committed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HandoverError {
    /// A part is missing or cut short.
    #[error("the {part} needs {needed} bytes, the witness has {available} left")]
    Short {
        /// What it should prove.
        part: Part,
        /// Bytes of the part.
        needed: usize,
        /// Bytes left for it.
        available: usize,
    },
    /// Bytes are left over.
    #[error("{surplus} bytes of the witness are not used")]
    Long {
        /// Bytes left over.
        surplus: usize,
    },
    /// A part does not lead to the root that it is proven against.
    #[error("the proof of the {part} is wrong")]
    Proof {
        /// What it should prove.
        part: Part,
        /// What is wrong with it.
        source: PathError,
    },
    /// A run was given for a step that has none.
    #[error("the step has no run: its successor is direct")]
    NoRun,
}

/// A subtree that a part of the witness must show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subtree {
    /// Which part.
    pub part: Part,
    /// Where it lies.
    pub region: Region,
    /// Root of the memory that it is part of.
    pub root: B256,
}

/// A witness, read from its front. What is read is checked as it is read.
#[derive(Debug)]
pub(super) struct Witness<'a> {
    rest: &'a [u8],
}

impl<'a> Witness<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// A node and its path.
    #[inline(never)]
    pub(super) fn node<K: Keccak>(&mut self, subtree: Subtree) -> Result<Proof<'a>, HandoverError> {
        let node = B256::from_slice(self.take(subtree.part, 32)?);
        self.path::<K>(subtree, node)
    }

    /// A descriptor and its path; returns it with its root.
    pub(super) fn descriptor<K: Keccak>(
        &mut self,
        subtree: Subtree,
    ) -> Result<(&'a DescriptorBytes, B256), HandoverError> {
        let part = subtree.part;
        let bytes = self.take(part, DESCRIPTOR_BYTES)?;
        let short = HandoverError::Short { part, needed: DESCRIPTOR_BYTES, available: bytes.len() };
        let bytes: &DescriptorBytes = bytes.try_into().map_err(|_| short)?;
        let proof = self.path::<K>(subtree, descriptor_root::<K>(bytes))?;
        Ok((bytes, proof.node()))
    }

    /// The end: nothing may be left.
    pub(super) const fn finish(self) -> Result<(), HandoverError> {
        match self.rest.len() {
            0 => Ok(()),
            surplus => Err(HandoverError::Long { surplus }),
        }
    }

    fn path<K: Keccak>(
        &mut self,
        subtree: Subtree,
        node: B256,
    ) -> Result<Proof<'a>, HandoverError> {
        let Subtree { part, region, root } = subtree;
        let path = self.take(part, region.path_len().saturating_mul(32))?;
        let wrong = |source| HandoverError::Proof { part, source };
        let proof = Proof::parse(region, node, path).map_err(wrong)?;
        proof.check::<K>(root).map_err(wrong)?;
        Ok(proof)
    }

    fn take(&mut self, part: Part, needed: usize) -> Result<&'a [u8], HandoverError> {
        let short = HandoverError::Short { part, needed, available: self.rest.len() };
        let (bytes, rest) = self.rest.split_at_checked(needed).ok_or(short)?;
        self.rest = rest;
        Ok(bytes)
    }
}
