//! Attention of many query heads over the same cache head.

use opml_kernels::math::float;
use opml_kernels::row::BLOCK;
use opml_operator::geometry::Cache;

use super::attention::View;
use super::columns::{NARROW, Tile, Vectors, WIDE};
use super::matmul::{Blocked as _, Keys, put};
use super::sums::CHUNK;
use crate::block::Block;
use crate::isa::{Isa, LANES, Work};

/// Words of 32 bytes of 16 positions.
const BLOCK_WORDS: usize = 8 * LANES;

/// The keys of one cache head in the arrangement of [`Keys`], 16 positions a group.
pub struct PackedKeys {
    words: Vec<u32>,
    /// Words of a group.
    group_words: usize,
}

impl PackedKeys {
    /// The keys of query head `head` at positions below `cache.filled`; behind them zeros.
    pub fn new(cache: &Cache, head: u32, keys: &[u32]) -> Self {
        let view = View::new(cache, head, keys);
        let blocks = cache.head as usize / BLOCK;
        let group_words = blocks * (BLOCK_WORDS + LANES);
        let filled = cache.filled as usize;
        let mut words = vec![0; filled.div_ceil(LANES) * group_words];
        for (group, first) in words.chunks_exact_mut(group_words).zip((0..).step_by(LANES)) {
            let (bytes, units) = group.split_at_mut(blocks * BLOCK_WORDS);
            for lane in 0..LANES.min(filled - first) {
                let (integers, scales) = view.row(first + lane);
                for (place, word) in bytes.chunks_exact_mut(LANES).zip(integers.as_flattened()) {
                    place[lane] = *word;
                }
                for (place, scale) in units.chunks_exact_mut(LANES).zip(scales) {
                    place[lane] = *scale;
                }
            }
        }
        Self { words, group_words }
    }
}

/// Scores of many query heads.
pub struct ColumnScores<'a, 'b> {
    /// Keys of the head that they share.
    pub keys: &'a PackedKeys,
    /// Query heads.
    pub queries: &'a Vectors,
    /// Bits of the number that scores are multiplied by.
    pub scale: u32,
    /// For each query a word a position that is filled for it.
    pub out: &'a mut [&'b mut [u32]],
}

impl Work for ColumnScores<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let scale = isa.splat(float(self.scale));
        for (index, out) in self.out.chunks_mut(WIDE).enumerate() {
            match self.queries.tile(index) {
                Tile::Wide(x) => scores::<I, WIDE>(isa, self.keys, x, (scale, out)),
                Tile::Narrow(x) => scores::<I, NARROW>(isa, self.keys, x, (scale, out)),
            }
        }
    }
}

#[inline(always)]
fn scores<I: Isa, const N: usize>(
    isa: I,
    keys: &PackedKeys,
    x: &[[Block; N]],
    (scale, out): (I::Numbers, &mut [&mut [u32]]),
) {
    let mut most = 0;
    for out in &*out {
        most = out.len().max(most);
    }
    let groups = keys.words.chunks_exact(keys.group_words).take(most.div_ceil(LANES));
    for (group, first) in groups.zip((0..).step_by(LANES)) {
        let sums = Keys::sums::<I, N>(isa, group, x);
        for (out, sums) in out.iter_mut().zip(sums) {
            let out = out.get_mut(first..).unwrap_or_default();
            let count = out.len().min(LANES);
            put(isa, isa.mul(sums, scale), &mut out[..count]);
        }
    }
}

/// From one column's weights to the next; not a power of two, so that they do not meet in a cache.
const PITCH: usize = CHUNK + LANES;

/// `p * D` of some columns in a chunk of positions; nothing of a meaning where one is not filled.
type Weights = [[f32; PITCH]];

/// The values of one block of a cache head, as numbers.
struct UnpackedValues {
    /// By position.
    integers: Vec<[u32; BLOCK]>,
    /// By position.
    scales: Vec<f32>,
}

/// One query head's part of [`ColumnMix`].
pub struct Mixed<'a> {
    /// Probabilities of the positions that are filled for it.
    pub p: &'a [u32],
    /// The block's elements; may be fewer than a block has.
    pub out: &'a mut [u32],
}

