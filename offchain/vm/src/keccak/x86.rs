//! Four lanes with AVX2, eight with AVX-512.

use std::arch::x86_64::{
    __m256i, __m512i, _mm_cvtsi32_si128, _mm256_andnot_si256, _mm256_or_si256, _mm256_set1_epi64x,
    _mm256_sll_epi64, _mm256_srl_epi64, _mm256_xor_si256, _mm512_rol_epi64, _mm512_set1_epi64,
    _mm512_ternarylogic_epi64, _mm512_xor_si512,
};

use super::lanes::{Lanes, absorbed, permute};
use super::{Backend, HASH_BYTES, PAIR_BYTES};

type Pair = [u8; PAIR_BYTES];
type Hash = [u8; HASH_BYTES];

/// Hashes as many full groups of lanes as there are and returns what is left.
pub(super) fn fold_lanes<'i, 'o>(
    backend: Backend,
    pairs: &'i [Pair],
    hashes: &'o mut [Hash],
) -> (&'i [Pair], &'o mut [Hash]) {
    match backend {
        Backend::Avx512 if std::arch::is_x86_feature_detected!("avx512f") => {
            let (groups, rest) = pairs.as_chunks::<8>();
            let (out, out_rest) = hashes.as_chunks_mut::<8>();
            for (group, out) in groups.iter().zip(out) {
                // SAFETY: the feature was just detected.
                unsafe { hash_avx512(group, out) };
            }
            fold_lanes(Backend::Avx2, rest, out_rest)
        }
        Backend::Avx2 if std::arch::is_x86_feature_detected!("avx2") => {
            let (groups, rest) = pairs.as_chunks::<4>();
            let (out, out_rest) = hashes.as_chunks_mut::<4>();
            for (group, out) in groups.iter().zip(out) {
                // SAFETY: the feature was just detected.
                unsafe { hash_avx2(group, out) };
            }
            (rest, out_rest)
        }
        Backend::Scalar | Backend::Avx2 | Backend::Avx512 => (pairs, hashes),
    }
}

#[target_feature(enable = "avx512f")]
fn hash_avx512(pairs: &[Pair; 8], hashes: &mut [Hash; 8]) {
    let words = transpose(pairs);
    let mut state = absorbed(words.map(Zmm::from_words));
    permute(&mut state);
    write(hashes, std::array::from_fn(|i| state[i].words()));
}

#[target_feature(enable = "avx2")]
fn hash_avx2(pairs: &[Pair; 4], hashes: &mut [Hash; 4]) {
    let words = transpose(pairs);
    let mut state = absorbed(words.map(Ymm::from_words));
    permute(&mut state);
    write(hashes, std::array::from_fn(|i| state[i].words()));
}

/// Word `i` of every lane's pair, for each `i`.
#[inline(always)]
fn transpose<const N: usize>(pairs: &[Pair; N]) -> [[u64; N]; 8] {
    let mut words = [[0; N]; 8];
    for (lane, pair) in pairs.iter().enumerate() {
        for (i, word) in pair.as_chunks::<8>().0.iter().enumerate() {
            words[i][lane] = u64::from_le_bytes(*word);
        }
    }
    words
}

/// The first four words of every lane's state are its hash.
#[inline(always)]
fn write<const N: usize>(hashes: &mut [Hash; N], words: [[u64; N]; 4]) {
    for (lane, hash) in hashes.iter_mut().enumerate() {
        for (place, word) in hash.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *place = word[lane].to_le_bytes();
        }
    }
}

/// Eight lanes. Made only inside functions that have AVX-512F switched on.
#[derive(Clone, Copy)]
struct Zmm(__m512i);

impl Zmm {
    #[inline(always)]
    fn from_words(words: [u64; 8]) -> Self {
        // SAFETY: both are 64 bytes without padding, and every bit pattern is valid in both.
        Self(unsafe { std::mem::transmute::<[u64; 8], __m512i>(words) })
    }

    #[inline(always)]
    fn words(self) -> [u64; 8] {
        // SAFETY: as in `from_words`.
        unsafe { std::mem::transmute::<__m512i, [u64; 8]>(self.0) }
    }
}

impl Lanes for Zmm {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: `Zmm`s are made only where AVX-512F is switched on.
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    #[inline(always)]
    fn xor(self, b: Self) -> Self {
        // SAFETY: a `Zmm` exists, so AVX-512F is switched on.
        Self(unsafe { _mm512_xor_si512(self.0, b.0) })
    }

    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        // Truth table of a ^ b ^ c.
        // SAFETY: a `Zmm` exists, so AVX-512F is switched on.
        Self(unsafe { _mm512_ternarylogic_epi64::<0x96>(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn chi(self, b: Self, c: Self) -> Self {
        // Truth table of a ^ (!b & c).
        // SAFETY: a `Zmm` exists, so AVX-512F is switched on.
        Self(unsafe { _mm512_ternarylogic_epi64::<0xd2>(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn rotate_left<const N: i32>(self) -> Self {
        // SAFETY: a `Zmm` exists, so AVX-512F is switched on.
        Self(unsafe { _mm512_rol_epi64::<N>(self.0) })
    }
}

/// Four lanes. Made only inside functions that have AVX2 switched on.
#[derive(Clone, Copy)]
struct Ymm(__m256i);

impl Ymm {
    #[inline(always)]
    fn from_words(words: [u64; 4]) -> Self {
        // SAFETY: both are 32 bytes without padding, and every bit pattern is valid in both.
        Self(unsafe { std::mem::transmute::<[u64; 4], __m256i>(words) })
    }

    #[inline(always)]
    fn words(self) -> [u64; 4] {
        // SAFETY: as in `from_words`.
        unsafe { std::mem::transmute::<__m256i, [u64; 4]>(self.0) }
    }
}

impl Lanes for Ymm {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: `Ymm`s are made only where AVX2 is switched on.
        Self(unsafe { _mm256_set1_epi64x(word.cast_signed()) })
    }

    #[inline(always)]
    fn xor(self, b: Self) -> Self {
        // SAFETY: a `Ymm` exists, so AVX2 is switched on.
        Self(unsafe { _mm256_xor_si256(self.0, b.0) })
    }

    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        self.xor(b).xor(c)
    }

    #[inline(always)]
    fn chi(self, b: Self, c: Self) -> Self {
        // SAFETY: a `Ymm` exists, so AVX2 is switched on.
        self.xor(Self(unsafe { _mm256_andnot_si256(b.0, c.0) }))
    }

    #[inline(always)]
    fn rotate_left<const N: i32>(self) -> Self {
        // By the forms with a counted shift, which LLVM turns into immediates: `64 - N` cannot be
        // a const argument.
        // SAFETY: a `Ymm` exists, so AVX2 is switched on.
        Self(unsafe { rotate_ymm::<N>(self.0) })
    }
}

/// Rotation of four lanes.
#[inline(always)]
unsafe fn rotate_ymm<const N: i32>(lanes: __m256i) -> __m256i {
    // SAFETY: the caller has AVX2 switched on.
    unsafe {
        let left = _mm256_sll_epi64(lanes, _mm_cvtsi32_si128(N));
        let right = _mm256_srl_epi64(lanes, _mm_cvtsi32_si128(64 - N));
        _mm256_or_si256(left, right)
    }
}
