//! Logistic function.

use super::exp;

/// 1 / (1 + e^-x), by e^-|x|, so that small results keep their relative accuracy.
#[inline]
pub fn sigmoid(x: f32) -> f32 {
    // NaN goes through `exp`, whatever its sign.
    let e = exp(f32::from_bits(x.to_bits() | 0x8000_0000));
    let numerator = if x < 0.0 { e } else { 1.0 };
    numerator / (1.0 + e)
}
