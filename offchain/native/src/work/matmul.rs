//! Weight groups times activations.

use opml_kernels::math::float;
use opml_kernels::row::{BLOCK, BLOCK_WORDS, Row, bytes};
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;

use super::sums::CHUNK;
use crate::backend::Lanes;
use crate::block::{Block, blocks};
use crate::isa::{Isa, LANES, Words, Work};

/// What an integer of `Q4_0` is less than its code.
const Q4_ZERO: i32 = 8;

/// A vector, as the weights' type wants it.
pub enum Activations<'a> {
    /// For quantized weights.
    Blocks(Vec<Block>),
    /// Bits of 32-bit numbers.
    Numbers(&'a [u32]),
}

impl<'a> Activations<'a> {
    /// The vector `x` of a product with `matrix`.
    pub fn new(matrix: &Matrix, x: &'a [u32], lanes: Lanes) -> Self {
        let k = matrix.k as usize;
        if matrix.kind.quantized() {
            let zero = zero(matrix.kind, lanes);
            let row = blocks(Row::new(x, k / BLOCK), zero);
            Self::Blocks(if halved(matrix.kind) {
                row.flat_map(|block| halves(&block, zero)).collect()
            } else {
                row.collect()
            })
        } else {
            Self::Numbers(&x[..k])
        }
    }
}

/// Whether vectors have two blocks for each of the weights': see [`halves`].
pub fn halved(kind: WeightType) -> bool {
    kind == WeightType::Q6_K
}

/// A block's first half with zeros behind it, and zeros with its second half.
pub fn halves(block: &Block, zero: i32) -> [Block; 2] {
    [0, BLOCK_WORDS / 2].map(|first| {
        let mut words = [0; BLOCK_WORDS];
        let range = first..first + BLOCK_WORDS / 2;
        words[range.clone()].copy_from_slice(&block.words[range]);
        let total: i32 = words.iter().flat_map(|word| bytes(*word)).sum();
        Block { words, start: -zero * total, total: total as f32, scale: block.scale }
    })
}

/// What codes of a type are more than the integers that they stand for.
pub fn zero(kind: WeightType, lanes: Lanes) -> i32 {
    match kind {
        WeightType::Q8_0 | WeightType::Q6_K => lanes.bytes_zero(),
        WeightType::Q4_0 => Q4_ZERO,
        WeightType::Q4_1 | WeightType::F16 | WeightType::F32 | WeightType::Q4_K => 0,
    }
}

/// Products of whole groups of weight rows.
pub struct Products<'a> {
    /// Type of the weights.
    pub kind: WeightType,
    /// The groups, one after another.
    pub groups: &'a [u32],
    /// Words of a group.
    pub group_words: usize,
    /// The vector.
    pub x: &'a Activations<'a>,
    /// A word a row; the last group's may be cut off.
    pub out: &'a mut [u32],
}

impl Work for Products<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        match (self.x, self.kind) {
            (Activations::Blocks(x), WeightType::Q8_0) => self.blocks::<I, Q8_0>(isa, x),
            (Activations::Blocks(x), WeightType::Q4_0) => self.blocks::<I, Q4_0>(isa, x),
            (Activations::Blocks(x), WeightType::Q4_K) => self.blocks::<I, Q4_K>(isa, x),
            (Activations::Blocks(x), WeightType::Q6_K) => self.blocks::<I, Q6_K>(isa, x),
            (Activations::Blocks(x), _) => self.blocks::<I, Q4_1>(isa, x),
            (Activations::Numbers(x), WeightType::F16) => self.numbers::<I, F16>(isa, x),
            (Activations::Numbers(x), _) => self.numbers::<I, F32>(isa, x),
        }
    }
}

impl Products<'_> {
    /// A loop and no closures: their bodies would be compiled without the instruction set.
    #[inline(always)]
    fn blocks<I: Isa, F: Blocked>(self, isa: I, x: &[Block]) {
        let x = x.as_chunks().0;
        let groups = self.groups.chunks_exact(self.group_words);
        for (group, out) in groups.zip(self.out.chunks_mut(LANES)) {
            let [sums] = F::sums::<I, 1>(isa, group, x);
            put(isa, sums, out);
        }
    }

    #[inline(always)]
    fn numbers<I: Isa, F: Plain>(self, isa: I, x: &[u32]) {
        let groups = self.groups.chunks_exact(self.group_words);
        for (group, out) in groups.zip(self.out.chunks_mut(LANES)) {
            put(isa, F::sums(isa, group, x), out);
        }
    }
}

/// A block of each of some vectors.
pub trait Column {
    /// That of one of them; `#[inline(always)]`.
    fn lane(&self, lane: usize) -> &Block;
}

