//! Sums of long rows, in the reference's order: its 16 partial sums are the lanes.

use crate::isa::{Isa, LANES};

/// Products summed up before the sum is added to the total.
pub const CHUNK: usize = 512;

/// Adds up `term` of every 16 words; lanes behind the last word take no part.
#[inline(always)]
pub fn strided<I: Isa>(isa: I, words: &[u32], term: impl Fn(I::Numbers) -> I::Numbers) -> f32 {
    let (whole, rest) = words.as_chunks::<LANES>();
    let mut sums = isa.splat(0.0);
    for words in whole {
        sums = isa.add(sums, term(isa.numbers(words)));
    }
    let mut partial = isa.store(sums).map(f32::from_bits);
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let last = isa.store(term(isa.numbers(&last))).map(f32::from_bits);
    for (sum, term) in partial.iter_mut().zip(&last[..rest.len()]) {
        *sum += term;
    }
    for half in [8, 4, 2, 1] {
        let (low, high) = partial.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
    }
    partial[0]
}
