//! Group normalisation: sums of blocks of pixels, and what follows from them.

use opml_operator::geometry::{GroupAffine, Moments};

use super::row;
use crate::math::{float, sqrt, store};

/// Of block t, tile t: for every channel the sum S from +0 of x over its pixels, and then, behind all
/// of them, the sum from +0 of the squares of `x - S / f32(n)`, n the block's pixels.
pub fn moments(shape: &Moments, tile: u32, x: &[u32], out: &mut [u32]) {
    let blocks = &shape.blocks;
    if tile >= blocks.count() {
        return;
    }
    let (first, count) = extent(blocks.pixels, blocks.each, tile);
    let pixels = first as usize..(first + count) as usize;
    let channels = blocks.channels as usize;
    let (sums, squares) = out[..2 * channels].split_at_mut(channels);
    for (channel, (sum, square)) in sums.iter_mut().zip(squares).enumerate() {
        let numbers = pixels.clone().map(|pixel| float(row(x, pixel, shape.x_log2)[channel]));
        let total = numbers.clone().fold(0.0, |total, x| total + x);
        let mean = total / count as f32;
        *sum = store(total);
        *square = store(numbers.fold(0.0, |total, x| total + (x - mean) * (x - mean)));
    }
}

/// Gains, then offsets, by which the channels of every group get mean 0 and variance 1, and then gain
/// and offset of their own: with the group's mean, and its variance from the blocks' moments and
/// the distances of their means, `a = v * gamma`, `v = 1 / sqrt(variance + epsilon)`, `b = beta - mean * a`.
/// Inputs: moments, gamma, beta.
pub fn group_affine(shape: &GroupAffine, inputs: [&[u32]; 3], out: &mut [u32]) {
    let [moments, gamma, beta] = inputs;
    let channels = shape.blocks.channels as usize;
    let size = channels / shape.groups as usize;
    let (gains, offsets) = out[..2 * channels].split_at_mut(channels);
    let n = (u64::from(shape.blocks.pixels) * size as u64) as f32;
    for first in (0..channels).step_by(size) {
        let group = first..first + size;
        let mean = over(group.clone(), |channel| total(shape, moments, channel)) / n;
        let variance = over(group.clone(), |channel| spread(shape, moments, channel, mean)) / n;
        let inverse = 1.0 / sqrt(variance + float(shape.epsilon));
        for channel in group {
            let gain = inverse * float(gamma[channel]);
            gains[channel] = store(gain);
            offsets[channel] = store(float(beta[channel]) - mean * gain);
        }
    }
}

/// Sum from +0.
fn over(items: impl Iterator<Item = usize>, term: impl Fn(usize) -> f32) -> f32 {
    items.fold(0.0, |sum, item| sum + term(item))
}

/// Sum of a channel.
fn total(shape: &GroupAffine, moments: &[u32], channel: usize) -> f32 {
    let blocks = shape.blocks.count() as usize;
    over(0..blocks, |block| float(row(moments, block, shape.row_log2)[channel]))
}

/// Sum of a channel's squared distances from `mean`.
fn spread(shape: &GroupAffine, moments: &[u32], channel: usize, mean: f32) -> f32 {
    let blocks = &shape.blocks;
    over(0..blocks.count() as usize, |block| {
        let (_, count) = extent(blocks.pixels, blocks.each, block as u32);
        let moments = row(moments, block, shape.row_log2);
        let distance = float(moments[channel]) / count as f32 - mean;
        let square = float(moments[blocks.channels as usize + channel]);
        square + count as f32 * (distance * distance)
    })
}

/// First pixel of a block, and how many it has.
fn extent(pixels: u32, each: u32, block: u32) -> (u32, u32) {
    let first = block * each;
    (first, each.min(pixels - first))
}
