//! Half precision.

use super::nan::{CANONICAL_NAN, INFINITY};

/// Exponent bias of binary32 less that of binary16, in place.
const REBIAS: u32 = (127 - 15) << 23;

/// The binary16 number in the low half of `word`; exact, subnormals included. Every NaN gives the
/// canonical one.
#[inline]
pub fn half(word: u32) -> f32 {
    let sign = (word & 0x8000) << 16;
    let magnitude = (word & 0x7fff) << 13;
    let bits = match magnitude >> 23 {
        0 => subnormal(magnitude >> 13),
        0x1f if magnitude > 0x1f << 23 => return f32::from_bits(CANONICAL_NAN),
        0x1f => INFINITY,
        _ => magnitude + REBIAS,
    };
    f32::from_bits(bits | sign)
}

/// Bits of `fraction * 2^-24`, fraction < 2^10.
#[inline]
fn subnormal(fraction: u32) -> u32 {
    if fraction == 0 {
        return 0;
    }
    let shift = fraction.leading_zeros() - 8;
    // fraction << shift has its leading bit at bit 23, where it adds one to the exponent.
    (fraction << shift) + ((149 - 24 - shift) << 23)
}