impl<const N: usize> Column for &[Block; N] {
    #[inline(always)]
    fn lane(&self, lane: usize) -> &Block {
        &self[lane]
    }
}

/// Weights in blocks.
pub trait Blocked {
    /// The 16 sums of a group for each of `N` vectors, which have a block in every column;
    /// `#[inline(always)]`.
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        columns: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N];

    /// The same for vectors whose blocks lie side by side.
    #[inline(always)]
    fn sums<I: Isa, const N: usize>(isa: I, group: &[u32], x: &[[Block; N]]) -> [I::Numbers; N] {
        Self::over(isa, group, x.iter())
    }
}

/// Weights that are numbers.
pub trait Plain {
    /// The 16 sums of a group; `#[inline(always)]`.
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[u32]) -> I::Numbers;
}

/// Stores as many sums as there is room for.
#[inline(always)]
pub fn put<I: Isa>(isa: I, sums: I::Numbers, out: &mut [u32]) {
    let words = isa.store(sums);
    match out.as_mut_array::<LANES>() {
        Some(out) => *out = words,
        None => out.copy_from_slice(&words[..out.len()]),
    }
}

/// The integers of `N` words a row, block by block, and the words behind them.
#[inline(always)]
fn split<const N: usize>(group: &[u32], count: usize) -> (&[[Words; N]], &[u32]) {
    let (integers, rest) = group.split_at(count * N * LANES);
    (integers.as_chunks::<LANES>().0.as_chunks().0, rest)
}

#[allow(non_camel_case_types, reason = "names of ggml")]
pub struct Q8_0;

impl Blocked for Q8_0 {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let (integers, scales) = split::<8>(group, x.len());
        let mut sums = [isa.splat(0.0); N];
        for ((words, scales), x) in integers.iter().zip(scales.as_chunks().0).zip(x) {
            let bytes = isa.unpack_bytes(words);
            let scales = isa.halves(scales);
            for (lane, sum) in sums.iter_mut().enumerate() {
                let x = x.lane(lane);
                let product = isa.to_numbers(isa.product_bytes(&bytes, x));
                let scale = isa.mul(scales, isa.splat(x.scale));
                *sum = isa.add(*sum, isa.mul(product, scale));
            }
        }
        sums
    }
}

/// Keys of 16 positions, arranged like weights of `Q8_0`, with scales of 32 bits.
pub struct Keys;

impl Blocked for Keys {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let (integers, scales) = split::<8>(group, x.len());
        let mut sums = [isa.splat(0.0); N];
        for ((words, scales), x) in integers.iter().zip(scales.as_chunks().0).zip(x) {
            let bytes = isa.unpack_bytes(words);
            let scales = isa.numbers(scales);
            for (lane, sum) in sums.iter_mut().enumerate() {
                let x = x.lane(lane);
                let product = isa.to_numbers(isa.product_bytes(&bytes, x));
                let scale = isa.mul(scales, isa.splat(x.scale));
                *sum = isa.add(*sum, isa.mul(product, scale));
            }
        }
        sums
    }
}

#[allow(non_camel_case_types, reason = "names of ggml")]
pub struct Q4_0;

impl Blocked for Q4_0 {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let (integers, scales) = split::<4>(group, x.len());
        let mut sums = [isa.splat(0.0); N];
        for ((words, scales), x) in integers.iter().zip(scales.as_chunks().0).zip(x) {
            let codes = isa.unpack_codes(words);
            let scales = isa.halves(scales);
            for (lane, sum) in sums.iter_mut().enumerate() {
                let x = x.lane(lane);
                let product = isa.to_numbers(isa.product_codes(&codes, x));
                let scale = isa.mul(scales, isa.splat(x.scale));
                *sum = isa.add(*sum, isa.mul(product, scale));
            }
        }
        sums
    }
}

#[allow(non_camel_case_types, reason = "names of ggml")]
pub struct Q4_1;

impl Blocked for Q4_1 {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let (integers, halves) = split::<4>(group, x.len());
        let (scales, minimums) = halves.as_chunks().0.split_at(x.len());
        let mut sums = [isa.splat(0.0); N];
        for (((words, scales), minimums), x) in integers.iter().zip(scales).zip(minimums).zip(x) {
            let codes = isa.unpack_codes(words);
            let (scales, minimums) = (isa.halves(scales), isa.halves(minimums));
            for (lane, sum) in sums.iter_mut().enumerate() {
                let x = x.lane(lane);
                let unit = isa.splat(x.scale);
                let product = isa.to_numbers(isa.product_codes(&codes, x));
                let part = isa.mul(product, isa.mul(scales, unit));
                let minimum = isa.mul(minimums, unit);
                let part = isa.add(part, isa.mul(isa.splat(x.total), minimum));
                *sum = isa.add(*sum, part);
            }
        }
        sums
    }
}

