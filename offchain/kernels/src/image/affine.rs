//! Every pixel by itself.

use opml_operator::geometry::{Activation, LayerNorm, Rows};

use super::{parts, row};
use crate::elementwise::{gelu_of, silu_of};
use crate::math::{float, store};
use crate::norm::layer_norm;
use crate::quantize::quantize_row;

/// `act(x * a + b)`, gain and offset by channel. Inputs: x; all gains, then all offsets.
pub fn affine(shape: &Rows, tile: u32, [x, table]: [&[u32]; 2], out: &mut [u32]) {
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        let x = row(x, part.pixel, shape.x_log2);
        for (out, channel) in part.out.iter_mut().zip(part.first..) {
            *out = store(mapped(shape, table, channel, x[channel]));
        }
    }
}

/// Every pixel as a quantized row. Input: x.
pub fn pack(shape: &Rows, tile: u32, x: &[u32], out: &mut [u32]) {
    packed(shape, tile, out, |pixel, channel| row(x, pixel, shape.x_log2)[channel]);
}

/// The quantized rows of what [`affine`] writes.
pub fn affine_pack(shape: &Rows, tile: u32, [x, table]: [&[u32]; 2], out: &mut [u32]) {
    packed(shape, tile, out, |pixel, channel| {
        mapped(shape, table, channel, row(x, pixel, shape.x_log2)[channel]).to_bits()
    });
}

/// [`layer_norm`] of every pixel. Inputs: x, gains, offsets.
pub fn norm_rows(shape: &Rows, tile: u32, inputs: [&[u32]; 3], out: &mut [u32]) {
    let [x, g, b] = inputs;
    let norm = LayerNorm { n: shape.out.channels, epsilon: shape.epsilon };
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        layer_norm(&norm, [row(x, part.pixel, shape.x_log2), g, b], part.out);
    }
}

fn packed(shape: &Rows, tile: u32, out: &mut [u32], word: impl Fn(usize, usize) -> u32) {
    let channels = shape.out.channels;
    for part in parts(&shape.out, tile, channels.div_ceil(32) * 9, out) {
        quantize_row(channels as usize, |channel| word(part.pixel, channel), part.out);
    }
}

fn mapped(shape: &Rows, table: &[u32], channel: usize, x: u32) -> f32 {
    let (gain, offset) = (table[channel], table[shape.out.channels as usize + channel]);
    let y = float(x) * float(gain) + float(offset);
    match shape.activation {
        Activation::None => y,
        Activation::Silu => silu_of(y),
        Activation::Gelu => gelu_of(y),
    }
}
