//! A Merkle memory as its definition reads: leaves in a map, every node by recursion.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::OnceLock;

use alloy_primitives::{B256, keccak256};
use opml_core::mips::{Memory, WordAddr};

/// A memory of `2^(levels + 5)` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NaiveMemory {
    levels: u8,
    /// Leaves that are not zero, by index.
    leaves: BTreeMap<u64, [u8; 32]>,
}

/// `keccak256(left || right)`.
pub fn join(left: B256, right: B256) -> B256 {
    keccak256([left.0, right.0].concat())
}

/// Root of `2^(level + 5)` zero bytes.
pub fn zero(level: u8) -> B256 {
    static ZEROS: OnceLock<Vec<B256>> = OnceLock::new();
    let zeros = ZEROS.get_or_init(|| {
        std::iter::successors(Some(B256::ZERO), |below| Some(join(*below, *below)))
            .take(36)
            .collect()
    });
    zeros[usize::from(level)]
}

impl NaiveMemory {
    /// Zero memory of the MIPS machine.
    pub const fn mips() -> Self {
        Self::new(27)
    }

    /// Zero memory with its leaves `levels` levels below the root.
    pub const fn new(levels: u8) -> Self {
        Self { levels, leaves: BTreeMap::new() }
    }

    /// The leaf `index`.
    pub fn leaf(&self, index: u64) -> [u8; 32] {
        self.leaves.get(&index).copied().unwrap_or_default()
    }

    /// Indices of the leaves that are not zero, ascending.
    pub fn leaves(&self) -> impl Iterator<Item = u64> {
        self.leaves.keys().copied()
    }

    /// Replaces the leaf `index`.
    pub fn set_leaf(&mut self, index: u64, leaf: [u8; 32]) {
        if leaf == [0; 32] {
            self.leaves.remove(&index);
        } else {
            self.leaves.insert(index, leaf);
        }
    }

    /// The little-endian word at `address`, a multiple of four.
    pub fn word(&self, address: u32) -> u32 {
        let at = address as usize % 32;
        let leaf = self.leaf(u64::from(address / 32));
        u32::from_le_bytes([leaf[at], leaf[at + 1], leaf[at + 2], leaf[at + 3]])
    }

    /// Replaces the word at `address`, a multiple of four.
    pub fn set_word(&mut self, address: u32, value: u32) {
        let at = address as usize % 32;
        let mut leaf = self.leaf(u64::from(address / 32));
        leaf[at..at + 4].copy_from_slice(&value.to_le_bytes());
        self.set_leaf(u64::from(address / 32), leaf);
    }

    /// Copies `bytes` to `address` and on, wrapping at 2^32.
    pub fn write(&mut self, address: u32, bytes: &[u8]) {
        let mut at = address;
        for byte in bytes {
            let mut leaf = self.leaf(u64::from(at / 32));
            leaf[at as usize % 32] = *byte;
            self.set_leaf(u64::from(at / 32), leaf);
            at = at.wrapping_add(1);
        }
    }

    /// Root of the memory.
    pub fn root(&self) -> B256 {
        self.node(self.levels, 0)
    }

    /// The `index`-th node `level` levels above the leaves.
    pub fn node(&self, level: u8, index: u64) -> B256 {
        if self.leaves.range(index << level..(index + 1) << level).next().is_none() {
            return zero(level);
        }
        if level == 0 {
            return B256::new(self.leaf(index));
        }
        join(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))
    }

    /// The siblings of that node and of its ancestors below the root, lowest first.
    pub fn path(&self, level: u8, index: u64) -> Vec<B256> {
        (level..self.levels).map(|at| self.node(at, index >> (at - level) ^ 1)).collect()
    }

    /// [`Self::path`] as bytes.
    pub fn path_bytes(&self, level: u8, index: u64) -> Vec<u8> {
        self.path(level, index).iter().flat_map(|hash| hash.0).collect()
    }

    /// The leaf that holds `address` and its path, as a witness has them.
    pub fn proof(&self, address: u32) -> Vec<u8> {
        let index = u64::from(address / 32);
        [self.leaf(index).to_vec(), self.path_bytes(0, index)].concat()
    }
}

impl Memory for NaiveMemory {
    type Error = Infallible;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        Ok(self.word(address.get()))
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        Ok(self.word(address.get()))
    }

    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), Infallible> {
        self.set_word(address.get(), value);
        Ok(())
    }
}
