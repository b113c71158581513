//! Blocks of blocks times a quantized row: ggml's K-quants.
//!
//! Eight blocks of 32 share half-precision numbers. A block of `Q4_K` has 32 integers 0 ..= 15, a scale and a
//! minimum, both integers; one of `Q6_K` has 32 signed bytes and a scale, a signed byte, for either half.

use super::quantized::{HALF_WORDS, Q4_WORDS, Q8_WORDS, half_of, product_q4, total};
use super::{GROUP, Sums};
use crate::row::{BLOCK, Block, bytes};

/// Blocks that share their numbers.
pub const SHARING: usize = 8;
/// A byte for each of 16 rows.
pub const BYTE_WORDS: usize = GROUP / 4;

/// A group of `Q4_K` rows: codes, scales, minimums, then the numbers that scales and minimums are
/// multiplied by.
pub fn q4_k<'a>(group: &[u32], count: usize, x: impl Iterator<Item = Block<'a>>) -> Sums {
    let (integers, rest) = group.split_at(count * Q4_WORDS);
    let (scales, rest) = rest.split_at(count * BYTE_WORDS);
    let (minimums, rest) = rest.split_at(count * BYTE_WORDS);
    let (units, steps) = rest.split_at(count / SHARING * HALF_WORDS);
    let [units, steps] = [units, steps].map(|halves| halves.as_chunks::<HALF_WORDS>().0);
    let mut sums = [0.0; GROUP];
    for (index, (words, x)) in integers.as_chunks().0.iter().zip(x).enumerate() {
        let integers = x.integers();
        let total = total(&x) as f32;
        let [scales, minimums] = [scales, minimums].map(|all| &all[index * BYTE_WORDS..]);
        let (units, steps) = (&units[index / SHARING], &steps[index / SHARING]);
        for (row, sum) in sums.iter_mut().enumerate() {
            let product = product_q4(words, row, &integers) as f32;
            let scale = half_of(units, row) * unsigned(scales, row) as f32;
            let minimum = half_of(steps, row) * unsigned(minimums, row) as f32;
            *sum += product * (scale * x.scale) - total * (minimum * x.scale);
        }
    }
    sums
}

/// A group of `Q6_K` rows: integers, scales of the blocks' first halves and second ones, then the numbers
/// that they are multiplied by.
pub fn q6_k<'a>(group: &[u32], count: usize, x: impl Iterator<Item = Block<'a>>) -> Sums {
    let (integers, rest) = group.split_at(count * Q8_WORDS);
    let (scales, units) = rest.split_at(2 * count * BYTE_WORDS);
    let units = units.as_chunks::<HALF_WORDS>().0;
    let mut sums = [0.0; GROUP];
    for (index, (words, x)) in integers.as_chunks().0.iter().zip(x).enumerate() {
        let integers = x.integers();
        let scales = &scales[2 * index * BYTE_WORDS..];
        for (row, sum) in sums.iter_mut().enumerate() {
            let [first, second] = halves(words, row, &integers);
            let [one, two] = [0, GROUP].map(|half| signed(scales, half + row));
            let product = (first * one + second * two) as f32;
            *sum += product * (half_of(&units[index / SHARING], row) * x.scale);
        }
    }
    sums
}

/// Sums of products of the two halves of a row's block; each |result| <= 16 * 128 * 128.
fn halves(words: &[u32; Q8_WORDS], row: usize, x: &[i32; BLOCK]) -> [i32; 2] {
    let mut sums = [0; 2];
    let rows = words.as_chunks::<GROUP>().0;
    for (quad, (words, x)) in rows.iter().zip(x.as_chunks::<4>().0).enumerate() {
        let w = bytes(words[row]);
        sums[quad / 4] += w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
    }
    sums
}

/// Byte `index`.
pub fn unsigned(words: &[u32], index: usize) -> u32 {
    words[index / 4] >> (index % 4 * 8) & 0xff
}

/// Byte `index` with its sign.
pub fn signed(words: &[u32], index: usize) -> i32 {
    i32::from(unsigned(words, index) as i8)
}
