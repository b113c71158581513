//! Kernels of words in a row, and bytes.

use opml_operator::geometry::{ToBytes, Vector};

use super::row;
use crate::math::{float, nearest, store};
use crate::random::splitmix64;
use crate::request::header;

/// Sums of tensors times numbers k. One to three terms: `k[0] * a`, `k[0] * a + k[1] * b`,
/// `(k[0] * a + k[1] * b) + k[2] * c`; none: `a + k[0] * (b - a)`. Inputs: a, b, c, k.
pub fn blend(shape: &Vector, tile: u32, inputs: [&[u32]; 4], out: &mut [u32]) {
    let [a, b, c, k] = inputs;
    let k = [k[0], k[1], k[2]].map(float);
    for (out, at) in present(shape, tile, out) {
        let [a, b, c] = [a, b, c].map(|words| float(words[at]));
        *out = store(match shape.select {
            0 => a + k[0] * (b - a),
            1 => k[0] * a,
            2 => k[0] * a + k[1] * b,
            _ => (k[0] * a + k[1] * b) + k[2] * c,
        });
    }
}

/// Word e: that word of the table which the first 16 bits of a random number name, of the request's seed,
/// the stream, the iteration and e. Inputs: request, table.
pub fn noise(
    shape: &Vector,
    (tile, iteration): (u32, u32),
    [request, table]: [&[u32]; 2],
    out: &mut [u32],
) {
    let [low, high] = [header::SEED, header::SEED + 1].map(|at| u64::from(request[at]));
    let stream = u64::from(shape.select) + u64::from(iteration);
    for (out, at) in present(shape, tile, out) {
        let counter = (stream << 32).wrapping_add(at as u64 + 1);
        *out = table[(splitmix64(low | high << 32, counter) >> 48) as usize];
    }
}

/// The tile's elements below n, with their numbers.
fn present<'a>(
    shape: &Vector,
    tile: u32,
    out: &'a mut [u32],
) -> impl Iterator<Item = (&'a mut u32, usize)> {
    let first = shape.first(tile);
    out.iter_mut().zip(first as usize..shape.n as usize)
}

/// Byte `channels * p + c`: element c of pixel p as `y = x * scale + offset`, 0 if not `y > 0`, else the integer
/// nearest to the lesser of y and 255.
pub fn to_bytes(shape: &ToBytes, tile: u32, x: &[u32], out: &mut [u32]) {
    let channels = u64::from(shape.channels);
    let first = shape.first_byte(tile);
    let count = u64::from(shape.pixels) * channels;
    let mut at = first;
    for out in out {
        let mut bytes = [0; 4];
        for byte in &mut bytes {
            if at < count {
                let (pixel, channel) = ((at / channels) as usize, (at % channels) as usize);
                *byte = byte_of(shape, row(x, pixel, shape.x_log2)[channel]);
            }
            at += 1;
        }
        *out = u32::from_le_bytes(bytes);
    }
}

fn byte_of(shape: &ToBytes, x: u32) -> u8 {
    let y = float(x) * float(shape.scale) + float(shape.offset);
    if y > 0.0 { nearest(if y < 255.0 { y } else { 255.0 }) as u8 } else { 0 }
}
