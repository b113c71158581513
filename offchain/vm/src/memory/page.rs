//! Pages: 4 KiB of memory, their roots and the trees inside them.

use alloy_primitives::B256;
use rayon::prelude::*;

use crate::keccak::{HASH_BYTES, PAIR_BYTES, fold};
use opml_core::keccak::Keccak;

/// Bytes of a page, as a power of two.
pub const PAGE_LOG2: u8 = 12;
/// Bytes of a page.
pub const PAGE_BYTES: usize = 1 << PAGE_LOG2;
/// Words of a page.
pub(crate) const PAGE_WORDS: usize = PAGE_BYTES / 4;
/// Levels of the tree inside a page: its 128 leaves to its root.
pub(crate) const PAGE_LEVELS: u8 = 7;
/// Leaves of a page.
const PAGE_LEAVES: usize = PAGE_BYTES / HASH_BYTES;
/// Pages hashed together: enough to fill every lane up to the page's root.
const BATCH: usize = 16;

/// Number of a page, 0 to 2^20 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageIndex(u32);

impl PageIndex {
    /// The page that holds the byte at `address`.
    #[inline]
    pub const fn containing(address: u32) -> Self {
        Self(address >> PAGE_LOG2)
    }

    /// The page `number` pages from the start of memory; `number` is below 2^20.
    pub(crate) const fn nth(number: u32) -> Self {
        Self(number)
    }

    /// Address of the page's first byte.
    #[inline]
    pub const fn base(self) -> u32 {
        self.0 << PAGE_LOG2
    }

    /// The number.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The words of a page, in address order; each word is the number that a load gives.
pub type Words = [u32; PAGE_WORDS];

/// A page of zeros.
pub(crate) fn zero_page() -> Box<Words> {
    Box::new([0; PAGE_WORDS])
}

/// The bytes of a page.
pub fn page_bytes(words: &Words) -> [u8; PAGE_BYTES] {
    let mut bytes = [0; PAGE_BYTES];
    write_bytes(words, &mut bytes);
    bytes
}

/// The page that has these bytes.
pub fn page_words(bytes: &[u8; PAGE_BYTES]) -> Box<Words> {
    let mut words = zero_page();
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

fn write_bytes(words: &Words, bytes: &mut [u8]) {
    for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
}

/// Root of one page.
pub fn page_root(words: &Words) -> B256 {
    let mut root = [B256::ZERO];
    batch_roots(&[words], &mut root);
    root[0]
}

/// Roots of many pages, on all threads.
pub fn page_roots(pages: &[&Words]) -> Vec<B256> {
    let mut roots = vec![B256::ZERO; pages.len()];
    roots
        .par_chunks_mut(BATCH)
        .zip(pages.par_chunks(BATCH))
        .for_each(|(roots, pages)| batch_roots(pages, roots));
    roots
}

/// Roots of up to [`BATCH`] pages: level by level over all of them, so that the lanes stay full.
fn batch_roots(pages: &[&Words], roots: &mut [B256]) {
    let mut level = vec![0; pages.len() * PAGE_BYTES];
    for (place, page) in level.chunks_exact_mut(PAGE_BYTES).zip(pages) {
        write_bytes(page, place);
    }
    let mut above = vec![0; level.len() / 2];
    for _ in 0..PAGE_LEVELS {
        let nodes = level.len() / PAIR_BYTES;
        above.truncate(nodes * HASH_BYTES);
        fold(&level, &mut above);
        std::mem::swap(&mut level, &mut above);
    }
    for (root, hash) in roots.iter_mut().zip(level.as_chunks::<HASH_BYTES>().0) {
        *root = B256::new(*hash);
    }
}

/// All nodes inside a page, kept up to date leaf by leaf.
#[derive(Clone, Debug)]
pub(crate) struct PageTree {
    /// Node 1 is the root, the children of `n` are `2n` and `2n + 1`; leaves are not stored.
    nodes: Box<[B256; PAGE_LEAVES]>,
}

impl PageTree {
    pub(crate) fn new(words: &Words) -> Self {
        let mut nodes = Box::new([B256::ZERO; PAGE_LEAVES]);
        let mut level = page_bytes(words).to_vec();
        let mut first = PAGE_LEAVES / 2;
        while first > 0 {
            let mut above = vec![0; level.len() / 2];
            fold(&level, &mut above);
            for (node, hash) in nodes[first..].iter_mut().zip(above.as_chunks::<HASH_BYTES>().0) {
                *node = B256::new(*hash);
            }
            (level, first) = (above, first / 2);
        }
        Self { nodes }
    }

    pub(crate) fn root(&self) -> B256 {
        self.nodes[1]
    }

    /// Brings the nodes above one changed leaf up to date.
    pub(crate) fn update<K: Keccak>(&mut self, words: &Words, leaf: usize) {
        let mut node = parent_of_leaf(leaf);
        let (left, right) = (leaf_at(words, leaf & !1), leaf_at(words, leaf | 1));
        self.nodes[node] = K::node(&left, &right);
        while node > 1 {
            node /= 2;
            self.nodes[node] = K::node(&self.nodes[2 * node], &self.nodes[2 * node + 1]);
        }
    }

    /// The siblings from a leaf up to the page's root, lowest first.
    pub(crate) fn siblings(&self, words: &Words, leaf: usize) -> impl Iterator<Item = B256> {
        let first = leaf_at(words, leaf ^ 1);
        let mut node = parent_of_leaf(leaf);
        let inner = std::iter::from_fn(move || {
            let sibling = (node > 1).then(|| self.nodes[node ^ 1]);
            node /= 2;
            sibling
        });
        std::iter::once(first).chain(inner)
    }
}

/// The node above a leaf.
const fn parent_of_leaf(leaf: usize) -> usize {
    PAGE_LEAVES / 2 + leaf / 2
}

/// A leaf of a page, 0 to 127.
pub(crate) fn leaf_at(words: &Words, leaf: usize) -> B256 {
    let mut bytes = B256::ZERO;
    write_bytes_of_leaf(&words[leaf * 8..leaf * 8 + 8], &mut bytes);
    bytes
}

fn write_bytes_of_leaf(words: &[u32], leaf: &mut B256) {
    for (place, word) in leaf.0.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
}
