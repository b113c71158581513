//! Attention of a few query heads that share a cache head: the cache is read as it lies there.

use opml_kernels::math::float;
use opml_kernels::row::{BLOCK, BLOCK_WORDS};
use opml_operator::geometry::Cache;

use super::matmul::put;
use super::sums::CHUNK;
use crate::block::Block;
use crate::isa::{Isa, LANES, Work};

/// Most query heads that are worked on together.
pub const FEW: usize = 4;

/// Rows of a cache, as query heads over one of its heads see them.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// All positions that are filled.
    words: &'a [u32],
    /// Words from one position to the next.
    pitch: usize,
    /// First block of the head in a row.
    first: usize,
    /// Blocks of a head.
    count: usize,
    /// Blocks of a row.
    blocks: usize,
}

impl<'a> Rows<'a> {
    /// Rows of `words` as query head `head` sees them.
    pub fn new(cache: &Cache, head: u32, words: &'a [u32]) -> Self {
        let count = cache.head as usize / BLOCK;
        let kv_head = (head / (cache.heads / cache.kv_heads)) as usize;
        let pitch = 1 << (cache.row_log2 - 2);
        Self {
            words: &words[..cache.filled as usize * pitch],
            pitch,
            first: kv_head * count,
            count,
            blocks: count * cache.kv_heads as usize,
        }
    }

    /// Positions.
    fn filled(&self) -> usize {
        self.words.len() / self.pitch
    }

    /// Where in a row the bytes of a block of the head are, and its scale.
    fn place(&self, block: usize) -> (usize, usize) {
        let block = self.first + block;
        (block * BLOCK_WORDS, self.blocks * BLOCK_WORDS + block)
    }
}

/// Scores of query heads at all positions that are filled.
pub struct FewScores<'a, 'b> {
    /// The keys.
    pub keys: Rows<'a>,
    /// Blocks of the query heads, at most [`FEW`].
    pub queries: &'a [Vec<Block>],
    /// Bits of the number that scores are multiplied by.
    pub scale: u32,
    /// For each query head a word a position.
    pub out: &'a mut [&'b mut [u32]],
}

impl Work for FewScores<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        match self.queries.len() {
            1 => self.each::<I, 1>(isa),
            2 => self.each::<I, 2>(isa),
            3 => self.each::<I, 3>(isa),
            _ => self.each::<I, FEW>(isa),
        }
    }
}

impl FewScores<'_, '_> {
    #[inline(always)]
    fn each<I: Isa, const N: usize>(self, isa: I) {
        let Self { keys, queries, out, .. } = self;
        let Some(queries) = queries.as_array::<N>() else { return };
        let scale = isa.splat(float(self.scale));
        let filled = keys.filled();
        for first in (0..filled).step_by(LANES) {
            let group = &keys.words[first * keys.pitch..];
            let last = (filled - first).min(LANES) - 1;
            let mut sums = [isa.splat(0.0); N];
            for block in 0..keys.count {
                let (bytes, unit) = keys.place(block);
                let mut rows = [&[0; BLOCK_WORDS]; LANES];
                let mut units = [0; LANES];
                for ((row, place), number) in rows.iter_mut().zip(&mut units).zip(0..) {
                    // Lanes behind the last position do its work again.
                    let words = &group[last.min(number) * keys.pitch..];
                    *place = words[unit];
                    if block == 0 {
                        isa.fetch_behind(&words[bytes..]);
                        isa.fetch_behind(&words[unit..]);
                    }
                    let Some(block) = words[bytes..].first_chunk() else { return };
                    *row = block;
                }
                let (rows, units) = (isa.gather(&rows), isa.numbers(&units));
                for (sum, query) in sums.iter_mut().zip(queries) {
                    let x = &query[block];
                    let product = isa.to_numbers(isa.dots(&rows, x));
                    let scale = isa.mul(units, isa.splat(x.scale));
                    *sum = isa.add(*sum, isa.mul(product, scale));
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                put(isa, isa.mul(sum, scale), &mut out[first..=first + last]);
            }
        }
    }
}

/// Mixed values of query heads.
pub struct FewMixed<'a, 'b> {
    /// The values.
    pub values: Rows<'a>,
    /// Probabilities of all positions that are filled, for each query head; at most [`FEW`].
    pub p: &'a [&'a [u32]],
    /// For each query head its elements; may be fewer than it has.
    pub out: &'a mut [&'b mut [u32]],
}

impl Work for FewMixed<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        match self.p.len() {
            1 => self.each::<I, 1>(isa),
            2 => self.each::<I, 2>(isa),
            3 => self.each::<I, 3>(isa),
            _ => self.each::<I, FEW>(isa),
        }
    }
}

impl FewMixed<'_, '_> {
    #[inline(always)]
    fn each<I: Isa, const N: usize>(self, isa: I) {
        let Self { values, p, out } = self;
        let Some(p) = p.as_array::<N>() else { return };
        for block in 0..values.count {
            let sums = block_sums::<I, N>(isa, values, p, block);
            for (out, sums) in out.iter_mut().zip(sums) {
                let out = out.get_mut(block * BLOCK..).unwrap_or_default();
                let count = out.len().min(BLOCK);
                for (out, sums) in out[..count].chunks_mut(LANES).zip(sums) {
                    put(isa, sums, out);
                }
            }
        }
    }
}

/// One block of every query head.
#[inline(always)]
fn block_sums<I: Isa, const N: usize>(
    isa: I,
    values: Rows<'_>,
    p: &[&[u32]; N],
    block: usize,
) -> [[I::Numbers; 2]; N] {
    let (bytes, unit) = values.place(block);
    let zero = isa.splat(0.0);
    let mut sums = [[zero; 2]; N];
    let mut units = [0.0; CHUNK];
    let mut weights = [[0.0; CHUNK]; N];
    for (chunk, words) in values.words.chunks(CHUNK * values.pitch).enumerate() {
        let start = chunk * CHUNK;
        for (place, words) in units.iter_mut().zip(words.chunks_exact(values.pitch)) {
            *place = float(words[unit]);
            if block == 0 {
                isa.fetch_behind(&words[bytes..]);
                isa.fetch_behind(&words[unit..]);
            }
        }
        for (weights, p) in weights.iter_mut().zip(p) {
            for ((weight, p), unit) in weights.iter_mut().zip(&p[start..]).zip(&units) {
                *weight = float(*p) * *unit;
            }
        }
        let mut partial = [[zero; 2]; N];
        for (position, words) in words.chunks_exact(values.pitch).enumerate().take(CHUNK) {
            let Some(words) = words[bytes..].first_chunk::<BLOCK_WORDS>() else { break };
            let [low, high] = words.as_chunks().0 else { break };
            let value = [isa.to_numbers(isa.bytes(low)), isa.to_numbers(isa.bytes(high))];
            for (sums, weights) in partial.iter_mut().zip(&weights) {
                let weight = isa.splat(weights[position]);
                for (sum, value) in sums.iter_mut().zip(value) {
                    *sum = isa.add(*sum, isa.mul(weight, value));
                }
            }
        }
        for (sums, partial) in sums.iter_mut().zip(partial) {
            *sums = [isa.add(sums[0], partial[0]), isa.add(sums[1], partial[1])];
        }
    }
    sums
}
