//! Errors of the activation kernels against 64-bit functions, over every 61st input:
//! `cargo run --release -p opml-kernels --example activations`.
//!
//! In units in the last place of the true result for x >= -1. Below, where the result is a small
//! difference of large numbers (Gelu) or all but vanishes, absolute. docs/spec.md states both.

use opml_kernels::{gelu, gelu_tanh, silu};
use opml_operator::geometry::Map;

/// Step through the 2^32 inputs.
const STEP: usize = 61;

type Kernel = fn(&Map, u32, &[u32], &mut [u32]);

fn main() {
    measure("silu", silu, |x| x / (1.0 + (-x).exp()));
    measure("gelu", gelu, |x| 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2));
    measure("gelu_tanh", gelu_tanh, |x| {
        let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
        // 1 + tanh(u) = 2 / (1 + e^-2u), which keeps its accuracy far below zero.
        x / (1.0 + (-2.0 * inner).exp())
    });
}

fn measure(name: &str, kernel: Kernel, reference: fn(f64) -> f64) {
    let (mut ulps, mut absolute) = ((0.0, 0.0), (0.0, 0.0));
    for word in (0..=u32::MAX).step_by(STEP) {
        let x = f32::from_bits(word);
        if !x.is_finite() {
            continue;
        }
        let mut out = [0];
        kernel(&Map { n: 1, width: 1 }, 0, &[word], &mut out);
        let expected = reference(f64::from(x));
        let error = (f64::from(f32::from_bits(out[0])) - expected).abs();
        if x < -1.0 {
            absolute = if error > absolute.0 { (error, x) } else { absolute };
        } else {
            let error = error / last_place(expected);
            ulps = if error > ulps.0 { (error, x) } else { ulps };
        }
    }
    println!("{name}: {:.3} ulp at {:e} (x >= -1)", ulps.0, ulps.1);
    println!("  absolute {:.3e} at {:e} (x < -1)", absolute.0, absolute.1);
}

/// One unit in the last place of the 32-bit format.
fn last_place(value: f64) -> f64 {
    let exponent = ((value.abs().to_bits() >> 52) as i32 - 1023).max(-126);
    2_f64.powi(exponent - 23)
}
