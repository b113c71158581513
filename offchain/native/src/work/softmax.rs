//! Softmax of a row.

use opml_kernels::math::{float, store};
use opml_operator::geometry::Softmax;

use super::math::exp;
use super::sums::strided;
use crate::isa::{Isa, LANES, Work};

/// Softmax of the first elements.
pub struct SoftmaxWork<'a> {
    /// Geometry.
    pub shape: &'a Softmax,
    /// The row.
    pub x: &'a [u32],
    /// The result.
    pub out: &'a mut [u32],
}

impl Work for SoftmaxWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let n = self.shape.n as usize;
        let (x, out) = (&self.x[..n], &mut self.out[..n]);
        let max = greatest(isa, x);
        for (out, x) in out.iter_mut().zip(x) {
            *out = exp(float(*x) - max).to_bits();
        }
        let inverse = 1.0 / strided(isa, out, |e| e);
        for out in out {
            *out = store(float(*out) * inverse);
        }
    }
}

/// The greatest element that is not NaN, from minus infinity on. Lanes may find the other zero than
/// the reference does; `exp` of a difference is the same for both.
#[inline(always)]
pub fn greatest<I: Isa>(isa: I, x: &[u32]) -> f32 {
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut lanes = isa.splat(f32::NEG_INFINITY);
    for words in whole {
        lanes = isa.greater(isa.numbers(words), lanes);
    }
    let mut max = f32::NEG_INFINITY;
    for word in isa.store(lanes).iter().chain(rest) {
        let number = float(*word);
        max = if number > max { number } else { max };
    }
    max
}
