//! Paths: proofs that a region's root is part of a memory.

use alloy_primitives::B256;
use thiserror::Error;

use super::{Region, Space};
use crate::keccak::Keccak;

/// The siblings on the way from a region's root to the memory's root, lowest first, 32 bytes each.
///
/// The length is checked against the region where the path is parsed, never read from the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<'a> {
    siblings: &'a [[u8; 32]],
}

/// Why a path proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// Not exactly one sibling a level.
    #[error("a path of {expected} bytes is needed, {actual} were given")]
    Length {
        /// Bytes that the region's depth asks for.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// The path leads to another root.
    #[error("the path leads to root {computed}, the memory root is {expected}")]
    WrongRoot {
        /// Root of the agreed memory.
        expected: B256,
        /// Root that node and path lead to.
        computed: B256,
    },
}

impl<'a> Path<'a> {
    /// Parses the path of `region` in `space`; `bytes` must be exactly as long as its depth asks.
    pub fn parse(space: Space, region: Region, bytes: &'a [u8]) -> Result<Self, PathError> {
        let depth = region.path_len(space);
        let (siblings, rest) = bytes.as_chunks::<32>();
        if siblings.len() != depth || !rest.is_empty() {
            let expected = depth.saturating_mul(32);
            return Err(PathError::Length { expected, actual: bytes.len() });
        }
        Ok(Self { siblings })
    }
}

/// A region's root and the path from it: together they lead to the root of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof<'a> {
    /// The region.
    pub region: Region,
    /// Its root.
    pub node: B256,
    /// The siblings up to the memory's root.
    pub path: Path<'a>,
}

impl Proof<'_> {
    /// Root of the memory in which the region has this root and the path's surroundings.
    pub fn memory_root<K: Keccak>(&self) -> B256 {
        let mut index = self.region.index();
        let mut node = self.node;
        for sibling in self.path.siblings {
            let sibling = B256::new(*sibling);
            let (left, right) = if index & 1 == 0 { (node, sibling) } else { (sibling, node) };
            node = K::node(&left, &right);
            index >>= 1;
        }
        node
    }

    /// Checks that the region has this root in the memory with root `expected`.
    pub fn check<K: Keccak>(&self, expected: B256) -> Result<(), PathError> {
        let computed = self.memory_root::<K>();
        if computed == expected { Ok(()) } else { Err(PathError::WrongRoot { expected, computed }) }
    }

    /// The proof of the same region in the memory where its root is replaced by `node`.
    #[must_use]
    pub const fn with_node(self, node: B256) -> Self {
        Self { node, ..self }
    }
}
