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

/// Root of a memory in which `region` has the root `node` and the surroundings that `path` gives.
pub fn root_of<K: Keccak>(region: Region, node: B256, path: Path<'_>) -> B256 {
    let mut index = region.index();
    let mut node = node;
    for sibling in path.siblings {
        let sibling = B256::new(*sibling);
        node = if index & 1 == 0 { K::node(&node, &sibling) } else { K::node(&sibling, &node) };
        index >>= 1;
    }
    node
}

/// Checks that `region` has the root `node` in the memory with root `root`.
pub fn verify<K: Keccak>(
    root: B256,
    region: Region,
    node: B256,
    path: Path<'_>,
) -> Result<(), PathError> {
    let computed = root_of::<K>(region, node, path);
    if computed == root { Ok(()) } else { Err(PathError::WrongRoot { expected: root, computed }) }
}

/// Root of the memory after `region`'s root changes from `old` to `new`; checks `old` first.
pub fn replace<K: Keccak>(
    root: B256,
    region: Region,
    old: B256,
    new: B256,
    path: Path<'_>,
) -> Result<B256, PathError> {
    verify::<K>(root, region, old, path)?;
    Ok(root_of::<K>(region, new, path))
}
