//! Quantized rows: activations, keys and values.
//!
//! `n` numbers are `B = ceil(n / 32)` blocks: `32 B` signed bytes, then `B` scales as 32-bit numbers.

use crate::math::float;

/// Numbers in a block.
pub const BLOCK: usize = 32;
/// Words of a block's integers.
pub const BLOCK_WORDS: usize = BLOCK / 4;

/// A quantized row, or some of its blocks.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    integers: &'a [[u32; BLOCK_WORDS]],
    scales: &'a [u32],
}

/// A block of 32: `value[i] = integer[i] * scale`.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Four integers a word, lowest byte first.
    pub words: &'a [u32; BLOCK_WORDS],
    /// The scale.
    pub scale: f32,
}

impl<'a> Row<'a> {
    /// The row of `blocks` blocks at the start of `words`.
    pub fn new(words: &'a [u32], blocks: usize) -> Self {
        let (integers, rest) = words.split_at(blocks * BLOCK_WORDS);
        Self { integers: integers.as_chunks().0, scales: &rest[..blocks] }
    }

    /// `count` blocks from block `first` on.
    #[must_use]
    pub fn part(self, first: usize, count: usize) -> Self {
        let range = first..first + count;
        Self { integers: &self.integers[range.clone()], scales: &self.scales[range] }
    }

    /// Block `index`.
    #[inline]
    pub fn block(self, index: usize) -> Block<'a> {
        Block { words: &self.integers[index], scale: float(self.scales[index]) }
    }

    /// The blocks in order.
    #[inline]
    pub fn blocks(self) -> impl ExactSizeIterator<Item = Block<'a>> {
        let scales = self.scales.iter();
        self.integers.iter().zip(scales).map(|(words, scale)| Block { words, scale: float(*scale) })
    }
}

impl Block<'_> {
    /// 32 zeros.
    pub const ZERO: Self = Self { words: &[0; BLOCK_WORDS], scale: 0.0 };

    /// The integers.
    #[inline]
    pub fn integers(&self) -> [i32; BLOCK] {
        let mut integers = [0; BLOCK];
        for (four, word) in integers.as_chunks_mut::<4>().0.iter_mut().zip(self.words) {
            *four = bytes(*word);
        }
        integers
    }
}

/// The four signed bytes of a word, lowest first.
#[inline]
pub const fn bytes(word: u32) -> [i32; 4] {
    [word as i8 as i32, (word >> 8) as i8 as i32, (word >> 16) as i8 as i32, word as i32 >> 24]
}
