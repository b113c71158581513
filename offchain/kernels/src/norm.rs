//! Normalisation of a row.

use opml_operator::geometry::{LayerNorm, RmsNorm};

use crate::math::{float, sqrt, store};
use crate::sums::strided;

/// `inverse = 1 / sqrt(sum(x * x) / n + epsilon)`; `out = (x * inverse) * g`.
pub fn rms_norm(shape: &RmsNorm, x: &[u32], g: &[u32], out: &mut [u32]) {
    let n = shape.n as usize;
    let numbers = x[..n].iter().map(|word| float(*word));
    let square = strided(numbers.clone().map(|x| x * x)) / shape.n as f32;
    let inverse = 1.0 / sqrt(square + float(shape.epsilon));
    for ((out, x), g) in out[..n].iter_mut().zip(numbers).zip(&g[..n]) {
        *out = store((x * inverse) * float(*g));
    }
}

/// `mean = sum(x) / n`; `inverse = 1 / sqrt(sum(d * d) / n + epsilon)` with `d = x - mean`;
/// `out = (d * inverse) * g + b`. Inputs: x, g, b.
pub fn layer_norm(shape: &LayerNorm, inputs: [&[u32]; 3], out: &mut [u32]) {
    let n = shape.n as usize;
    let [x, g, b] = inputs.map(|input| input[..n].iter().map(|word| float(*word)));
    let mean = strided(x.clone()) / shape.n as f32;
    let distances = x.map(|x| x - mean);
    let variance = strided(distances.clone().map(|d| d * d)) / shape.n as f32;
    let inverse = 1.0 / sqrt(variance + float(shape.epsilon));
    for (((out, d), g), b) in out[..n].iter_mut().zip(distances).zip(g).zip(b) {
        *out = store((d * inverse) * g + b);
    }
}
