//! Lanes as arrays: whatever vectors the compiler makes of them.

use opml_kernels::math::{float, store};
use opml_kernels::row::bytes;

use super::{Halves, Isa, LANES, Words, Work};
use crate::block::Block;

/// Any processor.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Isa for Portable {
    type Integers = [i32; LANES];
    type Numbers = [f32; LANES];
    type Bytes = [Words; 8];
    type Codes = [Words; 8];
    type Apart = [[u32; 8]; LANES];

    const BYTES_ZERO: i32 = 0;

    fn enter(self, work: impl Work) {
        work.run(self);
    }

    #[inline(always)]
    fn unpack_bytes(self, words: &[Words; 8]) -> Self::Bytes {
        *words
    }

    #[inline(always)]
    fn unpack_codes(self, words: &[Words; 4]) -> Self::Codes {
        let mut codes = [[0; LANES]; 8];
        let (low, high) = codes.split_at_mut(4);
        for ((words, low), high) in words.iter().zip(low).zip(high) {
            *low = words.map(|word| word & 0x0f0f_0f0f);
            *high = words.map(|word| word >> 4 & 0x0f0f_0f0f);
        }
        codes
    }

    #[inline(always)]
    fn product_bytes(self, bytes: &Self::Bytes, x: &Block) -> Self::Integers {
        self.product_codes(bytes, x)
    }

    #[inline(always)]
    fn product_codes(self, codes: &Self::Codes, x: &Block) -> Self::Integers {
        let mut sums = [x.start; LANES];
        for (codes, x) in codes.iter().zip(x.words) {
            let x = bytes(x);
            for (sum, word) in sums.iter_mut().zip(codes) {
                let w = bytes(*word);
                *sum += w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
            }
        }
        sums
    }

    #[inline(always)]
    fn dot(self, words: &[u32; 8], x: &Block) -> i32 {
        let mut sum = 0;
        for (word, x) in words.iter().zip(x.words) {
            let (w, x) = (bytes(*word), bytes(x));
            sum += w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
        }
        sum
    }

    #[inline(always)]
    fn gather(self, rows: &[&[u32; 8]; LANES]) -> Self::Apart {
        rows.map(|row| *row)
    }

    #[inline(always)]
    fn dots(self, rows: &Self::Apart, x: &Block) -> Self::Integers {
        let mut sums = [0; LANES];
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum = self.dot(row, x);
        }
        sums
    }

    #[inline(always)]
    fn bytes(self, words: &[u32; 4]) -> Self::Integers {
        let mut integers = [0; LANES];
        for (four, word) in integers.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *four = bytes(*word);
        }
        integers
    }

    #[inline(always)]
    fn weighted(self, a: [Self::Integers; 2], w: [Self::Integers; 2]) -> Self::Integers {
        let mut sums = [0_i32; LANES];
        for (lane, sum) in sums.iter_mut().enumerate() {
            let [first, second] = [0, 1].map(|half| a[half][lane].wrapping_mul(w[half][lane]));
            *sum = first.wrapping_add(second);
        }
        sums
    }

    #[inline(always)]
    fn to_numbers(self, integers: Self::Integers) -> Self::Numbers {
        integers.map(|integer| integer as f32)
    }

    #[inline(always)]
    fn splat(self, number: f32) -> Self::Numbers {
        [number; LANES]
    }

    #[inline(always)]
    fn numbers(self, words: &Words) -> Self::Numbers {
        words.map(float)
    }

    #[inline(always)]
    fn halves(self, words: &Halves) -> Self::Numbers {
        let mut numbers = [0.0; LANES];
        for (pair, word) in numbers.as_chunks_mut::<2>().0.iter_mut().zip(words) {
            *pair = [half(word & 0xffff), half(word >> 16)];
        }
        numbers
    }

    #[inline(always)]
    fn add(self, mut a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
        a
    }

    #[inline(always)]
    fn mul(self, mut a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        for (a, b) in a.iter_mut().zip(b) {
            *a *= b;
        }
        a
    }

    #[inline(always)]
    fn greater(self, a: Self::Numbers, mut b: Self::Numbers) -> Self::Numbers {
        for (b, a) in b.iter_mut().zip(a) {
            *b = if a > *b { a } else { *b };
        }
        b
    }

    #[inline(always)]
    fn store(self, numbers: Self::Numbers) -> Words {
        numbers.map(store)
    }
}

/// The binary16 number `bits` without a branch: the exponent is mended by an exact multiplication,
/// subnormals included; infinity and NaN get back the exponent of all ones.
#[inline(always)]
fn half(bits: u32) -> f32 {
    /// 2^(127 - 15).
    const REBIAS: f32 = f32::from_bits((127 + 112) << 23);
    let magnitude = (bits & 0x7fff) << 13;
    let number = (float(magnitude) * REBIAS).to_bits();
    let special = if magnitude >= 0x1f << 23 { 0x7f80_0000 } else { 0 };
    float(number | special | (bits & 0x8000) << 16)
}

#[cfg(test)]
mod tests {
    use opml_kernels::math::{half, store};

    #[test]
    fn half_precision_is_the_references() {
        for bits in 0..=u32::from(u16::MAX) {
            assert_eq!(store(super::half(bits)), store(half(bits)), "{bits:#06x}");
        }
    }
}
