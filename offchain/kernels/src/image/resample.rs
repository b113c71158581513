//! Images out of images.

use opml_operator::geometry::{Concat, Resample, Resampling};

use super::{parts, row};
use crate::math::{float, store};

/// An image of another size. Nearest: words of the pixel of x at `y / factor`, `x / factor`. Average: the sum
/// from +0 of a square's pixels, line by line, times `1 / f32(factor * factor)`. Bilinear: see [`between`].
pub fn resample(shape: &Resample, tile: u32, x: &[u32], out: &mut [u32]) {
    let width = match shape.mode {
        Resampling::Average => shape.x_width / shape.factor,
        _ => shape.x_width * shape.factor,
    };
    let pixel =
        |column: u32, line: u32| row(x, (line * shape.x_width + column) as usize, shape.x_log2);
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        let (line, column) = (part.pixel as u32 / width, part.pixel as u32 % width);
        let channels = part.out.iter_mut().zip(part.first..);
        match shape.mode {
            Resampling::Nearest => {
                let x = pixel(column / shape.factor, line / shape.factor);
                channels.for_each(|(out, channel)| *out = x[channel]);
            }
            Resampling::Average => {
                let square = shape.factor * shape.factor;
                let inverse = 1.0 / square as f32;
                channels.for_each(|(out, channel)| {
                    let sum = (0..square).fold(0.0, |sum, at| {
                        let column = column * shape.factor + at % shape.factor;
                        sum + float(pixel(column, line * shape.factor + at / shape.factor)[channel])
                    });
                    *out = store(sum * inverse);
                });
            }
            Resampling::Bilinear => {
                let [above, below] = neighbours(line, shape.x_height);
                let [left, right] = neighbours(column, shape.x_width);
                let corners = [above, below].map(|line| [left, right].map(|at| pixel(at, line)));
                channels.for_each(|(out, channel)| {
                    let [above, below] = corners
                        .map(|pair| between(column, pair.map(|pixel| float(pixel[channel]))));
                    *out = store(between(line, [above, below]));
                });
            }
        }
    }
}

/// The two lines or columns of `count` that one of twice as many lies between; the outermost ones at the edges.
fn neighbours(at: u32, count: u32) -> [u32; 2] {
    let before = at.div_ceil(2);
    [before.saturating_sub(1), before.min(count - 1)]
}

/// A number between two: `0.25 * a + 0.75 * b` at even places, `0.75 * a + 0.25 * b` at odd ones.
fn between(at: u32, [a, b]: [f32; 2]) -> f32 {
    if at.is_multiple_of(2) { 0.25 * a + 0.75 * b } else { 0.75 * a + 0.25 * b }
}

/// The first channels of every pixel are those of a, the rest those of b.
pub fn concat(shape: &Concat, tile: u32, [a, b]: [&[u32]; 2], out: &mut [u32]) {
    let split = shape.split as usize;
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        let a = &row(a, part.pixel, shape.logs2[0])[..split];
        let b = row(b, part.pixel, shape.logs2[1]);
        for (out, channel) in part.out.iter_mut().zip(part.first..) {
            *out = if channel < split { a[channel] } else { b[channel - split] };
        }
    }
}
