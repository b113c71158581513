//! Exponential.

use super::ROUND_TO_INTEGER;

/// Above this the result is infinity: the largest f32 below ln(2^128).
const OVERFLOW: f32 = f32::from_bits(0x42b1_7217);
/// Below this the result is +0: all of e^x lies under half of the smallest subnormal.
const UNDERFLOW: f32 = -104.0;
const LOG2_E: f32 = f32::from_bits(0x3fb8_aa3b);
/// ln 2 to nine bits, so that its product with an integer of eight bits is exact.
const LN_2_HIGH: f32 = f32::from_bits(0x3f31_8000);
/// ln 2 less [`LN_2_HIGH`].
const LN_2_LOW: f32 = f32::from_bits(0xb95e_8083);
/// `(e^r - 1 - r) / r^2` on [-ln 2 / 2, ln 2 / 2], highest power first.
const TAIL: [f32; 5] = [
    f32::from_bits(0x3ab5_11a7),
    f32::from_bits(0x3c09_1d36),
    f32::from_bits(0x3d2a_ac7a),
    f32::from_bits(0x3e2a_aa48),
    f32::from_bits(0x3eff_fffe),
];

/// e^x. Infinity above 88.72283, +0 below -104, NaN for NaN; results may be subnormal.
#[inline]
pub fn exp(x: f32) -> f32 {
    if x > OVERFLOW {
        return f32::INFINITY;
    }
    if x < UNDERFLOW {
        return 0.0;
    }
    let shifted = x * LOG2_E + ROUND_TO_INTEGER;
    let n = shifted - ROUND_TO_INTEGER;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let tail = (((TAIL[0] * r + TAIL[1]) * r + TAIL[2]) * r + TAIL[3]) * r + TAIL[4];
    let fraction = (r * r * tail + r) + 1.0;
    scale(fraction, shifted.to_bits().wrapping_sub(ROUND_TO_INTEGER.to_bits()).cast_signed())
}

/// `fraction * 2^n` for |n| <= 252: by two halves, of which the first is exact and only the second
/// may round, once, to a subnormal.
#[inline]
fn scale(fraction: f32, n: i32) -> f32 {
    let half = n >> 1;
    fraction * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `2^n` for -126 <= n <= 127; some number otherwise (of a NaN, which stays one).
#[inline]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(n.wrapping_add(127).cast_unsigned() << 23)
}
