//! Merkle memory (docs/spec.md, section 1), written out: leaves that are not zero, and subtrees known by their roots.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};

const LEAF_LOG2: u8 = 5;

/// keccak256(left || right).
pub fn join(left: B256, right: B256) -> B256 {
    keccak256([left.0, right.0].concat())
}

/// A sparse memory of `2^log2` bytes.
#[derive(Clone, Debug)]
pub struct Memory {
    log2: u8,
    /// Roots of regions, by log2 of the size and number; regions do not overlap.
    known: BTreeMap<(u8, u64), B256>,
    zeros: Vec<B256>,
}

impl Memory {
    /// All zero.
    pub fn new(log2: u8) -> Self {
        let mut zeros = vec![B256::ZERO; usize::from(LEAF_LOG2) + 1];
        for _ in LEAF_LOG2..log2 {
            let below = zeros[zeros.len() - 1];
            zeros.push(join(below, below));
        }
        Self { log2, known: BTreeMap::new(), zeros }
    }

    /// With this root of the region of `2^log2` bytes at `base`.
    #[must_use]
    pub fn with(mut self, base: u64, log2: u8, root: B256) -> Self {
        self.known.insert((log2, base >> log2), root);
        self
    }

    /// With these bytes at `base`, a multiple of 32, and zeros up to the next one behind.
    #[must_use]
    pub fn with_bytes(self, base: u64, bytes: &[u8]) -> Self {
        bytes.chunks(32).zip(base >> LEAF_LOG2..).fold(self, |memory, (chunk, leaf)| {
            let mut word = [0; 32];
            word[..chunk.len()].copy_from_slice(chunk);
            memory.with(leaf << LEAF_LOG2, LEAF_LOG2, word.into())
        })
    }

    /// Root of the region of `2^log2` bytes with this number.
    pub fn node(&self, log2: u8, number: u64) -> B256 {
        if let Some(root) = self.known.get(&(log2, number)) {
            return *root;
        }
        let inside = |(size, at): &(u8, u64)| *size < log2 && at >> (log2 - size) == number;
        if !self.known.keys().any(inside) {
            return self.zeros[usize::from(log2)];
        }
        join(self.node(log2 - 1, 2 * number), self.node(log2 - 1, 2 * number + 1))
    }

    /// Root of the whole memory.
    pub fn root(&self) -> B256 {
        self.node(self.log2, 0)
    }

    /// Root of a region, then its siblings, lowest first: a part of a witness.
    pub fn part(&self, base: u64, log2: u8) -> Vec<u8> {
        [&self.node(log2, base >> log2).0[..], &self.path(base, log2)].concat()
    }

    /// Siblings of a region, lowest first.
    pub fn path(&self, base: u64, log2: u8) -> Vec<u8> {
        (log2..self.log2).flat_map(|size| self.node(size, base >> size ^ 1).0).collect()
    }
}

/// The memory's root that a region's root and its siblings lead to; none if there are not as many as there are levels.
pub fn climb(root: B256, path: &[u8], base: u64, [log2, memory]: [u8; 2]) -> Option<B256> {
    if path.len() != 32 * usize::from(memory - log2) {
        return None;
    }
    Some(path.chunks(32).zip(log2..).fold(root, |node, (sibling, size)| {
        let sibling = B256::from_slice(sibling);
        if base >> size & 1 == 0 { join(node, sibling) } else { join(sibling, node) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value that the specification gives for checking.
    #[test]
    fn zero_leaves_hash_as_the_specification_says() {
        let expected = "0xad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5";
        assert_eq!(Memory::new(6).root().to_string(), expected);
    }

    #[test]
    fn a_part_leads_to_the_root() {
        let memory =
            Memory::new(40).with_bytes(1 << 39, &[7; 70]).with(0, 39, B256::repeat_byte(3));
        let part = memory.part((1 << 39) + 64, 5);
        let root = climb(B256::from_slice(&part[..32]), &part[32..], (1 << 39) + 64, [5, 40]);
        assert_eq!(root, Some(memory.root()));
    }
}
