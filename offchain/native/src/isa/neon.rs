//! NEON, which every 64-bit ARM processor has: a group of 16 rows is four registers.

#[allow(clippy::wildcard_imports, reason = "the vendor's names are prefixed")]
use core::arch::aarch64::*;
use core::array::from_fn;

use opml_kernels::math::canonical;

use super::{Halves, Isa, LANES, Portable, Words, Work};
use crate::block::Block;

/// A 64-bit ARM processor.
#[derive(Clone, Copy, Debug)]
pub struct Neon;

/// Rows 0 .. 4, 4 .. 8, 8 .. 12 and 12 .. 16.
type Four<T> = [T; 4];

/// Functions that need the instruction set, as methods.
macro_rules! proven {
    ($(fn $name:ident(self, $($arg:ident: $type:ty),*) -> $result:ty;)*) => {$(
        #[inline(always)]
        fn $name(self, $($arg: $type),*) -> $result {
            // SAFETY: NEON is part of every aarch64 target with hardware floating point.
            unsafe { $name($($arg),*) }
        }
    )*};
}

impl Isa for Neon {
    type Integers = Four<int32x4_t>;
    type Numbers = Four<float32x4_t>;
    type Bytes = [Four<int8x16_t>; 8];
    type Codes = [Four<int8x16_t>; 8];
    type Apart = [[u32; 8]; LANES];

    const BYTES_ZERO: i32 = 0;

    fn enter(self, work: impl Work) {
        work.run(self);
    }

    proven! {
        fn unpack_bytes(self, words: &[Words; 8]) -> [Four<int8x16_t>; 8];
        fn unpack_codes(self, words: &[Words; 4]) -> [Four<int8x16_t>; 8];
        fn dot(self, words: &[u32; 8], x: &Block) -> i32;
        fn dots(self, rows: &[[u32; 8]; LANES], x: &Block) -> Four<int32x4_t>;
        fn bytes(self, words: &[u32; 4]) -> Four<int32x4_t>;
        fn weighted(self, a: [Four<int32x4_t>; 2], w: [Four<int32x4_t>; 2]) -> Four<int32x4_t>;
        fn to_numbers(self, integers: Four<int32x4_t>) -> Four<float32x4_t>;
        fn splat(self, number: f32) -> Four<float32x4_t>;
        fn numbers(self, words: &Words) -> Four<float32x4_t>;
        fn add(self, a: Four<float32x4_t>, b: Four<float32x4_t>) -> Four<float32x4_t>;
        fn mul(self, a: Four<float32x4_t>, b: Four<float32x4_t>) -> Four<float32x4_t>;
        fn greater(self, a: Four<float32x4_t>, b: Four<float32x4_t>) -> Four<float32x4_t>;
        fn store(self, numbers: Four<float32x4_t>) -> Words;
    }

    #[inline(always)]
    fn product_bytes(self, bytes: &Self::Bytes, x: &Block) -> Self::Integers {
        self.product_codes(bytes, x)
    }

    #[inline(always)]
    fn product_codes(self, codes: &Self::Codes, x: &Block) -> Self::Integers {
        // SAFETY: as in `proven`.
        unsafe { product(codes, x) }
    }

    #[inline(always)]
    fn gather(self, rows: &[&[u32; 8]; LANES]) -> Self::Apart {
        rows.map(|row| *row)
    }

    #[inline(always)]
    fn halves(self, words: &Halves) -> Self::Numbers {
        self.numbers(&Portable.halves(words).map(f32::to_bits))
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn unpack_bytes(words: &[Words; 8]) -> [Four<int8x16_t>; 8] {
    from_fn(|index| load(&words[index]).map(|words| vreinterpretq_s8_u32(words)))
}

#[inline]
#[target_feature(enable = "neon")]
fn unpack_codes(words: &[Words; 4]) -> [Four<int8x16_t>; 8] {
    let mask = vdupq_n_u8(15);
    from_fn(|index| {
        let both = load(&words[index % 4]).map(|words| vreinterpretq_u8_u32(words));
        if index < 4 {
            both.map(|both| vreinterpretq_s8_u8(vandq_u8(both, mask)))
        } else {
            both.map(|both| vreinterpretq_s8_u8(vshrq_n_u8::<4>(both)))
        }
    })
}

#[inline]
#[target_feature(enable = "neon")]
fn product(codes: &[Four<int8x16_t>; 8], x: &Block) -> Four<int32x4_t> {
    let mut sums = Sums::zero();
    for (codes, x) in codes.iter().zip(x.words) {
        sums.add(*codes, splat_bytes(x));
    }
    let start = vdupq_n_s32(x.start);
    sums.rows().map(|sums| vaddq_s32(sums, start))
}

#[inline]
#[target_feature(enable = "neon")]
fn dot(words: &[u32; 8], x: &Block) -> i32 {
    let halves = words.as_chunks().0.iter().zip(x.words.as_chunks().0);
    let mut sum = vdupq_n_s32(0);
    for (w, x) in halves {
        let [w, x] = [w, x].map(|four| vreinterpretq_s8_u32(load_four(four)));
        sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(w), vget_low_s8(x)));
        sum = vpadalq_s16(sum, vmull_high_s8(w, x));
    }
    vaddvq_s32(sum)
}

