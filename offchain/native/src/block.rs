//! Activations, prepared for products with many weight rows.

use opml_kernels::row::{BLOCK_WORDS, Row};

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

/// Sum of signed bytes: as bytes that are 128 more each, four at a time in 16 bits.
#[inline]
fn total(words: &[u32; BLOCK_WORDS]) -> i32 {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let mut sums = 0;
    for [low, high] in words.as_chunks::<2>().0 {
        let bytes = (u64::from(*low) | u64::from(*high) << 32) ^ 0x8080_8080_8080_8080;
        // Eight sums of two bytes in each 16 bits, at most 2,040 in all.
        sums += (bytes & EVEN) + (bytes >> 8 & EVEN);
    }
    let total = sums.wrapping_mul(0x0001_0001_0001_0001) >> 48;
    total as i32 - 128 * 4 * BLOCK_WORDS as i32
}

impl Block {
    /// 32 zeros.
    pub const ZERO: Self = Self { words: [0; BLOCK_WORDS], start: 0, total: 0.0, scale: 0.0 };

    /// Of these integers, for codes that are `zero` more than theirs.
    #[inline]
    pub fn new(words: &[u32; BLOCK_WORDS], scale: f32, zero: i32) -> Self {
        let total = total(words);
        Self { words: *words, start: -zero * total, total: total as f32, scale }
    }
}

#[cfg(test)]
mod tests {
    use opml_kernels::row::bytes;

    #[test]
    fn totals_are_sums_of_bytes() {
        let mut words = [0x8080_8080; 8];
        let mut state = 1_u32;
        for _ in 0..1000 {
            let expected = words.iter().flat_map(|word| bytes(*word)).sum::<i32>();
            assert_eq!(super::total(&words), expected, "{words:x?}");
            words = words.map(|_| {
                state = state.wrapping_mul(0x9e37_79b1).wrapping_add(0x7f4a_7c15);
                state ^ state >> 15
            });
        }
        assert_eq!(super::total(&[0x7f7f_7f7f; 8]), 32 * 127);
    }
}
