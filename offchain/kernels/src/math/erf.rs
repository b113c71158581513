//! Error function.

use super::exp;

/// `erf(a) / a - 1` in `a^2`, for a < 1, highest power first.
const NEAR: [f32; 7] = [
    f32::from_bits(0x38a4_b514),
    f32::from_bits(0xba51_fb7e),
    f32::from_bits(0x3baa_02d9),
    f32::from_bits(0xbcdb_fc86),
    f32::from_bits(0x3de7_167c),
    f32::from_bits(0xbec0_939f),
    f32::from_bits(0x3e03_75d4),
];
/// `-ln(1 - erf(a)) / a` for 1 <= a <= 4, highest power first.
const FAR: [f32; 6] = [
    f32::from_bits(0xb95c_e02f),
    f32::from_bits(0x3b50_dc21),
    f32::from_bits(0xbcba_c3db),
    f32::from_bits(0x3dd7_4723),
    f32::from_bits(0x3f22_c5da),
    f32::from_bits(0x3f90_7209),
];
/// From here on the result rounds to one.
const ONE_FROM: f32 = 4.0;

/// erf(x): the magnitude is computed from |x|, the sign of `x` is put on it.
#[inline]
pub fn erf(x: f32) -> f32 {
    let bits = x.to_bits();
    let a = f32::from_bits(bits & 0x7fff_ffff);
    let magnitude = if a > ONE_FROM {
        1.0
    } else if a >= 1.0 {
        1.0 - exp(-(a * horner(&FAR, a)))
    } else {
        // NaN comes here and stays NaN.
        a * horner(&NEAR, a * a) + a
    };
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000_0000))
}

#[inline]
fn horner<const N: usize>(coefficients: &[f32; N], x: f32) -> f32 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum * x + coefficient;
    }
    sum
}
