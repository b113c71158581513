//! Floating-point weights times a vector of numbers.

use super::{GROUP, Sums};
use crate::math::{float, half};
use crate::sums::CHUNK;

/// Sums of a group; `weights` reads the 16 weights of one element.
#[inline]
pub fn product(group: &[u32], x: &[u32], weights: impl Fn(&[u32], usize) -> Sums) -> Sums {
    let mut sums = [0.0; GROUP];
    for (chunk, numbers) in x.chunks(CHUNK).enumerate() {
        let mut partial = [0.0; GROUP];
        for (index, number) in numbers.iter().enumerate() {
            let weights = weights(group, chunk * CHUNK + index);
            for (sum, weight) in partial.iter_mut().zip(weights) {
                *sum += weight * float(*number);
            }
        }
        for (sum, partial) in sums.iter_mut().zip(partial) {
            *sum += partial;
        }
    }
    sums
}

/// Weights of element `k`, one word each.
#[inline]
pub fn f32_weights(group: &[u32], k: usize) -> Sums {
    let words = &group.as_chunks::<GROUP>().0[k];
    words.map(float)
}

/// Weights of element `k`, two a word.
#[inline]
pub fn f16_weights(group: &[u32], k: usize) -> Sums {
    let words = &group.as_chunks::<{ GROUP / 2 }>().0[k];
    core::array::from_fn(|row| half(words[row / 2] >> (row % 2 * 16)))
}
