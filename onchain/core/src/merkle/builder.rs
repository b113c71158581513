//! Roots of bytes, without keeping them.
//!
//! `inline(never)` here and in its neighbours keeps the contract small: a call costs nothing next to a
//! hash.

use core::marker::PhantomData;

use alloy_primitives::B256;

use super::{LEAF_LOG2, MAX_HEIGHT, zero_root};
use crate::keccak::Keccak;

/// Levels of the highest tree, its leaves and its root included.
const LEVELS: usize = 36;

/// Hashes a subtree from left to right: nodes of one height are pushed in address order, what is not
/// pushed is zero. Keeps one node a level, however many are pushed.
#[derive(Clone, Debug)]
pub struct RootBuilder<K> {
    /// Height of the nodes pushed above the leaves.
    base: u8,
    /// Nodes pushed.
    count: u64,
    /// At level `l` above the base, where bit `l` of `count` is set: the complete subtree that waits
    /// for its right sibling.
    waiting: [B256; LEVELS],
    keccak: PhantomData<K>,
}

impl<K: Keccak> RootBuilder<K> {
    /// Nothing pushed yet; nodes of `2^log2_size` bytes will be, at least a leaf each.
    pub const fn new(log2_size: u8) -> Self {
        let base = log2_size.saturating_sub(LEAF_LOG2);
        Self { base, count: 0, waiting: [B256::ZERO; LEVELS], keccak: PhantomData }
    }

    /// Appends the root of the next `2^log2_size` bytes.
    #[inline(never)]
    pub fn push(&mut self, root: B256) {
        let mut node = root;
        for (level, waiting) in self.waiting.iter_mut().enumerate() {
            if self.count >> level & 1 == 0 {
                *waiting = node;
                break;
            }
            node = K::node(waiting, &node);
        }
        self.count = self.count.saturating_add(1);
    }

    /// Appends bytes as leaves, the last one filled with zeros. For builders of leaves.
    pub fn extend(&mut self, bytes: &[u8]) {
        let (leaves, rest) = bytes.as_chunks::<32>();
        for leaf in leaves {
            self.push(B256::new(*leaf));
        }
        if !rest.is_empty() {
            self.push(B256::right_padding_from(rest));
        }
    }

    /// Root of the `2^log2_size` bytes that begin with what was pushed and are zero behind it; `None`
    /// if more was pushed, or if that is more than the largest memory.
    #[inline(never)]
    pub fn finish(&self, log2_size: u8) -> Option<B256> {
        let height = log2_size.checked_sub(LEAF_LOG2).filter(|height| *height <= MAX_HEIGHT)?;
        let levels = height.checked_sub(self.base)?;
        if self.count >> levels != 0 {
            let full = self.count == 1 << levels;
            return self.waiting.get(usize::from(levels)).copied().filter(|_| full);
        }
        // The partial subtree right of everything that waits; `None` while it is all zero.
        let mut partial: Option<B256> = None;
        for (level, waiting) in (0..levels).zip(&self.waiting) {
            let zero = zero_root(self.base.saturating_add(level))?;
            partial = match partial {
                _ if self.count >> level & 1 == 1 => {
                    Some(K::node(waiting, &partial.unwrap_or(zero)))
                }
                Some(node) => Some(K::node(&node, &zero)),
                None => None,
            };
        }
        partial.or_else(|| zero_root(height))
    }
}

/// Root of the `2^to` bytes that begin with the subtree `root` of `2^from` bytes and are zero behind
/// it; `None` where `from` is below a leaf, or `to` below `from` or beyond the largest memory.
#[inline(never)]
pub fn lift<K: Keccak>(root: B256, from: u8, to: u8) -> Option<B256> {
    let (bottom, top) = (from.checked_sub(LEAF_LOG2)?, to.checked_sub(LEAF_LOG2)?);
    if top < bottom || top > MAX_HEIGHT {
        return None;
    }
    (bottom..top).try_fold(root, |node, height| Some(K::node(&node, &zero_root(height)?)))
}
