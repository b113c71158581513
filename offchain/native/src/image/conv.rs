//! Convolutions: weights that have been unpacked serve eight pixels at once.
//!
//! The blocks of x are prepared once a tile, with the zeros around them, so that windows of adjacent pixels
//! are found side by side ([`Windows`]) and nothing is copied.

use opml_kernels::matmul::group_words;
use opml_operator::WeightType;
use opml_operator::geometry::Conv;

use super::windows::Windows;
use crate::backend::Lanes;
use crate::batch::Job;
use crate::isa::{Isa, LANES, Work};
use crate::part::{Part, has_lanes};
use crate::work::{Blocked, F16, F32, Plain, Q4_0, Q4_1, Q4_K, Q8_0, put, zero};

/// Pixels that share unpacked weights.
const WIDE: usize = 8;
/// Weight bytes that stay in a core's cache while they are multiplied with all of a tile's pixels.
const CACHED_WORDS: usize = (512 << 10) / 4;

/// One tile, whose words are zeros. Inputs: weights, x, bias, maybe a residual.
pub fn compute(part: Part, shape: &Conv, inputs: &[&[u32]], out: &mut [u32]) -> bool {
    run(part.lanes, shape, inputs, vec![(part.start.row, out)])
}

/// Tiles of the same images one after another, whatever their outputs hold, if they are so small that
/// they gain by it.
pub fn together(lanes: Lanes, shape: &Conv, count: usize, jobs: &mut [Job<'_>]) -> bool {
    let Some(inputs) = jobs.first().map(|job| job.inputs) else { return false };
    let ascend = jobs.windows(2).all(|pair| pair[0].row < pair[1].row);
    if shape.out.tile_pixels() as usize >= WIDE || !ascend || !has_lanes(shape.matrix.kind) {
        return false;
    }
    let tiles = jobs.iter_mut().map(|job| {
        job.output.fill(0);
        (job.row, &mut *job.output)
    });
    run(lanes, shape, &inputs[..count], tiles.collect())
}

/// Tiles in ascending order, whose words are zeros.
fn run(lanes: Lanes, shape: &Conv, inputs: &[&[u32]], tiles: Vec<(u32, &mut [u32])>) -> bool {
    let kind = shape.matrix.kind;
    let &[weights, x, bias, ref rest @ ..] = inputs else { return false };
    if !has_lanes(kind) {
        return false;
    }
    let shape = &in_a_line(shape);
    let Some((tile, out)) = Tile::new(shape, tiles) else { return true };
    let groups = shape.matrix.rows.div_ceil(LANES as u32) as usize;
    let mut bias = bias[..shape.matrix.rows as usize].to_vec();
    bias.resize(groups * LANES, 0);
    let weights = &weights[..groups * group_words(&shape.matrix)];
    let finish = Finish { bias: &bias, residual: rest.first().copied() };
    if kind.quantized() {
        let x = (x, zero(kind, lanes));
        let Some(x) = Windows::new(shape, tile.pixels, x, tile.width()) else { return false };
        lanes.enter(BlockConv { tile, weights, x: &x, finish, out });
    } else {
        lanes.enter(NumberConv { tile, weights, x, finish, out });
    }
    true
}

/// The same with all pixels in one line, if each is a window by itself.
fn in_a_line(shape: &Conv) -> Conv {
    let Conv { x_width, x_height, out_width, size, stride, padding, .. } = *shape;
    if (size, stride, padding, out_width) != (1, 1, 0, x_width) {
        return *shape;
    }
    let pixels = x_width * x_height;
    Conv { x_width: pixels, x_height: 1, out_width: pixels, ..*shape }
}

/// Words of an image by pixel and group of channels; none where the tiles have none.
type Places<'a> = Vec<&'a mut [u32]>;

/// What tiles have of the image.
#[derive(Clone, Copy)]
struct Tile<'a> {
    shape: &'a Conv,
    /// First pixel, and behind the last.
    pixels: (usize, usize),
    /// First group of weight rows, and behind the last.
    groups: (usize, usize),
    /// Words from one pixel to the next.
    row_words: usize,
}

