//! Functions of `opml_kernels::math` against the processor's and against exact values.
#![allow(clippy::float_cmp, reason = "results are exact")]

use opml_kernels::math::{canonical, erf, exp, half, nearest, sigmoid, sqrt, store};

/// Words that visit every exponent and both signs; 2^24 of them.
fn words() -> impl Iterator<Item = u32> {
    (0..1_u32 << 24).map(|index| index.wrapping_mul(0x9e37_79b1))
}

#[test]
fn the_square_root_is_the_processors() {
    let edges = [0, 1, 2, 3, 0x007f_ffff, 0x0080_0000, 0x3f7f_ffff, 0x3f80_0000, 0x3f80_0001];
    let more = [0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0x8000_0000, 0x8000_0001];
    let subnormals = (0..1 << 16).map(|index: u32| index.wrapping_mul(127) & 0x007f_ffff);
    for word in edges.into_iter().chain(more).chain(subnormals).chain(words()) {
        let value = f32::from_bits(word);
        assert_eq!(store(sqrt(value)), store(value.sqrt()), "{word:#010x}");
    }
}

/// By the definition: sign, fraction and power of two, all exact in 64 bits.
#[test]
fn half_precision_is_exact() {
    for word in 0..=u32::from(u16::MAX) {
        let (exponent, fraction) = ((word >> 10 & 31).cast_signed(), f64::from(word & 0x3ff));
        let magnitude = match exponent {
            0 => fraction * 2_f64.powi(-24),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (fraction + 1024.0) * 2_f64.powi(exponent - 25),
        };
        let expected = if word >> 15 == 0 { magnitude } else { -magnitude };
        let actual = half(word | 0xabcd_0000);
        if magnitude.is_nan() {
            assert_eq!(actual.to_bits(), 0x7fc0_0000);
        } else {
            assert_eq!(f64::from(actual), expected, "{word:#06x}");
            assert_eq!(actual.is_sign_negative(), word >> 15 == 1);
        }
    }
}

#[test]
fn every_nan_becomes_one() {
    for word in [0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff, 0xff80_0001, 0xffc0_0000, u32::MAX] {
        assert_eq!(canonical(word), 0x7fc0_0000);
    }
    for word in [0, 1, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x7f7f_ffff] {
        assert_eq!(canonical(word), word);
    }
}

#[test]
fn ties_are_rounded_to_even() {
    for (value, integer) in [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (126.5, 126)] {
        assert_eq!(nearest(value), integer);
    }
    assert_eq!(nearest(-127.0), -127);
    assert_eq!(nearest(4_194_304.0), 1 << 22);
    assert_eq!(nearest(-4_194_304.0), -(1 << 22));
}

#[test]
fn functions_at_the_edges() {
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(-0.0), 1.0);
    assert_eq!(exp(f32::INFINITY), f32::INFINITY);
    assert_eq!(exp(88.722_84), f32::INFINITY);
    assert!(exp(88.722_83).is_finite());
    assert_eq!(exp(f32::NEG_INFINITY).to_bits(), 0);
    assert_eq!(exp(-103.9).to_bits(), 1);
    assert_eq!(exp(-104.1).to_bits(), 0);
    assert!(exp(f32::NAN).is_nan());
    assert_eq!(sigmoid(f32::INFINITY), 1.0);
    assert_eq!(sigmoid(f32::NEG_INFINITY).to_bits(), 0);
    assert_eq!(sigmoid(0.0), 0.5);
    assert!(sigmoid(-f32::NAN).is_nan());
    assert_eq!(erf(-0.0).to_bits(), 0x8000_0000);
    assert_eq!(erf(f32::INFINITY), 1.0);
    assert_eq!(erf(-5.0), -1.0);
    assert!(erf(f32::NAN).is_nan());
}

/// Relative error within a few units in the last place wherever the result is a normal number; the
/// exact figures over all inputs are in docs/spec.md (`cargo run --release -p opml-kernels --example ulp`).
#[test]
fn the_exponential_is_near_the_true_one() {
    for word in words() {
        let x = f32::from_bits(word);
        let expected = f64::from(x).exp();
        if (f64::from(f32::MIN_POSITIVE)..f64::from(f32::MAX)).contains(&expected) {
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 2_f64.powi(-22), "exp({x:e}): {error:e}");
        }
    }
}