/// Blocks of which eight share the numbers that their scales and minimums, bytes, are multiplied by.
#[allow(non_camel_case_types, reason = "names of ggml")]
pub struct Q4_K;

/// Blocks that share their numbers.
const SHARING: usize = 8;

impl Blocked for Q4_K {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let (integers, rest) = split::<4>(group, x.len());
        let (bytes, halves) = rest.split_at(2 * x.len() * LANES / 4);
        let (scales, minimums) = bytes.as_chunks().0.split_at(x.len());
        let (units, steps) = halves.as_chunks().0.split_at(x.len() / SHARING);
        let mut sums = [isa.splat(0.0); N];
        let blocks = integers.iter().zip(scales).zip(minimums).zip(x);
        for (index, (((words, scales), minimums), x)) in blocks.enumerate() {
            let codes = isa.unpack_codes(words);
            let unit = isa.halves(&units[index / SHARING]);
            let step = isa.halves(&steps[index / SHARING]);
            let scales = isa.mul(unit, unsigned(isa, scales));
            let minimums = isa.mul(step, unsigned(isa, minimums));
            for (lane, sum) in sums.iter_mut().enumerate() {
                let x = x.lane(lane);
                let scale = isa.splat(x.scale);
                let product = isa.to_numbers(isa.product_codes(&codes, x));
                let part = isa.mul(product, isa.mul(scales, scale));
                // Adding the negative is subtracting, for every number.
                let less = isa.mul(isa.splat(-x.total), isa.mul(minimums, scale));
                *sum = isa.add(*sum, isa.add(part, less));
            }
        }
        sums
    }
}

/// Blocks whose halves have scales of their own, signed bytes; eight share a number. Vectors have two
/// blocks for each, one a half.
#[allow(non_camel_case_types, reason = "names of ggml")]
pub struct Q6_K;

impl Blocked for Q6_K {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        mut x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let count = x.len() / 2;
        let (integers, rest) = split::<8>(group, count);
        let (bytes, units) = rest.split_at(2 * count * LANES / 4);
        let scales = bytes.as_chunks().0.as_chunks::<2>().0;
        let units = units.as_chunks().0;
        let mut sums = [isa.splat(0.0); N];
        for (index, (words, [one, two])) in integers.iter().zip(scales).enumerate() {
            let Some((first, second)) = x.next().zip(x.next()) else { break };
            let integers = isa.unpack_bytes(words);
            let (one, two) = (isa.bytes(one), isa.bytes(two));
            let unit = isa.halves(&units[index / SHARING]);
            for (lane, sum) in sums.iter_mut().enumerate() {
                let (first, second) = (first.lane(lane), second.lane(lane));
                let a = isa.product_bytes(&integers, first);
                let b = isa.product_bytes(&integers, second);
                let product = isa.to_numbers(isa.weighted([a, b], [one, two]));
                let scale = isa.mul(unit, isa.splat(first.scale));
                *sum = isa.add(*sum, isa.mul(product, scale));
            }
        }
        sums
    }
}

/// Sixteen bytes 0 ..= 255 as numbers; exact.
#[inline(always)]
fn unsigned<I: Isa>(isa: I, words: &[u32; LANES / 4]) -> I::Numbers {
    let signed = isa.bytes(&words.map(|word| word ^ 0x8080_8080));
    isa.add(isa.to_numbers(signed), isa.splat(128.0))
}

/// Weights of 32 bits.
pub struct F32;

impl Plain for F32 {
    #[inline(always)]
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[u32]) -> I::Numbers {
        let weights = group.as_chunks::<LANES>().0;
        let mut sums = isa.splat(0.0);
        for (weights, x) in weights.chunks(CHUNK).zip(x.chunks(CHUNK)) {
            let mut partial = isa.splat(0.0);
            for (weights, x) in weights.iter().zip(x) {
                let product = isa.mul(isa.numbers(weights), isa.splat(float(*x)));
                partial = isa.add(partial, product);
            }
            sums = isa.add(sums, partial);
        }
        sums
    }
}

/// Weights of 16 bits.
pub struct F16;

impl Plain for F16 {
    #[inline(always)]
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[u32]) -> I::Numbers {
        let weights = group.as_chunks::<{ LANES / 2 }>().0;
        let mut sums = isa.splat(0.0);
        for (weights, x) in weights.chunks(CHUNK).zip(x.chunks(CHUNK)) {
            let mut partial = isa.splat(0.0);
            for (weights, x) in weights.iter().zip(x) {
                let product = isa.mul(isa.halves(weights), isa.splat(float(*x)));
                partial = isa.add(partial, product);
            }
            sums = isa.add(sums, partial);
        }
        sums
    }
}
