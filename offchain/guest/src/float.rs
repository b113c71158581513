//! Square root and NaN rule, in integers: `core` has no `f32::sqrt`, and NaN payloads differ
//! between machines.

const CANONICAL_NAN: u32 = 0x7fc0_0000;
const INFINITY: u32 = 0x7f80_0000;
const SIGN: u32 = 0x8000_0000;
const FRACTION_BITS: u32 = 23;
const HIDDEN_BIT: u32 = 1 << FRACTION_BITS;
const BIAS: i32 = 127;

/// The bits of `value`, every NaN as the one positive quiet NaN.
///
/// Decided on the bits: from `if value.is_nan() { NAN } else { value }` the optimiser may drop
/// the selection, since to it all NaNs are alike.
pub fn canonical_bits(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits & !SIGN > INFINITY { CANONICAL_NAN } else { bits }
}

/// Correctly rounded square root (round to nearest even; ties cannot occur).
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
    ((biased.cast_unsigned() - 1) << FRACTION_BITS) + u32_of(rounded)
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

/// The low word.
#[expect(clippy::cast_possible_truncation, reason = "roots have 25 bits")]
fn u32_of(root: u64) -> u32 {
    root as u32
}

#[cfg(test)]
mod tests {
    use super::{canonical_bits, sqrt};

    /// A stride coprime to 2^32 that visits every exponent; 1,000,003 values.
    #[test]
    fn square_root_equals_the_processors() {
        for i in 0..1_000_003_u32 {
            let value = f32::from_bits(i.wrapping_mul(0x9e37_79b1));
            assert_eq!(canonical_bits(sqrt(value)), canonical_bits(value.sqrt()), "{value:e}");
        }
    }

    #[test]
    fn square_root_at_the_edges() {
        let edges =
            [0_u32, 1, 2, 3, 0x007f_ffff, 0x0080_0000, 0x3f7f_ffff, 0x3f80_0000, 0x3f80_0001];
        let more = [
            0x7f7f_ffff,
            0x7f80_0000,
            0x7f80_0001,
            0x7fc0_0000,
            0x8000_0000,
            0x8000_0001,
            0xff80_0000,
        ];
        for bits in edges.into_iter().chain(more) {
            let value = f32::from_bits(bits);
            assert_eq!(canonical_bits(sqrt(value)), canonical_bits(value.sqrt()), "{bits:#x}");
        }
    }
}