#[inline]
#[target_feature(enable = "neon")]
fn dots(rows: &[[u32; 8]; LANES], x: &Block) -> Four<int32x4_t> {
    from_fn(|four| {
        let sums: [i32; 4] = from_fn(|row| dot(&rows[4 * four + row], x));
        // SAFETY: the array has the 16 bytes that are read.
        unsafe { vld1q_s32(sums.as_ptr()) }
    })
}

#[inline]
#[target_feature(enable = "neon")]
fn bytes(words: &[u32; 4]) -> Four<int32x4_t> {
    let bytes = vreinterpretq_s8_u32(load_four(words));
    let (low, high) = (vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes));
    [
        vmovl_s16(vget_low_s16(low)),
        vmovl_high_s16(low),
        vmovl_s16(vget_low_s16(high)),
        vmovl_high_s16(high),
    ]
}

#[inline]
#[target_feature(enable = "neon")]
fn weighted(a: [Four<int32x4_t>; 2], w: [Four<int32x4_t>; 2]) -> Four<int32x4_t> {
    from_fn(|four| vmlaq_s32(vmulq_s32(a[0][four], w[0][four]), a[1][four], w[1][four]))
}

#[inline]
#[target_feature(enable = "neon")]
fn to_numbers(integers: Four<int32x4_t>) -> Four<float32x4_t> {
    from_fn(|index| vcvtq_f32_s32(integers[index]))
}

#[inline]
#[target_feature(enable = "neon")]
fn splat(number: f32) -> Four<float32x4_t> {
    [vdupq_n_f32(number); 4]
}

#[inline]
#[target_feature(enable = "neon")]
fn numbers(words: &Words) -> Four<float32x4_t> {
    let words = load(words);
    from_fn(|index| vreinterpretq_f32_u32(words[index]))
}

#[inline]
#[target_feature(enable = "neon")]
fn add(a: Four<float32x4_t>, b: Four<float32x4_t>) -> Four<float32x4_t> {
    from_fn(|index| vaddq_f32(a[index], b[index]))
}

#[inline]
#[target_feature(enable = "neon")]
fn mul(a: Four<float32x4_t>, b: Four<float32x4_t>) -> Four<float32x4_t> {
    from_fn(|index| vmulq_f32(a[index], b[index]))
}

#[inline]
#[target_feature(enable = "neon")]
fn greater(a: Four<float32x4_t>, b: Four<float32x4_t>) -> Four<float32x4_t> {
    from_fn(|index| vbslq_f32(vcgtq_f32(a[index], b[index]), a[index], b[index]))
}

#[inline]
#[target_feature(enable = "neon")]
fn store(numbers: Four<float32x4_t>) -> Words {
    let mut words = [0; LANES];
    for (place, numbers) in words.as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
        // SAFETY: the array has the 16 bytes that are written.
        unsafe { vst1q_u32(place.as_mut_ptr(), vreinterpretq_u32_f32(numbers)) };
    }
    words.map(canonical)
}

/// Sums of products, two lanes a row.
struct Sums(Four<[int32x4_t; 2]>);

impl Sums {
    #[inline]
    #[target_feature(enable = "neon")]
    fn zero() -> Self {
        Self([[vdupq_n_s32(0); 2]; 4])
    }

    /// Adds products of four bytes a row. They fit 16 bits, their sums by twos are 32 bits wide.
    #[inline]
    #[target_feature(enable = "neon")]
    fn add(&mut self, weights: Four<int8x16_t>, x: int8x16_t) {
        for (sums, weights) in self.0.iter_mut().zip(weights) {
            sums[0] = vpadalq_s16(sums[0], vmull_s8(vget_low_s8(weights), vget_low_s8(x)));
            sums[1] = vpadalq_s16(sums[1], vmull_high_s8(weights, x));
        }
    }

    /// One lane a row.
    #[inline]
    #[target_feature(enable = "neon")]
    fn rows(self) -> Four<int32x4_t> {
        self.0.map(|[low, high]| vpaddq_s32(low, high))
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn load(words: &Words) -> Four<uint32x4_t> {
    let fours = words.as_chunks::<4>().0;
    from_fn(|index| load_four(&fours[index]))
}

#[inline]
#[target_feature(enable = "neon")]
fn load_four(words: &[u32; 4]) -> uint32x4_t {
    // SAFETY: the array has the 16 bytes that are read.
    unsafe { vld1q_u32(words.as_ptr()) }
}

/// The four bytes of `word` for every row.
#[inline]
#[target_feature(enable = "neon")]
fn splat_bytes(word: u32) -> int8x16_t {
    vreinterpretq_s8_u32(vdupq_n_u32(word))
}
