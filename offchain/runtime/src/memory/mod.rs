//! The graph machine's memory: 2^40 bytes, of which a few blocks hold something.
//!
//! Blocks are aligned, so each is one subtree; two of them are nested or disjoint, and here always
//! disjoint. Weights are shared and never hashed here; of what a run writes only the pages that
//! changed are hashed.

mod block;

use std::borrow::Cow;
use std::collections::BTreeMap;

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
    /// A program writes to more memory than is allowed.
    #[error("the program writes to {needed} bytes of memory, {limit} are allowed")]
    Limit {
        /// Bytes of the blocks that it writes to.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// Nothing can be written there.
    #[error("the {bytes} bytes at {base:#x} cannot be written")]
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
    blocks: BTreeMap<u64, Block>,
    /// Bytes of the blocks that are written, and the most that are allowed.
    used: u64,
    limit: u64,
}

impl GraphMemory {
    /// Zero memory but for these blocks, in which at most `limit` bytes can be written.
    pub fn new(blocks: Vec<Block>, limit: u64) -> Result<Self, MemoryError> {
        let mut memory = Self { blocks: BTreeMap::new(), used: 0, limit };
        for block in blocks {
            let (base, log2_size) = (block.base(), block.log2_size());
            let around = memory.block(base).map(Block::base);
            let inside = memory.inside(base, log2_size).next().map(Block::base);
            if let Some(first) = around.or(inside) {
                return Err(MemoryError::Overlap { first, second: base });
            }
            memory.insert(block);
        }
        Ok(memory)
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
        for block in self.inside(base, log2_size) {
            let first = usize::try_from((block.base() - base) / 4).unwrap_or(usize::MAX);
            for (place, word) in words.iter_mut().skip(first).zip(block.words()) {
                *place = *word;
            }
        }
        Cow::Owned(words)
    }

