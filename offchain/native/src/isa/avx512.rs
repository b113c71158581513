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
    type Bytes = [__m512i; 8];
    type Codes = [__m512i; 8];
    /// Rows `i` and `8 + i`.
    type Apart = [__m512i; 8];

    /// `vpdpbusd` takes unsigned bytes times signed ones.
    const BYTES_ZERO: i32 = 128;

    fn enter(self, work: impl Work) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
        fn enter(isa: Avx512, work: impl Work) {
            work.run(isa);
        }
        // SAFETY: as in `proven`.
        unsafe { enter(self, work) }
    }

    #[inline(always)]
    fn fetch_behind(self, words: &[u32]) {
        fetch_ahead(words);
    }

    proven! {
        fn unpack_bytes(self, words: &[Words; 8]) -> [__m512i; 8] = unpack_bytes;
        fn unpack_codes(self, words: &[Words; 4]) -> [__m512i; 8] = unpack_codes;
        fn product_bytes(self, bytes: &[__m512i; 8], x: &Block) -> __m512i = product;
        fn product_codes(self, codes: &[__m512i; 8], x: &Block) -> __m512i = product;
        fn dot(self, words: &[u32; 8], x: &Block) -> i32 = dot;
        fn gather(self, rows: &[&[u32; 8]; LANES]) -> [__m512i; 8] = gather;
        fn dots(self, rows: &[__m512i; 8], x: &Block) -> __m512i = dots;
        fn bytes(self, words: &[u32; 4]) -> __m512i = bytes;
        fn weighted(self, a: [__m512i; 2], w: [__m512i; 2]) -> __m512i = weighted;
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

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn unpack_bytes(words: &[Words; 8]) -> [__m512i; 8] {
    let bias = _mm512_set1_epi8(i8::MIN);
    let mut bytes = [bias; 8];
    for (bytes, words) in bytes.iter_mut().zip(words) {
        fetch_ahead(words);
        *bytes = _mm512_xor_si512(load(words), bias);
    }
    bytes
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn unpack_codes(words: &[Words; 4]) -> [__m512i; 8] {
    let mask = _mm512_set1_epi8(15);
    let mut codes = [mask; 8];
    let (low, high) = codes.split_at_mut(4);
    for ((words, low), high) in words.iter().zip(low).zip(high) {
        fetch_ahead(words);
        let both = load(words);
        *low = _mm512_and_si512(both, mask);
        *high = _mm512_and_si512(_mm512_srli_epi16::<4>(both), mask);
    }
    codes
}

/// `vpdpbusd` does not saturate.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn product(codes: &[__m512i; 8], x: &Block) -> __m512i {
    let mut sums = _mm512_set1_epi32(x.start);
    for (codes, x) in codes.iter().zip(&x.words) {
        sums = _mm512_dpbusd_epi32(sums, *codes, _mm512_set1_epi32(x.cast_signed()));
    }
    sums
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512vnni")]
fn dot(words: &[u32; 8], x: &Block) -> i32 {
    let weights = _mm256_xor_si256(load_half(words), _mm256_set1_epi8(i8::MIN));
    let sums = _mm256_dpbusd_epi32(_mm256_setzero_si256(), weights, load_half(&x.words));
    super::avx2::sum(sums) + x.start
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn gather(rows: &[&[u32; 8]; LANES]) -> [__m512i; 8] {
    let bias = _mm512_set1_epi8(i8::MIN);
    let mut pairs = [bias; 8];
    let (low, high) = rows.split_at(LANES / 2);
    for ((pair, low), high) in pairs.iter_mut().zip(low).zip(high) {
        let both = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(load_half(low)), load_half(high));
        *pair = _mm512_xor_si512(both, bias);
    }
    pairs
}

/// Eight lanes a row are added up by a tree: two rows a register become four, then eight, then 16.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vnni")]
fn dots(rows: &[__m512i; 8], x: &Block) -> __m512i {
    let x_words = _mm512_broadcast_i32x8(load_half(&x.words));
    let product = |row: usize| _mm512_dpbusd_epi32(_mm512_setzero_si512(), rows[row], x_words);
    let four = |first: usize| {
        let [a, b] = [first, first + 2].map(|row| {
            let [a, b] = [product(row), product(row + 1)];
            _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b))
        });
        _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b))
    };
    let [a, b] = [four(0), four(4)];
    // Quarters of `a` hold rows 0 to 3 twice, then 8 to 11 twice; those of `b` the rows behind them.
    let even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    let even = _mm512_permutex2var_epi64(a, even, b);
    let sums = _mm512_add_epi32(even, _mm512_permutex2var_epi64(a, odd, b));
    _mm512_add_epi32(sums, _mm512_set1_epi32(x.start))
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
fn weighted(a: [__m512i; 2], w: [__m512i; 2]) -> __m512i {
    _mm512_add_epi32(_mm512_mullo_epi32(a[0], w[0]), _mm512_mullo_epi32(a[1], w[1]))
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