impl<'a> Tile<'a> {
    /// With the places of what they write. None if nothing of them lies in the image.
    fn new<'o>(shape: &'a Conv, tiles: Vec<(u32, &'o mut [u32])>) -> Option<(Self, Places<'o>)> {
        let log2 = shape.out.row_log2 - 2;
        let (channels, most) = (shape.out.channels as usize, shape.out.pixels as usize);
        let mut parts = Vec::new();
        for (number, out) in tiles {
            let start = usize::try_from(shape.out.first_word(number)).ok()?;
            let (pixel, first) = (start >> log2, start & ((1 << log2) - 1));
            for (out, pixel) in out.chunks_mut(1 << log2).zip(pixel..most) {
                let count = channels.saturating_sub(first).min(out.len());
                if count > 0 {
                    parts.push((pixel, first, &mut out[..count]));
                }
            }
        }
        let pixels = (parts.first()?.0, parts.last()?.0 + 1);
        let start = parts.iter().map(|part| part.1 / LANES).min()?;
        let end = parts.iter().map(|part| (part.1 + part.2.len()).div_ceil(LANES)).max()?;
        let tile = Self { shape, pixels, groups: (start, end), row_words: 1 << log2 };
        let mut places: Places<'o> = Vec::new();
        places.resize_with((pixels.1 - pixels.0) * (end - start), Default::default);
        for (pixel, first, out) in parts {
            for (group, words) in (first / LANES..).zip(out.chunks_mut(LANES)) {
                places[(pixel - pixels.0) * (end - start) + group - start] = words;
            }
        }
        Some((tile, places))
    }

    /// The place of a group of a pixel's channels.
    #[inline(always)]
    fn place(&self, pixel: usize, group: usize) -> usize {
        (pixel - self.pixels.0) * (self.groups.1 - self.groups.0) + group - self.groups.0
    }

    /// The pixel of x under the first tap of a pixel's window, by line and column; wrapped around if it
    /// is in front of x.
    #[inline(always)]
    fn corner(&self, pixel: usize) -> (u32, u32) {
        let Conv { out_width, stride, padding, .. } = *self.shape;
        let pixel = pixel as u32;
        let corner = |at: u32| (at * stride).wrapping_sub(padding);
        (corner(pixel / out_width), corner(pixel % out_width))
    }

    /// The pixel of x in a line and column, if it has one there.
    #[inline(always)]
    fn inside(&self, line: u32, column: u32) -> Option<usize> {
        let Conv { x_width, x_height, .. } = *self.shape;
        (line < x_height && column < x_width).then_some((line * x_width + column) as usize)
    }

    /// Line and column of a pixel.
    #[inline(always)]
    fn place_of(&self, pixel: usize) -> (usize, usize) {
        let width = self.shape.out_width as usize;
        (pixel / width, pixel % width)
    }

    /// Pixels that are worked on together.
    const fn width(&self) -> usize {
        if self.pixels.1 - self.pixels.0 == 1 { 1 } else { WIDE }
    }

    fn taps(&self) -> usize {
        (self.shape.size * self.shape.size) as usize
    }
}

/// What follows a sum.
#[derive(Clone, Copy)]
struct Finish<'a> {
    /// Filled up to whole groups.
    bias: &'a [u32],
    /// An image like the output, or nothing.
    residual: Option<&'a [u32]>,
}

impl Finish<'_> {
    /// What becomes of the sums of a group. What of a residual lies behind the pixel's channels is added to
    /// sums that are not stored.
    #[inline(always)]
    fn of<I: Isa>(self, isa: I, at: At, sums: I::Numbers) -> I::Numbers {
        let Some(bias) = self.bias[at.group * LANES..].first_chunk() else { return sums };
        let sums = isa.add(sums, isa.numbers(bias));
        let Some(residual) = self.residual else { return sums };
        let residual = &residual[at.row + at.group * LANES..];
        if let Some(words) = residual.first_chunk() {
            return isa.add(sums, isa.numbers(words));
        }
        let mut words = [0; LANES];
        words[..residual.len()].copy_from_slice(residual);
        isa.add(sums, isa.numbers(&words))
    }
}

