//! Paths: proofs that a region's root is part of a memory.

use alloy_primitives::B256;
use thiserror::Error;

use super::Region;
use crate::keccak::Keccak;

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

/// A region's root with its path: the siblings on the way up to the memory's root, lowest first.
///
/// The path's length follows from the region where the proof is parsed, never from the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof<'a> {
    region: Region,
    node: B256,
    siblings: &'a [[u8; 32]],
}

impl<'a> Proof<'a> {
    /// The proof that `region` has the root `node`, by the siblings in `path`, 32 bytes each.
    pub fn parse(region: Region, node: B256, path: &'a [u8]) -> Result<Self, PathError> {
        let depth = region.path_len();
        let (siblings, rest) = path.as_chunks::<32>();
        if siblings.len() != depth || !rest.is_empty() {
            let expected = depth.saturating_mul(32);
            return Err(PathError::Length { expected, actual: path.len() });
        }
        Ok(Self { region, node, siblings })
    }

    /// The region.
    pub const fn region(&self) -> Region {
        self.region
    }

    /// Its root; for a leaf, its bytes.
    pub const fn node(&self) -> B256 {
        self.node
    }

    /// Root of the memory in which the region has this root and the path's surroundings.
    #[inline(never)]
    pub fn memory_root<K: Keccak>(&self) -> B256 {
        let mut index = self.region.index();
        let mut node = self.node;
        for sibling in self.siblings {
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
