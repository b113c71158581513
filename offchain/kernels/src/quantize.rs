//! Activations to integers.

use opml_operator::geometry::Quantize;

use crate::math::{CANONICAL_NAN, INFINITY, float, magnitude, nearest};
use crate::row::{BLOCK, BLOCK_WORDS};

/// Bits of 2^-110: blocks of smaller numbers are zero, so that no reciprocal overflows.
const SMALLEST: u32 = (127 - 110) << 23;
/// Largest integer of a block.
const LARGEST: f32 = 127.0;

/// `n` numbers to a quantized row ([`crate::row`]); missing numbers of the last block are +0.
///
/// With `amax` the greatest magnitude of a block, NaN above infinity: `amax` infinite or NaN gives
/// scale NaN and integers 0; below 2^-110 scale +0 and integers 0; otherwise scale `amax / 127`,
/// integers `x * (127 / amax)` rounded to nearest even, which lie in -127 ..= 127.
pub fn quantize(shape: &Quantize, x: &[u32], out: &mut [u32]) {
    quantize_row(shape.n as usize, |index| x[index], out);
}

/// The quantized row of `n` numbers at the start of `out`; `word` gives their bits.
#[inline]
pub fn quantize_row(n: usize, word: impl Fn(usize) -> u32, out: &mut [u32]) {
    let (integers, rest) = out.split_at_mut(n.div_ceil(BLOCK) * BLOCK_WORDS);
    let integers = integers.as_chunks_mut::<BLOCK_WORDS>().0;
    for ((first, words), scale) in (0..n).step_by(BLOCK).zip(integers).zip(rest) {
        let mut block = [0; BLOCK];
        for (place, index) in block.iter_mut().zip(first..n) {
            *place = word(index);
        }
        *scale = quantize_block(&block, words);
    }
}

/// Writes the integers of `numbers` and returns the bits of their scale.
pub fn quantize_block(numbers: &[u32; BLOCK], words: &mut [u32; BLOCK_WORDS]) -> u32 {
    let greatest = numbers.iter().fold(0, |greatest, word| magnitude(*word).max(greatest));
    if !(SMALLEST..INFINITY).contains(&greatest) {
        *words = [0; BLOCK_WORDS];
        return if greatest < SMALLEST { 0 } else { CANONICAL_NAN };
    }
    let inverse = LARGEST / float(greatest);
    for (word, numbers) in words.iter_mut().zip(numbers.as_chunks::<4>().0) {
        let [a, b, c, d] = numbers.map(|number| nearest(float(number) * inverse) as u8);
        *word = u32::from_le_bytes([a, b, c, d]);
    }
    (float(greatest) / LARGEST).to_bits()
}
