//! The workload: five parts that together use every kind of instruction rustc emits.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::digest::Digest;
use crate::float;

const INTEGER_ROUNDS: u32 = 200;
const WIDE_ROUNDS: u32 = 40;
const FLOAT_ROUNDS: u32 = 50;
const MEMORY_ROUNDS: u32 = 12;
const ATOMIC_ROUNDS: u32 = 16;

/// Runs all parts and returns the digest of their results.
pub fn run() -> u64 {
    let mut digest = Digest::new();
    // An opaque seed keeps the compiler from working out the results while it compiles.
    let mut source = Xorshift(core::hint::black_box(0x2545_f491));
    integers(&mut source, &mut digest);
    wide(&mut source, &mut digest);
    floats(&mut source, &mut digest);
    memory(&mut source, &mut digest);
    atomics(&mut source, &mut digest);
    digest.value()
}

/// Marsaglia's xorshift32: the numbers the parts work on.
struct Xorshift(u32);

impl Xorshift {
    fn word(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn doubleword(&mut self) -> u64 {
        u64::from(self.word()) << 32 | u64::from(self.word())
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.word() as usize % bound
    }
}

/// 32-bit arithmetic, division with and without sign, shifts, rotations, bit counts, bit fields.
fn integers(source: &mut Xorshift, digest: &mut Digest) {
    let mut state = 1_u32;
    for round in 0..INTEGER_ROUNDS {
        let (a, b) = (source.word(), source.word());
        let (x, y) = (a.cast_signed(), b.cast_signed() | 1);
        state = state.rotate_left(a % 32).wrapping_add(a.wrapping_mul(b));
        state ^= (a / (b | 1)) ^ (a % (b >> 7 | 1));
        state = state.wrapping_sub(x.wrapping_div(y).cast_unsigned());
        state ^= x.wrapping_rem(y >> 9 | 1).cast_unsigned();
        state = state.wrapping_add((x >> (b % 32)).cast_unsigned());
        state ^= a.leading_zeros() << 8 | (!b).leading_ones() | a.swap_bytes() & 0x00ff_ff00;
        state = if x < y { state.wrapping_add(round) } else { state ^ b >> 3 };
        digest.word(state);
    }
}

/// 64-bit products, quotients and shifts, and the high half of a 128-bit product.
fn wide(source: &mut Xorshift, digest: &mut Digest) {
    let mut state = 1_u64;
    for round in 0..WIDE_ROUNDS {
        let (a, b) = (source.doubleword(), source.doubleword());
        state = state.wrapping_mul(a | 1).wrapping_add(b);
        state ^= a / (b >> (round % 60) | 1);
        state = state.wrapping_add(a % (b >> 33 | 1));
        let quotient = a.cast_signed().wrapping_div(b.cast_signed() >> 40 | 1);
        state ^= quotient.cast_unsigned().rotate_right(round % 64);
        state = state.wrapping_add(high_product(a, b));
        digest.doubleword(state);
    }
}

/// Upper 64 bits of `a * b`.
fn high_product(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 64) as u64
}

/// Single-precision arithmetic on any bit patterns and on numbers of like size.
fn floats(source: &mut Xorshift, digest: &mut Digest) {
    for _ in 0..FLOAT_ROUNDS {
        let (a, b) = (source.word(), source.word());
        float_results(f32::from_bits(a), f32::from_bits(b), digest);
        float_results(near_one(a), near_one(b), digest);
    }
}

fn float_results(a: f32, b: f32, digest: &mut Digest) {
    let root = float::sqrt(a);
    for result in [a + b, a - b, a * b, a / b, root] {
        digest.word(float::canonical_bits(result));
    }
    digest.word(u32::from(a < b) | u32::from(root >= b) << 1);
}

/// A number of `[1, 2)` with sign, made from the low 24 bits.
fn near_one(bits: u32) -> f32 {
    f32::from_bits(0x3f80_0000 | bits & 0x007f_ffff | (bits & 0x0080_0000) << 8)
}

/// Copies between unaligned places, overlapping moves, fills and comparisons.
fn memory(source: &mut Xorshift, digest: &mut Digest) {
    const SIZE: usize = 512;
    let mut from = [0_u8; SIZE];
    let mut to = [0_u8; SIZE];
    for round in 0..MEMORY_ROUNDS {
        for word in from.chunks_exact_mut(4) {
            word.copy_from_slice(&source.word().to_le_bytes());
        }
        let len = source.below(SIZE / 2);
        let (at, into) = (source.below(SIZE / 2), source.below(SIZE / 2));
        to[into..into + len].copy_from_slice(&from[at..at + len]);
        to.copy_within(at..at + len, into / 2);
        to[at..at + len / 4].fill(u8::try_from(round).unwrap_or(u8::MAX));
        digest.word(u32::from(to[..len] < from[..len]));
        digest.bytes(&to[into..into + len.min(64)]);
    }
    digest.bytes(&to);
}

/// Atomic updates of a static (`ll` and `sc` on MIPS).
fn atomics(source: &mut Xorshift, digest: &mut Digest) {
    static CELL: AtomicU32 = AtomicU32::new(7);
    for _ in 0..ATOMIC_ROUNDS {
        let word = source.word();
        digest.word(CELL.fetch_add(word, Ordering::SeqCst));
        digest.word(CELL.fetch_max(word >> 1, Ordering::SeqCst));
        let swapped = CELL.compare_exchange(word, !word, Ordering::SeqCst, Ordering::SeqCst);
        digest.word(u32::from(swapped.is_ok()));
    }
    digest.word(CELL.load(Ordering::SeqCst));
}
