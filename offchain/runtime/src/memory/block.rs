//! Blocks: aligned parts of the memory that hold something.

use std::borrow::Cow;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_vm::memory::{PAGE_BYTES, Words, page_roots};

use crate::tree::{SparseTree, words_root};
use crate::words::SharedWords;

/// Words of a page.
pub const PAGE_WORDS: usize = PAGE_BYTES / 4;
/// Bytes of a page, as a power of two.
pub const PAGE_LOG2: u8 = 12;

/// An aligned region of `2^log2_size` bytes, at least a page, whose first words are stored. The rest
/// is zero.
#[derive(Clone, Debug)]
pub struct Block {
    base: u64,
    log2_size: u8,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Known by its tree, and never written: weights, which are checked when they are proven, and
    /// the request.
    Fixed { words: SharedWords, tree: Arc<SparseTree> },
    /// What a run writes; shared with copies of the machine until one of them writes.
    Working { words: Arc<Vec<u32>>, tree: Arc<SparseTree>, stale: Stale },
}

/// Levels of the tree inside a page: its 128 leaves to its root.
const PAGE_LEVELS: u8 = 7;

/// The tree of `2^height` pages of which the first ones have these roots.
pub fn page_tree(height: u8, roots: &[B256]) -> SparseTree {
    SparseTree::new(height, PAGE_LEVELS, roots)
}

/// Pages written since they were last hashed.
#[derive(Clone, Debug)]
struct Stale {
    pages: Vec<bool>,
}

impl Block {
    /// A block of weights.
    pub const fn fixed(
        base: u64,
        log2_size: u8,
        words: SharedWords,
        tree: Arc<SparseTree>,
    ) -> Self {
        Self { base, log2_size, content: Content::Fixed { words, tree } }
    }

    /// A block that begins with these bytes, hashed now, and is never written.
    pub fn constant(base: u64, log2_size: u8, bytes: &[u8]) -> Self {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(PAGE_BYTES), 0);
        let words = SharedWords::from_bytes(&padded);
        let pages: &[Words] = words.as_chunks().0;
        let roots = page_roots(&pages.iter().collect::<Vec<_>>());
        let tree = page_tree(log2_size - PAGE_LOG2, &roots);
        Self::fixed(base, log2_size, words, tree.into())
    }

    /// A block to write to, zero, of which the first `bytes` are stored.
    pub fn working(base: u64, log2_size: u8, bytes: usize) -> Self {
        let pages = bytes.div_ceil(PAGE_BYTES);
        let tree = Arc::new(page_tree(log2_size - PAGE_LOG2, &[]));
        let stale = Stale { pages: vec![false; pages] };
        let words = Arc::new(vec![0; pages * PAGE_WORDS]);
        Self { base, log2_size, content: Content::Working { words, tree, stale } }
    }

    /// Stores the first `bytes` of a block to write to, or more.
    pub fn grow(&mut self, bytes: usize) {
        if let Content::Working { words, stale, .. } = &mut self.content {
            let pages = bytes.div_ceil(PAGE_BYTES);
            if pages > stale.pages.len() {
                stale.pages.resize(pages, false);
                Arc::make_mut(words).resize(pages * PAGE_WORDS, 0);
            }
        }
    }

    /// Bytes of memory that a run's writes take; none for a fixed block.
    pub fn working_bytes(&self) -> u64 {
        match &self.content {
            Content::Fixed { .. } => 0,
            Content::Working { words, .. } => words.len() as u64 * 4,
        }
    }

    /// Whether it can be written.
    pub const fn is_working(&self) -> bool {
        matches!(self.content, Content::Working { .. })
    }

    /// First byte.
    pub const fn base(&self) -> u64 {
        self.base
    }

    /// Size in bytes, as a power of two.
    pub const fn log2_size(&self) -> u8 {
        self.log2_size
    }

    /// Whether the byte at `address` lies in it.
    pub const fn contains(&self, address: u64) -> bool {
        address >> self.log2_size == self.base >> self.log2_size
    }

    /// The stored words, from the base on.
    pub fn words(&self) -> &[u32] {
        match &self.content {
            Content::Fixed { words, .. } => words,
            Content::Working { words, .. } => words,
        }
    }

    /// Pages of its file that were lost: see [`crate::lost`].
    pub fn lost(&self) -> usize {
        match &self.content {
            Content::Fixed { words, .. } => words.lost(),
            Content::Working { .. } => 0,
        }
    }

    /// `count` words from byte `offset` on; a copy only where some of them are not stored.
    pub fn read(&self, offset: u64, count: usize) -> Cow<'_, [u32]> {
        let words = self.words();
        let first = usize::try_from(offset / 4).unwrap_or(usize::MAX);
        let rest = words.get(first..).unwrap_or_default();
        if let Some(stored) = rest.get(..count) {
            return Cow::Borrowed(stored);
        }
        let mut copy = vec![0; count];
        copy[..rest.len()].copy_from_slice(rest);
        Cow::Owned(copy)
    }

    /// The stored words from byte `offset` on, to be overwritten: `count` of them, or nothing if
    /// this block is fixed or does not store them all.
    pub fn write(&mut self, offset: u64, count: usize) -> Option<&mut [u32]> {
        let Content::Working { words, stale, .. } = &mut self.content else { return None };
        let first = usize::try_from(offset / 4).ok()?;
        let range = first..first.checked_add(count)?;
        let place = Arc::make_mut(words).get_mut(range)?;
        if count > 0 {
            stale.pages[first / PAGE_WORDS..=(first + count - 1) / PAGE_WORDS].fill(true);
        }
        Some(place)
    }

    /// Hashes what was written since the last call.
    pub fn refresh(&mut self) {
        let Content::Working { words, tree, stale } = &mut self.content else { return };
        let numbers: Vec<usize> = stale
            .pages
            .iter()
            .enumerate()
            .filter_map(|(page, stale)| stale.then_some(page))
            .collect();
        if numbers.is_empty() {
            return;
        }
        let pages: &[Words] = words.as_chunks().0;
        let changed: Vec<&Words> = numbers.iter().map(|page| &pages[*page]).collect();
        let updates: Vec<_> = numbers.into_iter().zip(page_roots(&changed)).collect();
        Arc::make_mut(tree).update(&updates);
        stale.pages.fill(false);
    }

    /// Root of the region of `2^log2_size` bytes at `base`, which lies in this block. What was
    /// written must have been hashed.
    pub fn node(&self, base: u64, log2_size: u8) -> B256 {
        let offset = base - self.base;
        match log2_size.checked_sub(PAGE_LOG2) {
            Some(level) => {
                let index = usize::try_from(offset >> log2_size).unwrap_or(usize::MAX);
                self.tree().node(level, index)
            }
            None => words_root(&self.read(offset, 1 << (log2_size - 2)), log2_size),
        }
    }

    fn tree(&self) -> &SparseTree {
        match &self.content {
            Content::Fixed { tree, .. } | Content::Working { tree, .. } => tree,
        }
    }
}
