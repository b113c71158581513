//! AVX2 with F16C: a group of 16 rows is two registers.

#[allow(clippy::wildcard_imports, reason = "the vendor's names are prefixed")]
use core::arch::x86_64::*;

use opml_kernels::math::CANONICAL_NAN;

use super::x86::fetch_ahead;
use super::{Halves, Isa, LANES, Words, Work};
use crate::block::Block;

/// A processor with AVX2 and F16C.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    /// The instruction set, if this processor has it.
    pub fn detect() -> Option<Self> {
        let available = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("f16c");
        available.then_some(Self(()))
    }
}

/// Functions that need the instruction set, as methods of a type whose values prove that it is there.
macro_rules! proven {
    ($(fn $name:ident(self, $($arg:ident: $type:ty),*) -> $result:ty;)*) => {$(
        #[inline(always)]
        fn $name(self, $($arg: $type),*) -> $result {
            // SAFETY: `Avx2::detect` is the only way to a value of this type, so the processor has
            // the features that the function is compiled with.
            unsafe { $name($($arg),*) }
        }
    )*};
}

/// Rows 0 .. 8 and 8 .. 16.
type Pair<T> = [T; 2];

impl Isa for Avx2 {
    type Integers = Pair<__m256i>;
    type Numbers = Pair<__m256>;
    type Bytes = [Pair<__m256i>; 8];
    type Codes = [Pair<__m256i>; 8];
    type Apart = [__m256i; LANES];

    const BYTES_ZERO: i32 = 0;

    fn enter(self, work: impl Work) {
        #[target_feature(enable = "avx2,f16c")]
        fn enter(isa: Avx2, work: impl Work) {
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
        fn unpack_bytes(self, words: &[Words; 8]) -> [Pair<__m256i>; 8];
        fn unpack_codes(self, words: &[Words; 4]) -> [Pair<__m256i>; 8];
        fn product_bytes(self, bytes: &[Pair<__m256i>; 8], x: &Block) -> Pair<__m256i>;
        fn product_codes(self, codes: &[Pair<__m256i>; 8], x: &Block) -> Pair<__m256i>;
        fn dot(self, words: &[u32; 8], x: &Block) -> i32;
        fn gather(self, rows: &[&[u32; 8]; LANES]) -> [__m256i; LANES];
        fn dots(self, rows: &[__m256i; LANES], x: &Block) -> Pair<__m256i>;
        fn bytes(self, words: &[u32; 4]) -> Pair<__m256i>;
        fn weighted(self, a: [Pair<__m256i>; 2], w: [Pair<__m256i>; 2]) -> Pair<__m256i>;
        fn to_numbers(self, integers: Pair<__m256i>) -> Pair<__m256>;
        fn splat(self, number: f32) -> Pair<__m256>;
        fn numbers(self, words: &Words) -> Pair<__m256>;
        fn halves(self, words: &Halves) -> Pair<__m256>;
        fn add(self, a: Pair<__m256>, b: Pair<__m256>) -> Pair<__m256>;
        fn mul(self, a: Pair<__m256>, b: Pair<__m256>) -> Pair<__m256>;
        fn greater(self, a: Pair<__m256>, b: Pair<__m256>) -> Pair<__m256>;
        fn store(self, numbers: Pair<__m256>) -> Words;
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(words: &Words) -> Pair<__m256i> {
    let (low, high) = words.split_at(LANES / 2);
    // SAFETY: either half has the 32 bytes that are read, at any alignment.
    unsafe { [_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())] }
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat_word(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn unpack_bytes(words: &[Words; 8]) -> [Pair<__m256i>; 8] {
    let mut bytes = [[_mm256_setzero_si256(); 2]; 8];
    for (bytes, words) in bytes.iter_mut().zip(words) {
        fetch_ahead(words);
        *bytes = load(words);
    }
    bytes
}

#[inline]
#[target_feature(enable = "avx2")]
fn unpack_codes(words: &[Words; 4]) -> [Pair<__m256i>; 8] {
    let mask = _mm256_set1_epi8(15);
    let mut codes = [[mask; 2]; 8];
    let (low, high) = codes.split_at_mut(4);
    for ((words, low), high) in words.iter().zip(low).zip(high) {
        fetch_ahead(words);
        for ((both, low), high) in load(words).into_iter().zip(low).zip(high) {
            *low = _mm256_and_si256(both, mask);
            *high = _mm256_and_si256(_mm256_srli_epi16::<4>(both), mask);
        }
    }
    codes
}

/// Bytes are widened to 16 bits first: `vpmaddubsw` would saturate. The even bytes of a word meet
/// the even ones of the activations, the odd ones the odd.
#[inline]
#[target_feature(enable = "avx2")]
fn product_bytes(bytes: &[Pair<__m256i>; 8], x: &Block) -> Pair<__m256i> {
    let mut sums = [_mm256_setzero_si256(); 2];
    for (bytes, x) in bytes.iter().zip(x.words) {
        let [x_even, x_odd] = widened(splat_word(x));
        for (sum, bytes) in sums.iter_mut().zip(bytes) {
            let [even, odd] = widened(*bytes);
            let both =
                _mm256_add_epi32(_mm256_madd_epi16(even, x_even), _mm256_madd_epi16(odd, x_odd));
            *sum = _mm256_add_epi32(*sum, both);
        }
    }
    sums
}

/// The even and the odd bytes as 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn widened(bytes: __m256i) -> [__m256i; 2] {
    [_mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(bytes)), _mm256_srai_epi16::<8>(bytes)]
}

/// `vpmaddubsw` cannot saturate here: two products are at most 2 * 15 * 128 = 3840 in magnitude, and
/// the eight pairs of a row still fit 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn product_codes(codes: &[Pair<__m256i>; 8], x: &Block) -> Pair<__m256i> {
    const { assert!(8 * 2 * 15 * 128 <= i16::MAX as i32) };
    let mut sums = [_mm256_setzero_si256(); 2];
    for (codes, x) in codes.iter().zip(x.words) {
        let x = splat_word(x);
        for (sum, codes) in sums.iter_mut().zip(codes) {
            *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(*codes, x));
        }
    }
    let (one, start) = (_mm256_set1_epi16(1), _mm256_set1_epi32(x.start));
    sums.map(|sums| _mm256_add_epi32(_mm256_madd_epi16(sums, one), start))
}

