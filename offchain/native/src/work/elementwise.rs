//! Kernels whose outputs depend on the inputs at the same place. The compiler makes lanes of the loops.

use opml_kernels::math::{canonical, float, is_nan, store};

use super::math::{erf, sigmoid};
use crate::isa::{Isa, Work};

/// sqrt(1/2).
const SQRT_HALF: f32 = f32::from_bits(0x3f35_04f3);
/// 2 sqrt(2 / pi).
const TANH_LINEAR: f32 = f32::from_bits(0x3fcc_422a);
/// 2 sqrt(2 / pi) * 0.044715.
const TANH_CUBIC: f32 = f32::from_bits(0x3d92_2279);

/// A function of one word.
pub trait Unary {
    /// Its value; `#[inline(always)]`.
    fn of(&self, x: u32) -> u32;
}

/// A function of two numbers.
pub trait Binary {
    /// Its value; `#[inline(always)]`.
    fn of(&self, a: f32, b: f32) -> f32;
}

/// `function` of every element of `x`; `x` is as long as `out`.
pub struct Map<'a, F> {
    /// What is computed.
    pub function: F,
    /// Its arguments.
    pub x: &'a [u32],
    /// Its values.
    pub out: &'a mut [u32],
}

/// `function` of every pair of elements of `a` and `b`, which are as long as `out`.
pub struct Zip<'a, F> {
    /// What is computed.
    pub function: F,
    /// First arguments.
    pub a: &'a [u32],
    /// Second arguments.
    pub b: &'a [u32],
    /// Its values.
    pub out: &'a mut [u32],
}

impl<F: Unary> Work for Map<'_, F> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        for (out, x) in self.out.iter_mut().zip(self.x) {
            *out = self.function.of(*x);
        }
    }
}

impl<F: Binary> Work for Zip<'_, F> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        for ((out, a), b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            *out = store(self.function.of(float(*a), float(*b)));
        }
    }
}

/// `a + b`.
pub struct Add;
/// `a * b`.
pub struct Mul;
/// `max(x, 0)`.
pub struct Relu;
/// `x * sigmoid(x)`.
pub struct Silu;
/// By the error function.
pub struct Gelu;
/// By the hyperbolic tangent.
pub struct GeluTanh;

impl Binary for Add {
    #[inline(always)]
    fn of(&self, a: f32, b: f32) -> f32 {
        a + b
    }
}

impl Binary for Mul {
    #[inline(always)]
    fn of(&self, a: f32, b: f32) -> f32 {
        a * b
    }
}

impl Unary for Relu {
    #[inline(always)]
    fn of(&self, x: u32) -> u32 {
        if x >> 31 == 0 || is_nan(x) { canonical(x) } else { 0 }
    }
}

impl Unary for Silu {
    #[inline(always)]
    fn of(&self, x: u32) -> u32 {
        store(silu(float(x)))
    }
}

impl Unary for Gelu {
    #[inline(always)]
    fn of(&self, x: u32) -> u32 {
        store(gelu(float(x)))
    }
}

/// [`Silu`] of one number.
#[inline(always)]
pub fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

/// [`Gelu`] of one number.
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    (0.5 * x) * (1.0 + erf(x * SQRT_HALF))
}

impl Unary for GeluTanh {
    #[inline(always)]
    fn of(&self, x: u32) -> u32 {
        let x = float(x);
        store(x * sigmoid(x * (TANH_LINEAR + TANH_CUBIC * (x * x))))
    }
}
