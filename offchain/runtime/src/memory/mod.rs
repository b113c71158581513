//! The graph machine's memory: 2^40 bytes, of which a few blocks hold something.
//!
//! Blocks are aligned, so each is one subtree; two of them are nested or disjoint, and here always
//! disjoint. Weights are shared and never hashed here; of what a run writes only the pages that
//! changed are hashed.

mod block;

use std::borrow::Cow;

use alloy_primitives::B256;
use opml_core::keccak::Keccak as _;
use opml_core::merkle::{Region, zero_root};
use opml_operator::{Area, SPACE_LOG2};
use opml_vm::keccak::FastKeccak;
use thiserror::Error;

pub use block::{Block, PAGE_LOG2, PAGE_WORDS, page_tree};

/// Why a memory cannot be made or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// Two blocks share an address.
    #[error("the blocks at {first:#x} and {second:#x} overlap")]
    Overlap {
        /// Base of one.
        first: u64,
        /// Base of the other.
        second: u64,
    },
    /// Nothing can be written there.
    #[error("no block stores the {bytes} bytes at {base:#x} to be written")]
    NotWritable {
        /// First byte.
        base: u64,
        /// Bytes to write.
        bytes: u64,
    },
}

/// The memory of a graph machine.
#[derive(Clone, Debug)]
pub struct GraphMemory {
    /// By base; disjoint.
    blocks: Vec<Block>,
}

impl GraphMemory {
    /// Zero memory but for these blocks.
    pub fn new(mut blocks: Vec<Block>) -> Result<Self, MemoryError> {
        blocks.sort_by_key(Block::base);
        for pair in blocks.windows(2) {
            if pair[0].contains(pair[1].base()) || pair[1].contains(pair[0].base()) {
                return Err(MemoryError::Overlap { first: pair[0].base(), second: pair[1].base() });
            }
        }
        Ok(Self { blocks })
    }

    /// The first `count` words of `area`; a copy only where some of them are not stored in one
    /// block.
    pub fn read(&self, area: Area, count: usize) -> Cow<'_, [u32]> {
        self.read_region(Region::from(area), count)
    }

    /// [`Self::read`] of any region.
    pub fn read_region(&self, region: Region, count: usize) -> Cow<'_, [u32]> {
        let (base, log2_size) = (region.base(), region.log2_size());
        if let Some(block) = self.block(base)
            && block.log2_size() >= log2_size
        {
            return block.read(base - block.base(), count);
        }
        let mut words = vec![0; count];
        for block in &self.blocks[self.inside(base, log2_size)] {
            let first = usize::try_from((block.base() - base) / 4).unwrap_or(usize::MAX);
            for (place, word) in words.iter_mut().skip(first).zip(block.words()) {
                *place = *word;
            }
        }
        Cow::Owned(words)
    }

    /// All words of `area`, to be overwritten.
    pub fn write(&mut self, area: Area) -> Result<&mut [u32], MemoryError> {
        let (base, bytes) = (area.base(), area.bytes());
        let count = usize::try_from(bytes / 4);
        self.words_mut(base, count.map_err(|_| MemoryError::NotWritable { base, bytes })?)
    }

    /// `count` words from `base` on, to be overwritten.
    pub fn words_mut(&mut self, base: u64, count: usize) -> Result<&mut [u32], MemoryError> {
        let refused = MemoryError::NotWritable { base, bytes: count as u64 * 4 };
        let number = self.block_number(base).ok_or(refused)?;
        let block = &mut self.blocks[number];
        let offset = base - block.base();
        block.write(offset, count).ok_or(refused)
    }

    /// Hashes what was written since the last call, and gives the memory's root.
    pub fn root(&mut self) -> B256 {
        for block in &mut self.blocks {
            block.refresh();
        }
        self.node(0, SPACE_LOG2)
    }

    /// Root of a region. What was written must have been hashed by [`Self::root`].
    pub fn region_root(&self, region: Region) -> B256 {
        self.node(region.base(), region.log2_size())
    }

    /// Siblings of a region up to the memory's root, lowest first. What was written must have been
    /// hashed by [`Self::root`].
    pub fn path(&self, region: Region) -> Vec<B256> {
        (region.log2_size()..SPACE_LOG2)
            .map(|level| self.node((region.base() >> level ^ 1) << level, level))
            .collect()
    }

    fn node(&self, base: u64, log2_size: u8) -> B256 {
        if let Some(block) = self.block(base)
            && block.log2_size() >= log2_size
        {
            return block.node(base, log2_size);
        }
        if self.inside(base, log2_size).is_empty() {
            return zero_root(log2_size - 5).unwrap_or_default();
        }
        let half = log2_size - 1;
        FastKeccak::node(&self.node(base, half), &self.node(base + (1 << half), half))
    }

    /// The block that holds an address.
    fn block(&self, address: u64) -> Option<&Block> {
        self.block_number(address).map(|number| &self.blocks[number])
    }

    fn block_number(&self, address: u64) -> Option<usize> {
        let behind = self.blocks.partition_point(|block| block.base() <= address);
        behind.checked_sub(1).filter(|number| self.blocks[*number].contains(address))
    }

    /// Numbers of the blocks whose bases lie in a region.
    fn inside(&self, base: u64, log2_size: u8) -> std::ops::Range<usize> {
        let first = self.blocks.partition_point(|block| block.base() < base);
        let end = self.blocks.partition_point(|block| block.base() < base + (1 << log2_size));
        first..end
    }
}