#[inline]
#[target_feature(enable = "avx2")]
fn dot(words: &[u32; 8], x: &Block) -> i32 {
    sum(product(load_eight(words), halves_of(load_eight(&x.words))))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_eight(words: &[u32; 8]) -> __m256i {
    // SAFETY: the array has the 32 bytes that are read, at any alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

/// The first and the last 16 bytes as 16 bits each.
#[inline]
#[target_feature(enable = "avx2")]
fn halves_of(bytes: __m256i) -> [__m256i; 2] {
    let low = _mm256_cvtepi8_epi16(_mm256_castsi256_si128(bytes));
    [low, _mm256_cvtepi8_epi16(_mm256_extracti128_si256::<1>(bytes))]
}

/// Products of 32 bytes, added up by fours in some order.
#[inline]
#[target_feature(enable = "avx2")]
fn product(bytes: __m256i, x: [__m256i; 2]) -> __m256i {
    let [low, high] = halves_of(bytes);
    _mm256_add_epi32(_mm256_madd_epi16(low, x[0]), _mm256_madd_epi16(high, x[1]))
}

#[inline]
#[target_feature(enable = "avx2")]
fn gather(rows: &[&[u32; 8]; LANES]) -> [__m256i; LANES] {
    let mut gathered = [_mm256_setzero_si256(); LANES];
    for (gathered, row) in gathered.iter_mut().zip(rows) {
        *gathered = load_eight(row);
    }
    gathered
}

/// Eight lanes a row are added up by a tree.
#[inline]
#[target_feature(enable = "avx2")]
fn dots(rows: &[__m256i; LANES], x: &Block) -> Pair<__m256i> {
    let start = _mm256_set1_epi32(x.start);
    let x = halves_of(load_eight(&x.words));
    // Rows 4i to 4i + 4, in both halves of the register.
    let four = |first: usize| {
        let [a, b] = [first, first + 2]
            .map(|row| _mm256_hadd_epi32(product(rows[row], x), product(rows[row + 1], x)));
        _mm256_hadd_epi32(a, b)
    };
    [0, 8].map(|first| {
        let [a, b] = [four(first), four(first + 4)];
        let low = _mm256_permute2x128_si256::<0x20>(a, b);
        let sums = _mm256_add_epi32(low, _mm256_permute2x128_si256::<0x31>(a, b));
        _mm256_add_epi32(sums, start)
    })
}

/// Sum of the eight lanes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sum(lanes: __m256i) -> i32 {
    let high = _mm256_extracti128_si256::<1>(lanes);
    let four = _mm_add_epi32(_mm256_castsi256_si128(lanes), high);
    let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
    let one = _mm_add_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two));
    _mm_cvtsi128_si32(one)
}

