//! Words as numbers, and the one NaN that is ever stored.

/// Bits of the NaN that stands for all.
pub const CANONICAL_NAN: u32 = 0x7fc0_0000;

/// Bits of infinity.
pub(crate) const INFINITY: u32 = 0x7f80_0000;
const SIGN: u32 = 0x8000_0000;

/// The word as a number.
#[inline]
pub const fn float(word: u32) -> f32 {
    f32::from_bits(word)
}

/// Bits of the absolute value. In this order NaN stands above infinity.
#[inline]
pub const fn magnitude(word: u32) -> u32 {
    word & !SIGN
}

/// Whether the bits are those of a NaN.
#[inline]
pub const fn is_nan(word: u32) -> bool {
    magnitude(word) > INFINITY
}

/// Bits as they are stored: every NaN becomes [`CANONICAL_NAN`].
///
/// Sign and payload of a computed NaN differ between machines. Decided on integers: from
/// `if value.is_nan() { NAN } else { value }` an optimiser may drop the selection, since to it all
/// NaNs are alike.
#[inline]
pub const fn canonical(word: u32) -> u32 {
    if is_nan(word) { CANONICAL_NAN } else { word }
}

/// The word that a tensor holds for `value`.
#[inline]
pub const fn store(value: f32) -> u32 {
    canonical(value.to_bits())
}