/// Mixed values of one block of the head that many query heads share.
pub struct ColumnMix<'a, 'b> {
    /// The cache's geometry, with the most positions that are filled for any of them.
    pub cache: &'a Cache,
    /// One of the query heads.
    pub head: u32,
    /// Block of the head.
    pub block: usize,
    /// The cache.
    pub values: &'a [u32],
    /// The query heads.
    pub columns: &'a mut [Mixed<'b>],
}

impl Work for ColumnMix<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let view = View::new(self.cache, self.head, self.values);
        let filled = self.cache.filled as usize;
        let mut values =
            UnpackedValues { integers: vec![[0; BLOCK]; filled], scales: vec![0.0; filled] };
        let places = values.integers.iter_mut().zip(&mut values.scales);
        for (position, (place, scale)) in places.enumerate() {
            let (integers, scales) = view.row(position);
            *scale = float(scales[self.block]);
            let halves = integers[self.block].as_chunks().0;
            for (place, bytes) in place.as_chunks_mut().0.iter_mut().zip(halves) {
                *place = isa.store(isa.to_numbers(isa.bytes(bytes)));
            }
        }
        let mut weights = vec![[0.0; PITCH]; WIDE];
        for columns in self.columns.chunks_mut(WIDE) {
            if columns.len() > NARROW {
                mix::<I, WIDE>(isa, &values, &mut weights, columns);
            } else {
                mix::<I, NARROW>(isa, &values, &mut weights, columns);
            }
        }
    }
}

/// `N` columns at most.
#[inline(always)]
fn mix<I: Isa, const N: usize>(
    isa: I,
    values: &UnpackedValues,
    weights: &mut Weights,
    columns: &mut [Mixed<'_>],
) {
    let Some(weights) = weights.first_chunk_mut::<N>() else { return };
    let zero = isa.splat(0.0);
    let (mut least, mut most) = (usize::MAX, 0);
    for column in &*columns {
        least = column.p.len().min(least);
        most = column.p.len().max(most);
    }
    let mut sums = [[zero; 2]; N];
    for start in (0..most).step_by(CHUNK) {
        let end = (start + CHUNK).min(most);
        let common = least.clamp(start, end);
        for (weights, column) in weights.iter_mut().zip(&*columns) {
            let p = column.p.get(start..).unwrap_or_default();
            let scales = &values.scales[start..end];
            for ((weight, p), scale) in weights.iter_mut().zip(p).zip(scales) {
                *weight = float(*p) * *scale;
            }
        }
        let mut partial = [[zero; 2]; N];
        for (position, value) in values.integers[start..common].iter().enumerate() {
            let value = pair(isa, value);
            for (sums, weights) in partial.iter_mut().zip(&*weights) {
                add(isa, sums, isa.splat(weights[position % CHUNK]), value);
            }
        }
        for ((sums, weights), column) in partial.iter_mut().zip(&*weights).zip(&*columns) {
            for position in common..column.p.len().clamp(common, end) {
                let value = pair(isa, &values.integers[position]);
                add(isa, sums, isa.splat(weights[position - start]), value);
            }
        }
        for (sums, partial) in sums.iter_mut().zip(partial) {
            *sums = [isa.add(sums[0], partial[0]), isa.add(sums[1], partial[1])];
        }
    }
    for (column, sums) in columns.iter_mut().zip(sums) {
        for (out, sums) in column.out.chunks_mut(LANES).zip(sums) {
            put(isa, sums, out);
        }
    }
}

/// Two registers of a block.
#[inline(always)]
fn pair<I: Isa>(isa: I, value: &[u32; BLOCK]) -> [I::Numbers; 2] {
    let [low, high] = value.as_chunks::<LANES>().0 else { return [isa.splat(0.0); 2] };
    [isa.numbers(low), isa.numbers(high)]
}

/// Adds a value, weighted.
#[inline(always)]
fn add<I: Isa>(
    isa: I,
    sums: &mut [I::Numbers; 2],
    weight: I::Numbers,
    [low, high]: [I::Numbers; 2],
) {
    sums[0] = isa.add(sums[0], isa.mul(weight, low));
    sums[1] = isa.add(sums[1], isa.mul(weight, high));
}
