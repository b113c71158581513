//! Softmax of a row.

use opml_operator::geometry::Softmax;

use crate::math::{exp, float, store};
use crate::sums::strided;

/// `e = exp(x - max)`; `out = e * (1 / sum(e))` for the first `n` elements. `max` is the greatest
/// element that is not NaN, from minus infinity on; a NaN or an infinite maximum makes all of `out` NaN.
pub fn softmax(shape: &Softmax, x: &[u32], out: &mut [u32]) {
    let n = shape.n as usize;
    let (x, out) = (&x[..n], &mut out[..n]);
    let mut max = f32::NEG_INFINITY;
    for word in x {
        let x = float(*word);
        if x > max {
            max = x;
        }
    }
    for (out, x) in out.iter_mut().zip(x) {
        *out = exp(float(*x) - max).to_bits();
    }
    let inverse = 1.0 / strided(out.iter().map(|word| float(*word)));
    for out in out {
        *out = store(float(*out) * inverse);
    }
}
