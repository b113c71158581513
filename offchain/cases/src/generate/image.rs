//! Kernels of images.

use opml_operator::{Kernel, WeightType};

use super::matrix::{matrix_of, quantized_row};
use super::{Parts, size, width};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

/// Rows of an image, something else behind each, and their distance as a power of two.
struct Image {
    words: Vec<u32>,
    log2: u32,
}

/// `pixels` rows of `channels` numbers.
fn numbers(rng: &mut Rng, pixels: u32, channels: u32) -> Image {
    let flavor = Flavor::any(rng);
    rows(rng, (pixels, channels), |rng| flavor.numbers(rng, channels))
}

/// `pixels` quantized rows of `blocks` blocks.
fn packed(rng: &mut Rng, pixels: u32, blocks: u32) -> Image {
    rows(rng, (pixels, 9 * blocks), |rng| quantized_row(rng, blocks))
}

fn rows(
    rng: &mut Rng,
    (pixels, words): (u32, u32),
    mut row: impl FnMut(&mut Rng) -> Vec<u32>,
) -> Image {
    let log2 = pitch(words) + rng.below(2);
    let mut image = Vec::new();
    for _ in 0..pixels {
        let mut row = row(rng);
        row.resize(1 << log2 >> 2, 0xffff_ffff);
        image.extend(row);
    }
    Image { words: image, log2 }
}

/// The least distance of rows of so many words, as a power of two of bytes.
fn pitch(words: u32) -> u32 {
    words.next_power_of_two().trailing_zeros() + 2
}

/// One column of tiles that cover `words`, and sometimes one more.
fn grid(rng: &mut Rng, words: u32, width: u32) -> (u32, u32) {
    (1, words.div_ceil(width) + u32::from(rng.one_in(8)))
}

/// A case whose iteration may be any.
fn case(parts: Parts<'_>, rng: &mut Rng) -> Case {
    let mut case = parts.case(rng);
    case.iteration = rng.below(4);
    case
}

pub fn conv(kernel: Kernel, rng: &mut Rng) -> Case {
    let kind = WeightType::ALL[rng.below(7) as usize];
    let unit = kind.unit().max(1);
    // Blocks of blocks lie within the channels of a tap only if these are as many.
    let inputs = if unit > 32 { unit } else { rng.within(1, 70) };
    let tap = if kind.quantized() { inputs.div_ceil(32) * 32 } else { inputs };
    let largest = if unit > 32 { 1 } else { 3 };
    let [size, stride, padding] = [rng.within(1, largest), rng.within(1, 2), rng.within(0, 2)];
    let [x_width, x_height] = [rng.within(1, 5), rng.within(1, 5)];
    let (channels, out_width) = (rng.within(1, 40), rng.within(1, 5));
    let pixels = out_width * rng.within(1, 4);
    let x = if kind.quantized() {
        packed(rng, x_width * x_height, tap / 32)
    } else {
        numbers(rng, x_width * x_height, inputs)
    };
    let log2 = pitch(channels) + rng.below(2);
    let width = 1 << rng.within(4, (log2 + 2).clamp(4, 8));
    let weights = matrix_of(kind, size * size * tap, channels, rng);
    let mut tensors = vec![weights, x.words, Flavor::any(rng).numbers(rng, channels)];
    if kernel == Kernel::ConvAdd {
        tensors.push(Flavor::any(rng).numbers(rng, pixels << (log2 - 2)));
    }
    let params = &[
        pixels,
        channels,
        log2,
        kind.id(),
        inputs,
        x.log2,
        x_width,
        x_height,
        out_width,
        size,
        stride,
        padding,
    ];
    let grid = grid(rng, pixels << (log2 - 2), width);
    case(Parts { kernel, params, grid, output: width, inputs: tensors }, rng)
}

pub fn attend(rng: &mut Rng) -> Case {
    let (blocks, heads) = (rng.within(1, 3), rng.within(1, 3));
    let (queries, channels) = (rng.within(1, 6), 32 * blocks * heads);
    let positions = size(rng, 7);
    let needed = blocks * heads;
    let [q_blocks, kv_blocks] = [needed + rng.below(3), needed + rng.below(3)];
    let q = packed(rng, queries, q_blocks);
    let keys = packed(rng, positions, kv_blocks);
    let values = rows_like(rng, &keys, (positions, kv_blocks));
    let log2 = pitch(channels) + rng.below(2);
    let width = width(rng, 9);
    let scale = if rng.one_in(2) { 0x3c00_0000 } else { Flavor::any(rng).number(rng) };
    let params = &[
        queries,
        channels,
        log2,
        heads,
        positions,
        rng.below(2),
        scale,
        q_blocks,
        q.log2,
        kv_blocks,
        keys.log2,
        rng.below(q_blocks - needed + 1),
        rng.below(kv_blocks - needed + 1),
        rng.below(kv_blocks - needed + 1),
    ];
    let grid = grid(rng, queries << (log2 - 2), width);
    let inputs = vec![q.words, keys.words, values];
    case(Parts { kernel: Kernel::Attend, params, grid, output: width, inputs }, rng)
}

/// Quantized rows as far apart as those of another image.
fn rows_like(rng: &mut Rng, other: &Image, (pixels, blocks): (u32, u32)) -> Vec<u32> {
    let mut words = Vec::new();
    for _ in 0..pixels {
        let mut row = quantized_row(rng, blocks);
        row.resize(1 << other.log2 >> 2, 0);
        words.extend(row);
    }
    words
}

