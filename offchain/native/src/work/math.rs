//! The functions of `opml_kernels::math` without branches, so that the compiler makes lanes of them.
//! Constants and operations are the same; a selection at the end takes a branch's place.

use opml_kernels::math::ROUND_TO_INTEGER;

const OVERFLOW: f32 = f32::from_bits(0x42b1_7217);
const UNDERFLOW: f32 = -104.0;
const LOG2_E: f32 = f32::from_bits(0x3fb8_aa3b);
const LN_2_HIGH: f32 = f32::from_bits(0x3f31_8000);
const LN_2_LOW: f32 = f32::from_bits(0xb95e_8083);
const EXP_TAIL: [u32; 5] = [0x3ab5_11a7, 0x3c09_1d36, 0x3d2a_ac7a, 0x3e2a_aa48, 0x3eff_fffe];

const ERF_NEAR: [u32; 7] =
    [0x38a4_b514, 0xba51_fb7e, 0x3baa_02d9, 0xbcdb_fc86, 0x3de7_167c, 0xbec0_939f, 0x3e03_75d4];
const ERF_FAR: [u32; 6] =
    [0xb95c_e02f, 0x3b50_dc21, 0xbcba_c3db, 0x3dd7_4723, 0x3f22_c5da, 0x3f90_7209];
const ERF_ONE_FROM: f32 = 4.0;

/// e^x.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let shifted = x * LOG2_E + ROUND_TO_INTEGER;
    let n = shifted - ROUND_TO_INTEGER;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let fraction = (r * r * horner(EXP_TAIL, r) + r) + 1.0;
    let n = shifted.to_bits().wrapping_sub(ROUND_TO_INTEGER.to_bits()).cast_signed();
    let half = n >> 1;
    let value = fraction * power_of_two(half) * power_of_two(n.wrapping_sub(half));
    let value = if x < UNDERFLOW { 0.0 } else { value };
    if x > OVERFLOW { f32::INFINITY } else { value }
}

/// `2^n` for -126 <= n <= 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(n.wrapping_add(127).cast_unsigned() << 23)
}

/// 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(f32::from_bits(x.to_bits() | 0x8000_0000));
    let numerator = if x < 0.0 { e } else { 1.0 };
    numerator / (1.0 + e)
}

/// erf(x).
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let bits = x.to_bits();
    let a = f32::from_bits(bits & 0x7fff_ffff);
    let near = a * horner(ERF_NEAR, a * a) + a;
    let far = 1.0 - exp(-(a * horner(ERF_FAR, a)));
    // NaN is not at least one: it comes from the first polynomial.
    let magnitude = if a >= 1.0 { far } else { near };
    let magnitude = if a > ERF_ONE_FROM { 1.0 } else { magnitude };
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000_0000))
}

#[inline(always)]
fn horner<const N: usize>(coefficients: [u32; N], x: f32) -> f32 {
    let mut sum = f32::from_bits(coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = sum * x + f32::from_bits(*coefficient);
    }
    sum
}

#[cfg(test)]
mod tests {
    use opml_kernels::math::store;

    /// Every `step`th word as an argument.
    fn compare(step: usize) {
        for word in (0..=u32::MAX).step_by(step).chain([u32::MAX]) {
            let x = f32::from_bits(word);
            let pairs = [
                (super::exp(x), opml_kernels::math::exp(x)),
                (super::sigmoid(x), opml_kernels::math::sigmoid(x)),
                (super::erf(x), opml_kernels::math::erf(x)),
            ];
            for (actual, expected) in pairs {
                assert_eq!(store(actual), store(expected), "{word:#010x}");
            }
        }
    }

    #[test]
    fn functions_are_the_references() {
        compare(4093);
    }

    #[test]
    #[ignore = "all 2^32 arguments: minutes"]
    fn functions_are_the_references_for_all_arguments() {
        compare(1);
    }
}
