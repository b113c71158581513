//! Activations, prepared for products with many weight rows.

use opml_kernels::row::{BLOCK_WORDS, Row, bytes};

/// A block of 32 quantized activations.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Four signed bytes a word.
    pub words: [u32; BLOCK_WORDS],
    /// What a sum of products with codes begins with: codes are `zero` more than the integers that they
    /// stand for, so this is `-zero` times the sum of the block's integers.
    pub start: i32,
    /// Sum of the integers; exact.
    pub total: f32,
    /// Value of one unit.
    pub scale: f32,
}

/// The blocks of a quantized row, for weights whose codes are `zero` more than their integers.
pub fn blocks(row: Row<'_>, zero: i32) -> impl ExactSizeIterator<Item = Block> {
    row.blocks().map(move |block| Block::new(block.words, block.scale, zero))
}

impl Block {
    /// 32 zeros.
    pub const ZERO: Self = Self { words: [0; BLOCK_WORDS], start: 0, total: 0.0, scale: 0.0 };

    #[inline]
    fn new(words: &[u32; BLOCK_WORDS], scale: f32, zero: i32) -> Self {
        let mut total = 0;
        for word in words {
            total += bytes(*word).iter().sum::<i32>();
        }
        Self { words: *words, start: -zero * total, total: total as f32, scale }
    }
}
