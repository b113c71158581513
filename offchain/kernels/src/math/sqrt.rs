//! Square root, in integers: `core` has none, and the root is defined by its bits.

use super::nan::{CANONICAL_NAN, INFINITY};

const SIGN: u32 = 0x8000_0000;
const FRACTION_BITS: u32 = 23;
const HIDDEN_BIT: u32 = 1 << FRACTION_BITS;
const BIAS: i32 = 127;

/// Correctly rounded square root, as IEEE-754 requires of the instruction. Negative numbers other
/// than -0, and NaN, give the canonical NaN; -0 gives -0.
pub fn sqrt(value: f32) -> f32 {
    let bits = value.to_bits();
    let magnitude = bits & !SIGN;
    if magnitude == 0 || bits == INFINITY {
        return value;
    }
    if bits & SIGN != 0 || magnitude > INFINITY {
        return f32::from_bits(CANONICAL_NAN);
    }
    f32::from_bits(sqrt_positive(bits))
}

/// Root of a positive finite number, on bits.
///
/// `value = m * 2^e` with `e` odd and `2^23 <= m < 2^25`, so `q = isqrt(m * 2^25)` holds the
/// root's 24 bits and one more to round by. `q` odd would need an odd square to be a tie.
fn sqrt_positive(bits: u32) -> u32 {
    let (mut mantissa, mut exponent) = decompose(bits);
    if exponent % 2 == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    let root = (u64::from(mantissa) << 25).isqrt();
    let rounded = root.div_ceil(2);
    let biased = (exponent - 25) / 2 + 1 + BIAS + FRACTION_BITS.cast_signed();
    // The hidden bit of `rounded` adds one to the exponent field, a carry of rounding one more.
    ((biased.cast_unsigned() - 1) << FRACTION_BITS) + rounded as u32
}

/// `(m, e)` with `bits` standing for `m * 2^e` and `2^23 <= m < 2^24`.
fn decompose(bits: u32) -> (u32, i32) {
    let fraction = bits & (HIDDEN_BIT - 1);
    let field = (bits >> FRACTION_BITS).cast_signed();
    let offset = BIAS + FRACTION_BITS.cast_signed();
    if field != 0 {
        return (fraction | HIDDEN_BIT, field - offset);
    }
    let shift = fraction.leading_zeros() - HIDDEN_BIT.leading_zeros();
    (fraction << shift, 1 - offset - shift.cast_signed())
}