pub fn moments(rng: &mut Rng) -> Case {
    let (pixels, channels, each) = (rng.within(1, 40), rng.within(1, 40), rng.within(1, 20));
    let x = numbers(rng, pixels, channels);
    let output = 2 * channels;
    let params = &[pixels, channels, each, x.log2];
    let grid = grid(rng, pixels.div_ceil(each), 1);
    case(Parts { kernel: Kernel::Moments, params, grid, output, inputs: vec![x.words] }, rng)
}

pub fn group_affine(rng: &mut Rng) -> Case {
    let (groups, each) = (rng.within(1, 8), rng.within(1, 20));
    let (pixels, channels) = (rng.within(1, 60), groups * rng.within(1, 5));
    let moments = numbers(rng, pixels.div_ceil(each), 2 * channels);
    let epsilon = if rng.one_in(2) { 1e-5_f32.to_bits() } else { Flavor::any(rng).number(rng) };
    let params = &[pixels, channels, each, moments.log2, groups, epsilon];
    let [gamma, beta] = [(); 2].map(|()| Flavor::any(rng).numbers(rng, channels));
    let inputs = vec![moments.words, gamma, beta];
    let output = 2 * channels;
    case(Parts { kernel: Kernel::GroupAffine, params, grid: (1, 1), output, inputs }, rng)
}

pub fn rows_of(kernel: Kernel, rng: &mut Rng) -> Case {
    let (pixels, channels) = (rng.within(1, 20), rng.within(1, 100));
    let x = numbers(rng, pixels, channels);
    let quantized = matches!(kernel, Kernel::Pack | Kernel::AffinePack);
    let words = if quantized { 9 * channels.div_ceil(32) } else { channels };
    let log2 = pitch(words) + rng.below(2);
    let least = if kernel == Kernel::Affine { 3 } else { (log2 - 2).max(3) };
    let width = 1 << rng.within(least, least + 3);
    let mut inputs = vec![x.words];
    let mut params = vec![pixels, channels, log2, x.log2];
    match kernel {
        Kernel::NormRows => {
            inputs.extend([(); 2].map(|()| Flavor::any(rng).numbers(rng, channels)));
            params.push(1e-5_f32.to_bits());
        }
        Kernel::Affine | Kernel::AffinePack => {
            inputs.push(Flavor::any(rng).numbers(rng, 2 * channels));
            params.push(rng.below(3));
        }
        _ => {}
    }
    let grid = grid(rng, pixels << (log2 - 2), width);
    case(Parts { kernel, params: &params, grid, output: width, inputs }, rng)
}

pub fn resample(rng: &mut Rng) -> Case {
    let (mode, channels) = (rng.below(3), rng.within(1, 40));
    let factor = if mode == 2 { 2 } else { rng.within(1, 3) };
    let [a, b] = [rng.within(1, 4), rng.within(1, 4)];
    let unit = if mode == 1 { factor } else { 1 };
    let (x_width, x_height) = (a * unit, b * unit);
    let pixels = if mode == 1 { a * b } else { a * b * factor * factor };
    let x = numbers(rng, x_width * x_height, channels);
    let log2 = pitch(channels) + rng.below(2);
    let width = width(rng, 8);
    let params = &[pixels, channels, log2, x.log2, x_width, x_height, mode, factor];
    let grid = grid(rng, pixels << (log2 - 2), width);
    let inputs = vec![x.words];
    case(Parts { kernel: Kernel::Resample, params, grid, output: width, inputs }, rng)
}

pub fn concat(rng: &mut Rng) -> Case {
    let (pixels, split, rest) = (rng.within(1, 20), rng.within(1, 40), rng.within(1, 40));
    let (a, b) = (numbers(rng, pixels, split), numbers(rng, pixels, rest));
    let log2 = pitch(split + rest) + rng.below(2);
    let width = width(rng, 8);
    let params = &[pixels, split + rest, log2, a.log2, b.log2, split];
    let grid = grid(rng, pixels << (log2 - 2), width);
    let inputs = vec![a.words, b.words];
    case(Parts { kernel: Kernel::Concat, params, grid, output: width, inputs }, rng)
}

pub fn blend(rng: &mut Rng) -> Case {
    let (n, width) = (size(rng, 8), width(rng, 7));
    let inputs = [n, n, n, 8].map(|count| Flavor::any(rng).numbers(rng, count)).to_vec();
    let grid = grid(rng, n, width);
    let params = &[n, rng.below(4)];
    case(Parts { kernel: Kernel::Blend, params, grid, output: width, inputs }, rng)
}

pub fn noise(rng: &mut Rng) -> Case {
    let (n, width) = (size(rng, 8), width(rng, 7));
    let inputs = vec![Flavor::Raw.numbers(rng, 32), Flavor::Usual.numbers(rng, 1 << 16)];
    let grid = grid(rng, n, width);
    let params = &[n, rng.word()];
    case(Parts { kernel: Kernel::Noise, params, grid, output: width, inputs }, rng)
}

pub fn to_bytes(rng: &mut Rng) -> Case {
    let (pixels, channels, width) = (rng.within(1, 60), rng.within(1, 5), width(rng, 6));
    let x = numbers(rng, pixels, channels);
    let [scale, offset] = if rng.one_in(2) {
        [127.5_f32.to_bits(), 127.5_f32.to_bits()]
    } else {
        [(); 2].map(|()| Flavor::any(rng).number(rng))
    };
    let params = &[pixels, channels, x.log2, scale, offset];
    let grid = grid(rng, (pixels * channels).div_ceil(4), width);
    let inputs = vec![x.words];
    case(Parts { kernel: Kernel::ToBytes, params, grid, output: width, inputs }, rng)
}
