//! Convolutions.

use opml_operator::geometry::Conv;

use super::{Part, parts, row};
use crate::math::{float, store};
use crate::matmul::{GROUP, block_product, group_words, number_product};
use crate::row::{BLOCK, Block, Row};

/// For every pixel of the output the product of the weights with the row of its window, as
/// [`crate::matmul`] sums it up, and the bias: `acc + bias`. The window's row is those of the pixels of x
/// under it, line by line; outside of x they are zeros.
/// Inputs: weights, x, bias.
pub fn conv(shape: &Conv, tile: u32, inputs: [&[u32]; 3], out: &mut [u32]) {
    let [weights, x, bias] = inputs;
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        let window = Window::new(shape, part.pixel, x);
        window.products(weights, part, |channel, sum| sum + float(bias[channel]));
    }
}

/// `(acc + bias) + residual`. Inputs: weights, x, bias, residual, an image like the output.
pub fn conv_add(shape: &Conv, tile: u32, inputs: [&[u32]; 4], out: &mut [u32]) {
    let [weights, x, bias, residual] = inputs;
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        let window = Window::new(shape, part.pixel, x);
        let residual = row(residual, part.pixel, shape.out.row_log2);
        window.products(weights, part, |channel, sum| {
            (sum + float(bias[channel])) + float(residual[channel])
        });
    }
}

/// The pixels of x that one pixel of the output depends on.
struct Window<'a> {
    shape: &'a Conv,
    x: &'a [u32],
    /// First line and column, `padding` more than those of x.
    y: u32,
    left: u32,
}

impl<'a> Window<'a> {
    fn new(shape: &'a Conv, pixel: usize, x: &'a [u32]) -> Self {
        let (y, left) = (pixel as u32 / shape.out_width, pixel as u32 % shape.out_width);
        Self { shape, x, y: y * shape.stride, left: left * shape.stride }
    }

    /// The products of one pixel; `finish` makes of a channel's sum what is stored.
    fn products(&self, weights: &[u32], part: Part<'_>, finish: impl Fn(usize, f32) -> f32) {
        let Part { first, out, .. } = part;
        let matrix = &self.shape.matrix;
        let words = group_words(matrix);
        // Slices of a row are whole groups.
        let groups = weights.chunks_exact(words).skip(first / GROUP);
        for ((group, first), out) in groups.zip((first..).step_by(GROUP)).zip(out.chunks_mut(GROUP))
        {
            let sums = if matrix.kind.quantized() {
                block_product(matrix, group, self.blocks())
            } else {
                number_product(matrix, group, self.numbers())
            };
            for ((out, sum), channel) in out.iter_mut().zip(sums).zip(first..) {
                *out = store(finish(channel, sum));
            }
        }
    }

    /// Rows of the taps; none outside of x.
    fn taps(&self) -> impl Iterator<Item = Option<&'a [u32]>> {
        let Self { shape, x, y, left } = *self;
        (y..y + shape.size).flat_map(move |y| {
            (left..left + shape.size).map(move |column| {
                let y = y.checked_sub(shape.padding).filter(|y| *y < shape.x_height)?;
                let column = column.checked_sub(shape.padding).filter(|at| *at < shape.x_width)?;
                Some(row(x, (y * shape.x_width + column) as usize, shape.x_log2))
            })
        })
    }

    fn blocks(&self) -> impl Iterator<Item = Block<'a>> {
        let count = self.shape.tap as usize / BLOCK;
        self.taps().flat_map(move |tap| {
            let row = tap.map(|words| Row::new(words, count));
            (0..count).map(move |index| row.map_or(Block::ZERO, |row| row.block(index)))
        })
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        let count = self.shape.tap as usize;
        self.taps()
            .flat_map(move |tap| (0..count).map(move |index| tap.map_or(0, |row| row[index])))
    }
}
