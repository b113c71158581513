//! Activations, prepared for products with many weight rows.

use opml_kernels::row::{BLOCK_WORDS, Row, bytes};

/// A block of 32 quantized activations, in the forms that instruction sets want.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Four signed bytes a word.
    pub words: [u32; BLOCK_WORDS],
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "the form for AVX2"))]
    /// Bytes 0 and 2 of every word, sign-extended to 16 bits.
    pub even: [u32; BLOCK_WORDS],
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "the form for AVX2"))]
    /// Bytes 1 and 3 of every word, sign-extended to 16 bits.
    pub odd: [u32; BLOCK_WORDS],
    /// Sum of the integers.
    pub total: i32,
    /// Value of one unit.
    pub scale: f32,
}

/// The blocks of a quantized row.
pub fn blocks(row: Row<'_>) -> Vec<Block> {
    row.blocks().map(|block| Block::new(block.words, block.scale)).collect()
}

impl Block {
    #[inline]
    fn new(words: &[u32; BLOCK_WORDS], scale: f32) -> Self {
        let mut total = 0;
        for word in words {
            total += bytes(*word).iter().sum::<i32>();
        }
        let even = words.map(|word| wide(word & 0xff) | wide(word >> 16 & 0xff) << 16);
        let odd = words.map(|word| wide(word >> 8 & 0xff) | wide(word >> 24) << 16);
        Self { words: *words, even, odd, total, scale }
    }
}

/// A signed byte as 16 bits.
#[inline]
fn wide(byte: u32) -> u32 {
    u32::from(i16::from(byte as i8).cast_unsigned())
}
