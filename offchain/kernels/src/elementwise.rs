//! Kernels whose outputs depend on the inputs at the same place.
//!
//! A tile's element i is the tensor's element `column * width + i`; those at or past `n` stay +0.

use opml_operator::geometry::Map;

use crate::math::{canonical, erf, float, is_nan, sigmoid, store};
use crate::present;

/// sqrt(1/2).
const SQRT_HALF: f32 = f32::from_bits(0x3f35_04f3);
/// 2 sqrt(2 / pi).
const TANH_LINEAR: f32 = f32::from_bits(0x3fcc_422a);
/// 2 sqrt(2 / pi) * 0.044715.
const TANH_CUBIC: f32 = f32::from_bits(0x3d92_2279);

/// `a + b`.
pub fn add(shape: &Map, column: u32, inputs: [&[u32]; 2], out: &mut [u32]) {
    zip(inputs, below_n(shape, column, out), |a, b| a + b);
}

/// `a * b`.
pub fn mul(shape: &Map, column: u32, inputs: [&[u32]; 2], out: &mut [u32]) {
    zip(inputs, below_n(shape, column, out), |a, b| a * b);
}

/// `x` where `x > 0` or `x` is NaN, else +0.
pub fn relu(shape: &Map, column: u32, x: &[u32], out: &mut [u32]) {
    map(x, below_n(shape, column, out), |word| {
        if word >> 31 == 0 || is_nan(word) { canonical(word) } else { 0 }
    });
}

/// `x * sigmoid(x)`.
pub fn silu(shape: &Map, column: u32, x: &[u32], out: &mut [u32]) {
    map(x, below_n(shape, column, out), |word| store(silu_of(float(word))));
}

/// `(0.5 * x) * (1 + erf(x * sqrt(1/2)))`.
pub fn gelu(shape: &Map, column: u32, x: &[u32], out: &mut [u32]) {
    map(x, below_n(shape, column, out), |word| store(gelu_of(float(word))));
}

/// `x * sigmoid(x * (c + d * (x * x)))`, which is `0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
pub fn gelu_tanh(shape: &Map, column: u32, x: &[u32], out: &mut [u32]) {
    map(x, below_n(shape, column, out), |word| {
        let x = float(word);
        store(x * sigmoid(x * (TANH_LINEAR + TANH_CUBIC * (x * x))))
    });
}

/// [`silu`] of one number.
#[inline]
pub fn silu_of(x: f32) -> f32 {
    x * sigmoid(x)
}

/// [`gelu`] of one number.
#[inline]
pub fn gelu_of(x: f32) -> f32 {
    (0.5 * x) * (1.0 + erf(x * SQRT_HALF))
}

/// The part of a tile's output whose elements are below `n`.
fn below_n<'a>(shape: &Map, column: u32, out: &'a mut [u32]) -> &'a mut [u32] {
    &mut out[..present(column, shape.width, shape.n)]
}

#[inline]
fn map(x: &[u32], out: &mut [u32], f: impl Fn(u32) -> u32) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = f(*x);
    }
}

#[inline]
fn zip([a, b]: [&[u32]; 2], out: &mut [u32], f: impl Fn(f32, f32) -> f32) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = store(f(float(*a), float(*b)));
    }
}