    /// The `count` words from `base` on; a copy only where some of them are not stored in one block.
    pub fn words_at(&self, base: u64, count: usize) -> Cow<'_, [u32]> {
        if let Some(block) = self.block(base) {
            let first = usize::try_from((base - block.base()) / 4).unwrap_or(usize::MAX);
            let stored = block.words().get(first..).and_then(|words| words.get(..count));
            if let Some(words) = stored {
                return Cow::Borrowed(words);
            }
        }
        let end = base.saturating_add(count as u64 * 4);
        let mut words = vec![0; count];
        let around = self.block(base).map_or(base, Block::base);
        for (_, block) in self.blocks.range(around..end) {
            let place = |address: u64| usize::try_from(address / 4).unwrap_or(usize::MAX);
            let (from, to) = (block.base().saturating_sub(base), base.saturating_sub(block.base()));
            let rest = block.words().get(place(to)..).unwrap_or_default();
            for (word, stored) in words.iter_mut().skip(place(from)).zip(rest) {
                *word = *stored;
            }
        }
        Cow::Owned(words)
    }

    /// Stores the words of `area`, so that writing them cannot fail.
    pub fn make_room(&mut self, area: Area) -> Result<(), MemoryError> {
        self.reserve(area.base(), area.log2_size()).map(drop)
    }

    /// The `count` words from `base` on, to be overwritten, if one block to write to stores them.
    pub fn stored_mut(&mut self, base: u64, count: usize) -> Option<&mut [u32]> {
        let (_, block) = self.blocks.range_mut(..=base).next_back()?;
        let offset = base - block.base();
        if block.contains(base) { block.write(offset, count) } else { None }
    }

    /// All words of `area`, to be overwritten. Makes room for them first.
    pub fn write(&mut self, area: Area) -> Result<&mut [u32], MemoryError> {
        let (base, bytes) = (area.base(), area.bytes());
        let refused = MemoryError::NotWritable { base, bytes };
        let count = usize::try_from(bytes / 4).map_err(|_| refused)?;
        let key = self.reserve(base, area.log2_size())?;
        let block = self.blocks.get_mut(&key).ok_or(refused)?;
        block.write(base - key, count).ok_or(refused)
    }

    /// Takes the block that stores the whole region out of the memory, so that it can be written while
    /// the rest is read. [`Self::put_back`] is what must follow.
    pub fn take_out(&mut self, area: Area) -> Result<Block, MemoryError> {
        let (base, bytes) = (area.base(), area.bytes());
        let key = self.reserve(base, area.log2_size())?;
        self.remove(key).ok_or(MemoryError::NotWritable { base, bytes })
    }

    /// Returns what [`Self::take_out`] has taken.
    pub fn put_back(&mut self, block: Block) {
        self.insert(block);
    }

    /// Base of a block that stores the whole region, which is made if there is none.
    fn reserve(&mut self, base: u64, log2_size: u8) -> Result<u64, MemoryError> {
        let bytes = 1u64 << log2_size;
        let refused = MemoryError::NotWritable { base, bytes };
        let Some(block) = self.block(base).filter(|block| block.log2_size() >= log2_size) else {
            return self.make_block(base, log2_size);
        };
        if !block.is_working() {
            return Err(refused);
        }
        let key = block.base();
        let needed = base - key + bytes;
        let more = needed.saturating_sub(block.working_bytes());
        if more > 0 {
            self.expect_room(more)?;
            if let Some(mut block) = self.remove(key) {
                block.grow(usize::try_from(needed).map_err(|_| refused)?);
                self.insert(block);
            }
        }
        Ok(key)
    }

    /// A block for a region of which no block holds all; those inside become part of it.
    fn make_block(&mut self, base: u64, log2_size: u8) -> Result<u64, MemoryError> {
        let log2_size = log2_size.max(PAGE_LOG2);
        let key = base >> log2_size << log2_size;
        let bytes = 1u64 << log2_size;
        let refused = MemoryError::NotWritable { base, bytes };
        if self.inside(key, log2_size).any(|block| !block.is_working()) {
            return Err(refused);
        }
        let inside: Vec<u64> = self.inside(key, log2_size).map(Block::base).collect();
        self.expect_room(bytes)?;
        let mut made = Block::working(key, log2_size, usize::try_from(bytes).map_err(|_| refused)?);
        for nested in inside {
            let Some(block) = self.remove(nested) else { continue };
            let words = block.words();
            made.write(nested - key, words.len()).ok_or(refused)?.copy_from_slice(words);
        }
        self.insert(made);
        Ok(key)
    }

    fn insert(&mut self, block: Block) {
        self.used += block.working_bytes();
        self.blocks.insert(block.base(), block);
    }

    fn remove(&mut self, base: u64) -> Option<Block> {
        let block = self.blocks.remove(&base)?;
        self.used -= block.working_bytes();
        Some(block)
    }

    fn expect_room(&self, more: u64) -> Result<(), MemoryError> {
        let Self { used, limit, .. } = *self;
        let needed = used.saturating_add(more);
        if needed <= limit { Ok(()) } else { Err(MemoryError::Limit { needed, limit }) }
    }

    /// Hashes what was written since the last call, and gives the memory's root.
    pub fn root(&mut self) -> B256 {
        for block in self.blocks.values_mut() {
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
        if self.inside(base, log2_size).next().is_none() {
            return zero_root(log2_size - 5).unwrap_or_default();
        }
        let half = log2_size - 1;
        FastKeccak::node(&self.node(base, half), &self.node(base + (1 << half), half))
    }

    /// The block that holds an address.
    fn block(&self, address: u64) -> Option<&Block> {
        let (_, block) = self.blocks.range(..=address).next_back()?;
        block.contains(address).then_some(block)
    }

    /// The blocks whose bases lie in a region.
    fn inside(&self, base: u64, log2_size: u8) -> impl Iterator<Item = &Block> {
        self.blocks.range(base..base + (1 << log2_size)).map(|(_, block)| block)
    }
}
