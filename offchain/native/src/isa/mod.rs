//! What differs between processors: sixteen lanes, one a weight row, and the exact integer products
//! of a block. All algorithms are written once over this.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;
pub use portable::Portable;

use crate::block::Block;

/// Bytes that are fetched together.
pub const LINE_BYTES: usize = 64;

/// Asks for a line of memory, which may lie anywhere, if this processor can be asked.
pub fn fetch(line: *const u32) {
    #[cfg(target_arch = "x86_64")]
    x86::fetch(line);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Lanes: the rows of a group.
pub const LANES: usize = 16;
/// One word a row.
pub type Words = [u32; LANES];
/// One half-precision number a row, two a word.
pub type Halves = [u32; LANES / 2];

/// Work that is compiled once for every instruction set.
pub trait Work {
    /// Does it. Implementations are `#[inline(always)]`, so that they become part of
    /// [`Isa::enter`] and are compiled with its instructions.
    fn run<I: Isa>(self, isa: I);
}

/// An instruction set. A value of the type proves that the processor has it.
///
/// Floating-point operations are the IEEE-754 ones, one rounding each, never fused.
pub trait Isa: Copy + Send + Sync {
    /// Sixteen signed 32-bit integers.
    type Integers: Copy;
    /// Sixteen 32-bit numbers.
    type Numbers: Copy;

    /// 32 signed bytes of each of 16 rows, as products want them.
    type Bytes: Copy;
    /// 32 codes 0 ..= 15 of each of 16 rows, as products want them.
    type Codes: Copy;
    /// 32 signed bytes of each of 16 rows that do not lie side by side.
    type Apart: Copy;

    /// What [`Self::Bytes`] are more than the bytes that they stand for: the `zero` of [`Block`]s that
    /// they, [`Self::dot`] and [`Self::dots`] meet.
    const BYTES_ZERO: i32;

    /// Runs `work`, compiled with this instruction set.
    fn enter(self, work: impl Work);

    /// Asks for what lies some way behind `words`, if that helps.
    #[inline(always)]
    fn fetch_behind(self, _words: &[u32]) {}

    /// Word `j` of a row holds elements 4j .. 4j + 4.
    fn unpack_bytes(self, words: &[Words; 8]) -> Self::Bytes;
    /// Bytes of word `j` hold elements 4j .. 4j + 4 in their low halves and 16 elements later in
    /// their high ones.
    fn unpack_codes(self, words: &[Words; 4]) -> Self::Codes;
    /// The block's start and the row sums of products with its integers; exact for all bytes.
    fn product_bytes(self, bytes: &Self::Bytes, x: &Block) -> Self::Integers;
    /// The block's start and the row sums of products with its integers; exact.
    fn product_codes(self, codes: &Self::Codes, x: &Block) -> Self::Integers;
    /// Sum of products of 32 signed bytes with the block's integers; exact for all bytes.
    fn dot(self, words: &[u32; 8], x: &Block) -> i32;
    /// Fetches 16 rows.
    fn gather(self, rows: &[&[u32; 8]; LANES]) -> Self::Apart;
    /// [`Self::dot`] of every row.
    fn dots(self, rows: &Self::Apart, x: &Block) -> Self::Integers;
    /// Sixteen signed bytes, four a word.
    fn bytes(self, words: &[u32; 4]) -> Self::Integers;
    /// `a[0] * w[0] + a[1] * w[1]`, in 32 bits.
    fn weighted(self, a: [Self::Integers; 2], w: [Self::Integers; 2]) -> Self::Integers;
    /// Integers as numbers, rounded to nearest even.
    fn to_numbers(self, integers: Self::Integers) -> Self::Numbers;

    /// The number in every lane.
    fn splat(self, number: f32) -> Self::Numbers;
    /// 32-bit numbers by their bits.
    fn numbers(self, words: &Words) -> Self::Numbers;
    /// Half-precision numbers; exact, a NaN gives some NaN.
    fn halves(self, words: &Halves) -> Self::Numbers;
    /// Sum.
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// Product.
    fn mul(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// `a` where it is greater, else `b`; so a NaN in `a` gives `b`.
    fn greater(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// Bits, every NaN the canonical one.
    fn store(self, numbers: Self::Numbers) -> Words;
}
