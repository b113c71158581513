//! The graph machine's state as bytes, and its hash.
//!
//! ```text
//! 0   memory root  32 bytes   root of 2^40 bytes
//! 32  pc           u32        all numbers big-endian, as Solidity packs them
//! 36  tile         u32
//! 40  iteration    u32
//! 44  status       u32        0 running, 1 halted, 2 failed
//! ```

use alloy_primitives::B256;
use thiserror::Error;

use crate::keccak::Keccak;

/// Length of an encoded state.
pub const GRAPH_STATE_BYTES: usize = 48;

/// Domain tag of a state hash: the ASCII text, zero-padded to a word.
const TAG: &[u8; 32] = b"opml.graph.state.v1\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Whether the machine runs. Halted and failed states are their own successors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GraphStatus {
    /// Has a successor that differs from it.
    Running = 0,
    /// The program came to its end; the output region holds the result.
    Halted = 1,
    /// A step could not be executed, or its run did not exit with code 0. The result is empty.
    Failed = 2,
}

impl GraphStatus {
    /// The number in the encoding.
    pub const fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u32) -> Option<Self> {
        [Self::Running, Self::Halted, Self::Failed]
            .into_iter()
            .find(|status| u32::from(status.code()) == code)
    }
}

/// A complete state of the graph machine.
///
/// Every combination of values is a state and has a successor: a pc without a descriptor, or a tile
/// that the operator does not have, leads to the failed state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GraphState {
    /// Root of the 2^40 bytes of memory.
    pub memory_root: B256,
    /// Number of the operator in the program table.
    pub pc: u32,
    /// Tile of the operator that is computed next.
    pub tile: u32,
    /// Iteration of the loop, from 0.
    pub iteration: u32,
    /// Whether the machine runs.
    pub status: GraphStatus,
}

/// Why bytes are not the encoding of a graph state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GraphStateError {
    /// Not [`GRAPH_STATE_BYTES`] bytes.
    #[error("a graph state has {GRAPH_STATE_BYTES} bytes, {actual} were given")]
    Length {
        /// Bytes given.
        actual: usize,
    },
    /// No such status.
    #[error("status {status} names no graph state")]
    Status {
        /// The status word found.
        status: u32,
    },
}

impl GraphState {
    /// Operator 0, tile 0, iteration 0, running over the memory with this root.
    pub const fn start(memory_root: B256) -> Self {
        Self { memory_root, pc: 0, tile: 0, iteration: 0, status: GraphStatus::Running }
    }

    /// The same state with status failed: the defined result of a step that cannot be executed.
    #[must_use]
    pub const fn failed(self) -> Self {
        Self { status: GraphStatus::Failed, ..self }
    }

    /// The encoding.
    pub fn encode(&self) -> [u8; GRAPH_STATE_BYTES] {
        let words = [self.pc, self.tile, self.iteration, self.status.code().into()];
        let mut bytes = [0; GRAPH_STATE_BYTES];
        let (root, rest) = bytes.split_at_mut(32);
        root.copy_from_slice(self.memory_root.as_slice());
        for (place, word) in rest.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }

    /// Parses an encoding; every state has exactly one.
    #[inline(never)]
    pub fn decode(bytes: &[u8]) -> Result<Self, GraphStateError> {
        let bytes: &[u8; GRAPH_STATE_BYTES] =
            bytes.try_into().map_err(|_| GraphStateError::Length { actual: bytes.len() })?;
        let (root, rest) = bytes.split_at(32);
        let mut words = rest.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        let mut next = || words.next().unwrap_or_default();
        let (pc, tile, iteration, status) = (next(), next(), next(), next());
        let status = GraphStatus::from_code(status).ok_or(GraphStateError::Status { status })?;
        Ok(Self { memory_root: B256::from_slice(root), pc, tile, iteration, status })
    }

    /// `keccak256(tag || encoding)`.
    #[inline(never)]
    pub fn hash<K: Keccak>(&self) -> B256 {
        let mut bytes = [0; 32 + GRAPH_STATE_BYTES];
        let (tag, state) = bytes.split_at_mut(32);
        tag.copy_from_slice(TAG);
        state.copy_from_slice(&self.encode());
        K::keccak256(&bytes)
    }
}
