//! A resident page.

use alloy_primitives::B256;
use opml_core::keccak::Keccak;
use opml_core::mips::{Instruction, decode};

use super::page::{PAGE_WORDS, PageIndex, PageTree, Words};

/// Whether a page could be had again if it were dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// As the source, the last snapshot or zero has it.
    None,
    /// Written, and kept by a snapshot as it is now.
    Saved,
    /// Written since the last snapshot.
    Unsaved,
    /// The slot holds no page.
    Unused,
}

/// A page in memory with what is derived from it.
pub(super) struct Slot {
    pub(super) words: Box<Words>,
    /// The page decoded, once something was executed in it.
    pub(super) code: Option<Box<[Instruction; PAGE_WORDS]>>,
    /// The page's inner nodes, once something was proven in it.
    pub(super) tree: Option<PageTree>,
    pub(super) page: PageIndex,
    pub(super) change: Change,
    pub(super) last_used: u64,
    /// One bit a leaf: written since the memory's tree was brought up to date.
    stale: [u64; 2],
}

impl Slot {
    pub(super) fn new(page: PageIndex, words: Box<Words>, now: u64) -> Self {
        let change = Change::None;
        Self { words, code: None, tree: None, page, change, last_used: now, stale: [0; 2] }
    }

    /// Forgets a dropped page.
    pub(super) fn clear(&mut self) {
        (self.code, self.tree, self.stale) = (None, None, [0; 2]);
        self.change = Change::Unused;
    }

    /// Drops what can be derived from the words again. Stale leaves stay marked: the page is then
    /// hashed as a whole.
    pub(super) fn forget_derived(&mut self) {
        (self.code, self.tree) = (None, None);
    }

    /// Can be dropped and had again.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self.change, Change::None | Change::Saved) && !self.is_stale()
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale != [0; 2]
    }

    pub(super) fn mark_all_stale(&mut self) {
        self.stale = [u64::MAX; 2];
    }

    /// Writes a word; true if it is the first since the tree was brought up to date.
    #[inline]
    pub(super) fn put(&mut self, word: usize, value: u32) -> bool {
        let first = self.stale == [0; 2];
        self.words[word % PAGE_WORDS] = value;
        let leaf = word / 8;
        self.stale[(leaf / 64) % 2] |= 1 << (leaf % 64);
        if let Some(code) = &mut self.code {
            code[word % PAGE_WORDS] = decode(value);
        }
        first
    }

    /// The page decoded.
    pub(super) fn decode(&mut self) -> &[Instruction; PAGE_WORDS] {
        let words = &self.words;
        self.code.get_or_insert_with(|| {
            let mut code = Box::new([Instruction::Reserved; PAGE_WORDS]);
            for (instruction, word) in code.iter_mut().zip(words.iter()) {
                *instruction = decode(*word);
            }
            code
        })
    }

    /// Marks the page as hashed; its root, if its inner nodes are kept and so were brought up to
    /// date leaf by leaf.
    pub(super) fn refresh<K: Keccak>(&mut self) -> Option<B256> {
        let stale = std::mem::take(&mut self.stale);
        let tree = self.tree.as_mut()?;
        for leaf in (0..128).filter(|leaf| stale[leaf / 64] >> (leaf % 64) & 1 == 1) {
            tree.update::<K>(&self.words, leaf);
        }
        Some(tree.root())
    }
}
