//! Quantized weights times a quantized row.
//!
//! A block of `Q8_0` (ggml `block_q8_0`) is 32 signed bytes with a half-precision scale; of `Q4_0`
//! (`block_q4_0`) 32 integers 0 ..= 15 that stand for -8 ..= 7, with a scale; of `Q4_1` (`block_q4_1`)
//! 32 integers 0 ..= 15 with a scale and a minimum.

use super::{GROUP, Sums};
use crate::math::half;
use crate::row::{BLOCK, Block, bytes};

/// Words of a block of 16 rows: four elements of a row a word.
pub const Q8_WORDS: usize = 8 * GROUP;
/// Eight elements of a row a word.
pub const Q4_WORDS: usize = 4 * GROUP;
/// Half-precision numbers of 16 rows.
pub const HALF_WORDS: usize = GROUP / 2;
/// What an integer of `Q4_0` is less than its code.
const Q4_ZERO: i32 = 8;

/// A group of `Q8_0` rows.
pub fn q8_0<'a>(group: &[u32], count: usize, x: impl Iterator<Item = Block<'a>>) -> Sums {
    let (integers, scales) = group.split_at(count * Q8_WORDS);
    let mut sums = [0.0; GROUP];
    let blocks = integers.as_chunks().0.iter().zip(scales.as_chunks().0).zip(x);
    for ((words, scales), x) in blocks {
        let integers = x.integers();
        for (row, sum) in sums.iter_mut().enumerate() {
            let product = product_q8(words, row, &integers);
            *sum += product as f32 * (half_of(scales, row) * x.scale);
        }
    }
    sums
}

/// A group of `Q4_0` rows.
pub fn q4_0<'a>(group: &[u32], count: usize, x: impl Iterator<Item = Block<'a>>) -> Sums {
    let (integers, scales) = group.split_at(count * Q4_WORDS);
    let mut sums = [0.0; GROUP];
    let blocks = integers.as_chunks().0.iter().zip(scales.as_chunks().0).zip(x);
    for ((words, scales), x) in blocks {
        let integers = x.integers();
        let offset = Q4_ZERO * total(&x);
        for (row, sum) in sums.iter_mut().enumerate() {
            let product = product_q4(words, row, &integers) - offset;
            *sum += product as f32 * (half_of(scales, row) * x.scale);
        }
    }
    sums
}

/// A group of `Q4_1` rows.
pub fn q4_1<'a>(group: &[u32], count: usize, x: impl Iterator<Item = Block<'a>>) -> Sums {
    let (integers, rest) = group.split_at(count * Q4_WORDS);
    let (scales, minimums) = rest.split_at(count * HALF_WORDS);
    let numbers = scales.as_chunks().0.iter().zip(minimums.as_chunks().0);
    let mut sums = [0.0; GROUP];
    let blocks = integers.as_chunks().0.iter().zip(numbers).zip(x);
    for ((words, (scales, minimums)), x) in blocks {
        let integers = x.integers();
        let total = total(&x) as f32;
        for (row, sum) in sums.iter_mut().enumerate() {
            let product = product_q4(words, row, &integers) as f32;
            let part = product * (half_of(scales, row) * x.scale);
            *sum += part + total * (half_of(minimums, row) * x.scale);
        }
    }
    sums
}

/// Sum of products of a row's bytes; |result| <= 32 * 128 * 127.
#[inline]
fn product_q8(words: &[u32; Q8_WORDS], row: usize, x: &[i32; BLOCK]) -> i32 {
    let rows = words.as_chunks::<GROUP>().0;
    let mut sum = 0;
    for (words, x) in rows.iter().zip(x.as_chunks::<4>().0) {
        let w = bytes(words[row]);
        sum += w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
    }
    sum
}

/// Sum of products of a row's codes 0 ..= 15; |result| <= 32 * 15 * 127.
#[inline]
pub fn product_q4(words: &[u32; Q4_WORDS], row: usize, x: &[i32; BLOCK]) -> i32 {
    let rows = words.as_chunks::<GROUP>().0;
    let (low, high) = x.split_at(BLOCK / 2);
    let mut sum = 0;
    for ((words, low), high) in rows.iter().zip(low.as_chunks::<4>().0).zip(high.as_chunks::<4>().0)
    {
        for byte in 0..4 {
            let codes = words[row] >> (8 * byte);
            sum += (codes & 15) as i32 * low[byte] + (codes >> 4 & 15) as i32 * high[byte];
        }
    }
    sum
}

/// Sum of a block's integers.
#[inline]
pub fn total(x: &Block<'_>) -> i32 {
    x.integers().iter().sum()
}

/// The half-precision number of a row.
#[inline]
pub fn half_of(words: &[u32; HALF_WORDS], row: usize) -> f32 {
    half(words[row / 2] >> (row % 2 * 16))
}
