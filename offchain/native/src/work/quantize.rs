//! Activations to integers.

use opml_kernels::math::{CANONICAL_NAN, float, magnitude, nearest};
use opml_kernels::row::{BLOCK, BLOCK_WORDS};
use opml_operator::geometry::Quantize;

use crate::isa::{Isa, Work};

/// Bits of 2^-110.
const SMALLEST: u32 = (127 - 110) << 23;
/// Bits of infinity.
const INFINITY: u32 = 0x7f80_0000;
/// Largest integer of a block.
const LARGEST: f32 = 127.0;

/// Numbers to a quantized row.
pub struct QuantizeWork<'a> {
    /// Geometry.
    pub shape: &'a Quantize,
    /// The numbers.
    pub x: &'a [u32],
    /// The row.
    pub out: &'a mut [u32],
}

impl Work for QuantizeWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let (integers, scales) = self.out.split_at_mut(self.shape.blocks as usize * BLOCK_WORDS);
        let (whole, rest) = self.x[..self.shape.n as usize].as_chunks::<BLOCK>();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        // The last block is there only if there are words left for it.
        let numbers = whole.iter().chain([&last]);
        let places = integers.as_chunks_mut::<BLOCK_WORDS>().0.iter_mut().zip(scales);
        for (numbers, (words, scale)) in numbers.zip(places) {
            *scale = quantized_block(numbers, words);
        }
    }
}

/// Writes the integers of `numbers` and returns the bits of their scale.
#[inline(always)]
pub fn quantized_block(numbers: &[u32; BLOCK], words: &mut [u32; BLOCK_WORDS]) -> u32 {
    let mut greatest = 0;
    for number in numbers {
        greatest = magnitude(*number).max(greatest);
    }
    if !(SMALLEST..INFINITY).contains(&greatest) {
        *words = [0; BLOCK_WORDS];
        return if greatest < SMALLEST { 0 } else { CANONICAL_NAN };
    }
    let inverse = LARGEST / float(greatest);
    let mut bytes = [0; BLOCK];
    for (byte, number) in bytes.iter_mut().zip(numbers) {
        *byte = nearest(float(*number) * inverse) as u8;
    }
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    (float(greatest) / LARGEST).to_bits()
}