/// A group of a pixel's channels.
#[derive(Clone, Copy)]
struct At {
    /// First word of the pixel's row in the image.
    row: usize,
    /// Number of the group.
    group: usize,
}

/// A tile's products with quantized weights.
struct BlockConv<'a, 'b> {
    tile: Tile<'a>,
    weights: &'a [u32],
    x: &'b Windows,
    finish: Finish<'b>,
    out: Places<'b>,
}

impl Work for BlockConv<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        match self.tile.shape.matrix.kind {
            WeightType::Q8_0 => self.each::<I, Q8_0>(isa),
            WeightType::Q4_0 => self.each::<I, Q4_0>(isa),
            WeightType::Q4_K => self.each::<I, Q4_K>(isa),
            _ => self.each::<I, Q4_1>(isa),
        }
    }
}

impl BlockConv<'_, '_> {
    #[inline(always)]
    fn each<I: Isa, F: Blocked>(self, isa: I) {
        if self.tile.width() == 1 {
            self.batches::<I, F, 1>(isa);
        } else {
            self.batches::<I, F, WIDE>(isa);
        }
    }

    #[inline(always)]
    fn batches<I: Isa, F: Blocked, const N: usize>(self, isa: I) {
        let Self { tile, weights, x, finish, mut out } = self;
        let words = group_words(&tile.shape.matrix);
        let at_once = (CACHED_WORDS / words).max(1);
        let width = tile.shape.out_width as usize;
        for first_group in (tile.groups.0..tile.groups.1).step_by(at_once) {
            let end_group = (first_group + at_once).min(tile.groups.1);
            let mut first = tile.pixels.0;
            while first < tile.pixels.1 {
                let (line, column) = tile.place_of(first);
                let count = N.min(width - column).min(tile.pixels.1 - first);
                let taps = x.at((line, column));
                for group in first_group..end_group {
                    let rows = &weights[group * words..(group + 1) * words];
                    let sums = F::over::<I, N>(isa, rows, taps.clone());
                    for (lane, sums) in sums.into_iter().enumerate().take(count) {
                        let pixel = first + lane;
                        let out = &mut *out[tile.place(pixel, group)];
                        let at = At { row: pixel * tile.row_words, group };
                        put(isa, finish.of(isa, at, sums), out);
                    }
                }
                first += count;
            }
        }
    }
}

/// A tile's products with weights that are numbers.
struct NumberConv<'a, 'b> {
    tile: Tile<'a>,
    weights: &'a [u32],
    x: &'b [u32],
    finish: Finish<'b>,
    out: Places<'b>,
}

impl Work for NumberConv<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        match self.tile.shape.matrix.kind {
            WeightType::F16 => self.each::<I, F16>(isa),
            _ => self.each::<I, F32>(isa),
        }
    }
}

impl NumberConv<'_, '_> {
    #[inline(always)]
    fn each<I: Isa, F: Plain>(self, isa: I) {
        let Self { tile, weights, x: numbers, finish, mut out } = self;
        let words = group_words(&tile.shape.matrix);
        let each = tile.shape.tap as usize;
        let mut window = vec![0; tile.taps() * each];
        for pixel in tile.pixels.0..tile.pixels.1 {
            let size = tile.shape.size;
            let (line, column) = tile.corner(pixel);
            for (tap, places) in (0..size * size).zip(window.chunks_exact_mut(each)) {
                let (y, x) = (tap / size, tap % size);
                match tile.inside(line.wrapping_add(y), column.wrapping_add(x)) {
                    Some(at) => {
                        let row = &numbers[at << (tile.shape.x_log2 - 2)..];
                        places.copy_from_slice(&row[..each]);
                    }
                    None => places.fill(0),
                }
            }
            for group in tile.groups.0..tile.groups.1 {
                let rows = &weights[group * words..(group + 1) * words];
                let sums = F::sums(isa, rows, &window);
                let out = &mut *out[tile.place(pixel, group)];
                let at = At { row: pixel * tile.row_words, group };
                put(isa, finish.of(isa, at, sums), out);
            }
        }
    }
}
