//! Attention over a cache of quantized keys and values.

use opml_kernels::math::{float, store};
use opml_kernels::row::{BLOCK, BLOCK_WORDS};
use opml_operator::geometry::{Cache, Mix, Scores};

use super::sums::CHUNK;
use crate::block::Block;
use crate::isa::{Isa, LANES, Work};

/// Scores of one query head at adjacent positions, all of them filled.
pub struct ScoresWork<'a> {
    /// Geometry.
    pub shape: &'a Scores,
    /// Query head.
    pub head: u32,
    /// First position.
    pub first: usize,
    /// Blocks of the query head.
    pub query: &'a [Block],
    /// The cache.
    pub keys: &'a [u32],
    /// A word a position.
    pub out: &'a mut [u32],
}

impl Work for ScoresWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let cache = View::new(&self.shape.cache, self.head, self.keys);
        let scale = float(self.shape.scale);
        for (out, position) in self.out.iter_mut().zip(self.first..) {
            let (integers, scales) = cache.row(position);
            let mut sum = 0.0;
            for ((words, unit), query) in integers.iter().zip(scales).zip(self.query) {
                let product = isa.dot(words, query) as f32;
                sum += product * (float(*unit) * query.scale);
            }
            *out = store(sum * scale);
        }
    }
}

/// Mixed values of one block of a head.
pub struct MixWork<'a> {
    /// Geometry.
    pub shape: &'a Mix,
    /// Query head.
    pub head: u32,
    /// Block of the head.
    pub block: usize,
    /// Probabilities of the positions that are filled.
    pub p: &'a [u32],
    /// The cache.
    pub values: &'a [u32],
    /// Elements of the block.
    pub out: &'a mut [u32; BLOCK],
}

impl Work for MixWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let cache = View::new(&self.shape.cache, self.head, self.values);
        let zero = isa.splat(0.0);
        let mut sums = [zero; 2];
        for (chunk, p) in self.p.chunks(CHUNK).enumerate() {
            let mut partial = [zero; 2];
            for (position, p) in (chunk * CHUNK..).zip(p) {
                let (integers, scales) = cache.row(position);
                let weight = isa.splat(float(*p) * float(scales[self.block]));
                let halves = integers[self.block].as_chunks().0;
                for (sum, bytes) in partial.iter_mut().zip(halves) {
                    let value = isa.to_numbers(isa.bytes(bytes));
                    *sum = isa.add(*sum, isa.mul(weight, value));
                }
            }
            sums = [isa.add(sums[0], partial[0]), isa.add(sums[1], partial[1])];
        }
        for (out, sum) in self.out.as_chunks_mut::<LANES>().0.iter_mut().zip(sums) {
            *out = isa.store(sum);
        }
    }
}

/// Rows of a cache, as one query head sees them.
pub struct View<'a> {
    words: &'a [u32],
    /// Words from one position to the next, as a power of two.
    row_log2: u32,
    /// First block of the head in a row.
    first: usize,
    /// Blocks of a head.
    count: usize,
    /// Blocks of a row.
    blocks: usize,
}

impl<'a> View<'a> {
    #[inline(always)]
    pub fn new(cache: &Cache, head: u32, words: &'a [u32]) -> Self {
        let count = cache.head as usize / BLOCK;
        let kv_head = (head / (cache.heads / cache.kv_heads)) as usize;
        Self {
            words,
            row_log2: u32::from(cache.row_log2) - 2,
            first: kv_head * count,
            count,
            blocks: count * cache.kv_heads as usize,
        }
    }

    /// Integers and scales of the head's blocks.
    #[inline(always)]
    pub fn row(&self, position: usize) -> (&'a [[u32; BLOCK_WORDS]], &'a [u32]) {
        let row = &self.words[position << self.row_log2..];
        let (integers, scales) = row.split_at(self.blocks * BLOCK_WORDS);
        let range = self.first..self.first + self.count;
        (&integers.as_chunks().0[range.clone()], &scales[range])
    }
}
