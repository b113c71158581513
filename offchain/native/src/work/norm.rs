//! Normalisation of a row.

use opml_kernels::math::{float, store};
use opml_operator::geometry::{LayerNorm, RmsNorm};

use super::sums::strided;
use crate::isa::{Isa, Work};

/// Root mean square normalisation.
pub struct RmsNormWork<'a> {
    /// Geometry.
    pub shape: &'a RmsNorm,
    /// The row.
    pub x: &'a [u32],
    /// Its gains.
    pub g: &'a [u32],
    /// The result.
    pub out: &'a mut [u32],
}

impl Work for RmsNormWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let n = self.shape.n as usize;
        let (x, g) = (&self.x[..n], &self.g[..n]);
        let square = strided(isa, x, |x| isa.mul(x, x)) / self.shape.n as f32;
        let inverse = 1.0 / (square + float(self.shape.epsilon)).sqrt();
        for ((out, x), g) in self.out[..n].iter_mut().zip(x).zip(g) {
            *out = store((float(*x) * inverse) * float(*g));
        }
    }
}

/// Layer normalisation.
pub struct LayerNormWork<'a> {
    /// Geometry.
    pub shape: &'a LayerNorm,
    /// The row, gains, biases.
    pub inputs: [&'a [u32]; 3],
    /// The result.
    pub out: &'a mut [u32],
}

impl Work for LayerNormWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let n = self.shape.n as usize;
        let [x, gains, biases] = self.inputs.map(|input| &input[..n]);
        let mean = strided(isa, x, |x| x) / self.shape.n as f32;
        // Adding the negative is subtracting, for every number.
        let less_mean = isa.splat(-mean);
        let variance = strided(isa, x, |x| {
            let d = isa.add(x, less_mean);
            isa.mul(d, d)
        });
        let variance = variance / self.shape.n as f32;
        let inverse = 1.0 / (variance + float(self.shape.epsilon)).sqrt();
        for (((out, x), g), b) in self.out[..n].iter_mut().zip(x).zip(gains).zip(biases) {
            *out = store(((float(*x) - mean) * inverse) * float(*g) + float(*b));
        }
    }
}
