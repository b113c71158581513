//! Weight groups times activations.

use opml_kernels::math::float;
use opml_kernels::row::{BLOCK, Row};
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;

use super::sums::CHUNK;
use crate::block::{Block, blocks};
use crate::isa::{Halves, Isa, LANES, Words, Work};

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
    pub fn new(matrix: &Matrix, x: &'a [u32]) -> Self {
        let k = matrix.k as usize;
        if matrix.kind.quantized() {
            Self::Blocks(blocks(Row::new(x, k / BLOCK)))
        } else {
            Self::Numbers(&x[..k])
        }
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
            (Activations::Blocks(x), WeightType::Q8_0) => self.each::<I, Q8_0>(isa, x),
            (Activations::Blocks(x), WeightType::Q4_0) => self.each::<I, Q4_0>(isa, x),
            (Activations::Blocks(x), _) => self.each::<I, Q4_1>(isa, x),
            (Activations::Numbers(x), WeightType::F16) => self.each::<I, F16>(isa, x),
            (Activations::Numbers(x), _) => self.each::<I, F32>(isa, x),
        }
    }
}

impl Products<'_> {
    /// A loop and no closures: their bodies would be compiled without the instruction set.
    #[inline(always)]
    fn each<I: Isa, F: Format>(self, isa: I, x: &[F::X]) {
        let groups = self.groups.chunks_exact(self.group_words);
        for (group, out) in groups.zip(self.out.chunks_mut(LANES)) {
            put(isa, F::sums(isa, group, x), out);
        }
    }
}

/// A type of weights.
trait Format {
    /// What the vector is made of.
    type X;
    /// The 16 sums of a group; `#[inline(always)]`.
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[Self::X]) -> I::Numbers;
}

#[inline(always)]
fn put<I: Isa>(isa: I, sums: I::Numbers, out: &mut [u32]) {
    let words = isa.store(sums);
    out.copy_from_slice(&words[..out.len()]);
}

/// The integers of `N` words a row, block by block, and the halves behind them.
#[inline(always)]
fn split<const N: usize>(group: &[u32], count: usize) -> (&[[Words; N]], &[Halves]) {
    let (integers, rest) = group.split_at(count * N * LANES);
    (integers.as_chunks::<LANES>().0.as_chunks().0, rest.as_chunks().0)
}

#[allow(non_camel_case_types, reason = "names of ggml")]
struct Q8_0;

impl Format for Q8_0 {
    type X = Block;

    #[inline(always)]
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[Block]) -> I::Numbers {
        let (integers, scales) = split::<8>(group, x.len());
        let mut sums = isa.splat(0.0);
        for ((words, scales), x) in integers.iter().zip(scales).zip(x) {
            let product = isa.to_numbers(isa.product_q8(words, x));
            let scale = isa.mul(isa.halves(scales), isa.splat(x.scale));
            sums = isa.add(sums, isa.mul(product, scale));
        }
        sums
    }
}

#[allow(non_camel_case_types, reason = "names of ggml")]
struct Q4_0;

impl Format for Q4_0 {
    type X = Block;

    #[inline(always)]
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[Block]) -> I::Numbers {
        let (integers, scales) = split::<4>(group, x.len());
        let mut sums = isa.splat(0.0);
        for ((words, scales), x) in integers.iter().zip(scales).zip(x) {
            let product = isa.less(isa.product_q4(words, x), Q4_ZERO * x.total);
            let scale = isa.mul(isa.halves(scales), isa.splat(x.scale));
            sums = isa.add(sums, isa.mul(isa.to_numbers(product), scale));
        }
        sums
    }
}

#[allow(non_camel_case_types, reason = "names of ggml")]
struct Q4_1;

impl Format for Q4_1 {
    type X = Block;

    #[inline(always)]
    fn sums<I: Isa>(isa: I, group: &[u32], x: &[Block]) -> I::Numbers {
        let (integers, halves) = split::<4>(group, x.len());
        let (scales, minimums) = halves.split_at(x.len());
        let mut sums = isa.splat(0.0);
        for (((words, scales), minimums), x) in integers.iter().zip(scales).zip(minimums).zip(x) {
            let unit = isa.splat(x.scale);
            let product = isa.to_numbers(isa.product_q4(words, x));
            let part = isa.mul(product, isa.mul(isa.halves(scales), unit));
            let minimum = isa.mul(isa.halves(minimums), unit);
            let part = isa.add(part, isa.mul(isa.splat(x.total as f32), minimum));
            sums = isa.add(sums, part);
        }
        sums
    }
}

struct F32;

impl Format for F32 {
    type X = u32;

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

struct F16;

impl Format for F16 {
    type X = u32;

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