#[inline]
#[target_feature(enable = "avx2")]
fn bytes(words: &[u32; 4]) -> Pair<__m256i> {
    // SAFETY: the array has the 16 bytes that are read, at any alignment.
    let bytes = unsafe { _mm_loadu_si128(words.as_ptr().cast()) };
    [_mm256_cvtepi8_epi32(bytes), _mm256_cvtepi8_epi32(_mm_srli_si128::<8>(bytes))]
}

#[inline]
#[target_feature(enable = "avx2")]
fn weighted(a: [Pair<__m256i>; 2], w: [Pair<__m256i>; 2]) -> Pair<__m256i> {
    [0, 1].map(|half| {
        let first = _mm256_mullo_epi32(a[0][half], w[0][half]);
        _mm256_add_epi32(first, _mm256_mullo_epi32(a[1][half], w[1][half]))
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn to_numbers([a, b]: Pair<__m256i>) -> Pair<__m256> {
    [_mm256_cvtepi32_ps(a), _mm256_cvtepi32_ps(b)]
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(number: f32) -> Pair<__m256> {
    [_mm256_set1_ps(number); 2]
}

#[inline]
#[target_feature(enable = "avx2")]
fn numbers(words: &Words) -> Pair<__m256> {
    let [a, b] = load(words);
    [_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)]
}

#[inline]
#[target_feature(enable = "avx2,f16c")]
fn halves(words: &Halves) -> Pair<__m256> {
    fetch_ahead(words);
    let (low, high) = words.split_at(LANES / 4);
    // SAFETY: either half has the 16 bytes that are read, at any alignment.
    let halves =
        unsafe { [_mm_loadu_si128(low.as_ptr().cast()), _mm_loadu_si128(high.as_ptr().cast())] };
    [_mm256_cvtph_ps(halves[0]), _mm256_cvtph_ps(halves[1])]
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: Pair<__m256>, b: Pair<__m256>) -> Pair<__m256> {
    [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "avx2")]
fn mul(a: Pair<__m256>, b: Pair<__m256>) -> Pair<__m256> {
    [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "avx2")]
fn greater(a: Pair<__m256>, b: Pair<__m256>) -> Pair<__m256> {
    [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(numbers: Pair<__m256>) -> Words {
    let mut words = [0; LANES];
    let canonical = splat_word(CANONICAL_NAN);
    for (place, numbers) in words.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
        let bits = _mm256_castps_si256(numbers);
        let magnitude = _mm256_and_si256(bits, _mm256_set1_epi32(i32::MAX));
        let nan = _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(0x7f80_0000));
        let stored = _mm256_blendv_epi8(bits, canonical, nan);
        // SAFETY: the array has the 32 bytes that are written, at any alignment.
        unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), stored) };
    }
    words
}
