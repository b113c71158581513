//! Floating-point weights times a vector of numbers.

use super::{GROUP, Sums};
use crate::math::{float, half};
use crate::sums::CHUNK;

/// Sums of a group; `weights` reads the 16 weights of one element.
#[inline]
pub fn product(
    group: &[u32],
    x: impl Iterator<Item = u32>,
    weights: impl Fn(&[u32], usize) -> Sums,
) -> Sums {
    let mut sums = [0.0; GROUP];
    let mut partial = [0.0; GROUP];
    for (index, number) in x.enumerate() {
        if index > 0 && index % CHUNK == 0 {
            add_all(&mut sums, &mut partial);
        }
        for (sum, weight) in partial.iter_mut().zip(weights(group, index)) {
            *sum += weight * float(number);
        }
    }
    add_all(&mut sums, &mut partial);
    sums
}

/// Adds a chunk's sums to the totals and clears them.
fn add_all(sums: &mut Sums, partial: &mut Sums) {
    for (sum, partial) in sums.iter_mut().zip(partial) {
        *sum += core::mem::take(partial);
    }
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
