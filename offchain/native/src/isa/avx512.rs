//! AVX-512 with the byte products of VNNI: a group of 16 rows is one register.

#[allow(clippy::wildcard_imports, reason = "the vendor's names are prefixed")]
use core::arch::x86_64::*;

use opml_kernels::math::CANONICAL_NAN;

use super::x86::fetch_ahead;
use super::{Halves, Isa, LANES, Words, Work};
use crate::block::Block;

/// A processor with AVX-512 F, BW, DQ, VL and VNNI.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    /// The instruction set, if this processor has it.
    pub fn detect() -> Option<Self> {
        let available = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        available.then_some(Self(()))
    }
}

/// Functions that need the instruction set, as methods of a type whose values prove that it is there.
macro_rules! proven {
    ($(fn $name:ident(self, $($arg:ident: $type:ty),*) -> $result:ty = $inner:path;)*) => {$(
        #[inline(always)]
        fn $name(self, $($arg: $type),*) -> $result {
            // SAFETY: `Avx512::detect` is the only way to a value of this type, so the processor has
            // the features that the function is compiled with.
            unsafe { $inner($($arg),*) }
        }
    )*};
}

impl Isa for Avx512 {
    type Integers = __m512i;
    type Numbers = __m512;

    fn enter(self, work: impl Work) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
        fn enter(isa: Avx512, work: impl Work) {
            work.run(isa);
        }
        // SAFETY: as in `proven`.
        unsafe { enter(self, work) }
    }

    proven! {
        fn product_q8(self, words: &[Words; 8], x: &Block) -> __m512i = product_q8;
        fn product_q4(self, words: &[Words; 4], x: &Block) -> __m512i = product_q4;
        fn dot(self, words: &[u32; 8], x: &Block) -> i32 = dot;
        fn bytes(self, words: &[u32; 4]) -> __m512i = bytes;
        fn less(self, integers: __m512i, offset: i32) -> __m512i = less;
        fn to_numbers(self, integers: __m512i) -> __m512 = _mm512_cvtepi32_ps;
        fn splat(self, number: f32) -> __m512 = _mm512_set1_ps;
        fn numbers(self, words: &Words) -> __m512 = numbers;
        fn halves(self, words: &Halves) -> __m512 = halves;
        fn add(self, a: __m512, b: __m512) -> __m512 = _mm512_add_ps;
        fn mul(self, a: __m512, b: __m512) -> __m512 = _mm512_mul_ps;
        fn greater(self, a: __m512, b: __m512) -> __m512 = _mm512_max_ps;
        fn store(self, numbers: __m512) -> Words = store;
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(words: &Words) -> __m512i {
    // SAFETY: the array has the 64 bytes that are read, at any alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx")]
fn load_half(words: &[u32; LANES / 2]) -> __m256i {
    // SAFETY: the array has the 32 bytes that are read, at any alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

/// `vpdpbusd` takes unsigned bytes times signed ones and does not saturate: weights are read as
/// `w + 128`, and `128 * sum(x)` is taken off again.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn product_q8(words: &[Words; 8], x: &Block) -> __m512i {
    let bias = _mm512_set1_epi8(i8::MIN);
    let mut sums = _mm512_set1_epi32(-128 * x.total);
    for (words, x) in words.iter().zip(x.words) {
        fetch_ahead(words);
        let weights = _mm512_xor_si512(load(words), bias);
        sums = _mm512_dpbusd_epi32(sums, weights, _mm512_set1_epi32(x.cast_signed()));
    }
    sums
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn product_q4(words: &[Words; 4], x: &Block) -> __m512i {
    let mask = _mm512_set1_epi8(15);
    let (first, second) = x.words.split_at(4);
    let mut sums = _mm512_setzero_si512();
    for ((words, first), second) in words.iter().zip(first).zip(second) {
        fetch_ahead(words);
        let codes = load(words);
        let low = _mm512_and_si512(codes, mask);
        let high = _mm512_and_si512(_mm512_srli_epi16::<4>(codes), mask);
        sums = _mm512_dpbusd_epi32(sums, low, _mm512_set1_epi32(first.cast_signed()));
        sums = _mm512_dpbusd_epi32(sums, high, _mm512_set1_epi32(second.cast_signed()));
    }
    sums
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512vnni")]
fn dot(words: &[u32; 8], x: &Block) -> i32 {
    let weights = _mm256_xor_si256(load_half(words), _mm256_set1_epi8(i8::MIN));
    let sums = _mm256_dpbusd_epi32(_mm256_setzero_si256(), weights, load_half(&x.words));
    super::avx2::sum(sums) - 128 * x.total
}

#[inline]
#[target_feature(enable = "avx512f")]
fn bytes(words: &[u32; 4]) -> __m512i {
    // SAFETY: the array has the 16 bytes that are read, at any alignment.
    let bytes = unsafe { _mm_loadu_si128(words.as_ptr().cast()) };
    _mm512_cvtepi8_epi32(bytes)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn less(integers: __m512i, offset: i32) -> __m512i {
    _mm512_sub_epi32(integers, _mm512_set1_epi32(offset))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn numbers(words: &Words) -> __m512 {
    _mm512_castsi512_ps(load(words))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn halves(words: &Halves) -> __m512 {
    fetch_ahead(words);
    _mm512_cvtph_ps(load_half(words))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(numbers: __m512) -> Words {
    let bits = _mm512_castps_si512(numbers);
    let magnitude = _mm512_and_si512(bits, _mm512_set1_epi32(i32::MAX));
    let nan = _mm512_cmpgt_epi32_mask(magnitude, _mm512_set1_epi32(0x7f80_0000));
    let canonical = _mm512_set1_epi32(CANONICAL_NAN.cast_signed());
    let mut words = [0; LANES];
    // SAFETY: the array has the 64 bytes that are written, at any alignment.
    unsafe {
        _mm512_storeu_si512(words.as_mut_ptr().cast(), _mm512_mask_mov_epi32(bits, nan, canonical));
    }
    words
}
