//! Operators that work on every pixel by itself, and sums over pixels. Each mirrors the function of the same
//! name in `opml_kernels`; channels are the lanes.

use opml_kernels::math::{float, store};
use opml_kernels::row::{BLOCK, BLOCK_WORDS};
use opml_operator::Operator;
use opml_operator::geometry::{
    Activation, Blocks, Canvas, Concat, Moments, Resample, Resampling, Rows,
};

use crate::isa::{Isa, Work};
use crate::part::Part;
use crate::work::{gelu, quantized_block, silu};

/// Channels whose sums are taken together.
const TOGETHER: usize = 32;

/// Computes one tile and tells that it did, or does nothing for operators that have only the reference.
/// `out` is zeros.
pub fn compute(part: Part, operator: &Operator, inputs: &[&[u32]], out: &mut [u32]) -> bool {
    let tile = part.start.row;
    let input = |number: usize| inputs.get(number).copied().unwrap_or_default();
    let [x, second] = [input(0), input(1)];
    match operator {
        Operator::Affine(shape) if whole_rows(&shape.out) => {
            part.lanes.enter(AffineWork { shape, tile, x, table: second, out });
        }
        Operator::AffinePack(shape) => {
            part.lanes.enter(PackWork { shape, tile, x, table: Some(second), out });
        }
        Operator::Pack(shape) => part.lanes.enter(PackWork { shape, tile, x, table: None, out }),
        Operator::Moments(shape) if is_wide(&shape.blocks) => {
            part.lanes.enter(MomentsWork { shape, tile, x, out });
        }
        Operator::Resample(shape) if whole_rows(&shape.out) && !is_bilinear(shape) => {
            part.lanes.enter(ResampleWork { shape, tile, x, out });
        }
        Operator::Concat(shape) if whole_rows(&shape.out) => concat(shape, tile, [x, second], out),
        _ => return false,
    }
    true
}

/// Whether tiles are whole rows of pixels.
const fn whole_rows(canvas: &Canvas) -> bool {
    canvas.width >= 1 << (canvas.row_log2 - 2)
}

const fn is_wide(blocks: &Blocks) -> bool {
    (blocks.channels as usize).is_multiple_of(TOGETHER)
}

const fn is_bilinear(shape: &Resample) -> bool {
    matches!(shape.mode, Resampling::Bilinear)
}

/// The pixels of a tile of whole rows, with the first `words` words of each.
#[inline(always)]
fn pixels<'a>(
    canvas: &Canvas,
    tile: u32,
    words: usize,
    out: &'a mut [u32],
) -> impl Iterator<Item = (usize, &'a mut [u32])> {
    let log2 = canvas.row_log2 - 2;
    let first = canvas.first_word(tile) >> log2;
    let left = u64::from(canvas.pixels).saturating_sub(first) as usize;
    let rows = out.chunks_exact_mut(1 << log2).take(left);
    rows.zip(first as usize..).map(move |(row, pixel)| (pixel, &mut row[..words]))
}

/// Row of pixel `pixel`, `2^log2` bytes from one to the next, from its first word on.
#[inline(always)]
fn row(words: &[u32], pixel: usize, log2: u8) -> &[u32] {
    &words[pixel << (log2 - 2)..]
}

/// A function behind an affine map.
trait Activate: Copy {
    /// Its value; `#[inline(always)]`.
    fn of(self, y: f32) -> f32;
}

#[derive(Clone, Copy)]
struct Nothing;
#[derive(Clone, Copy)]
struct Silu;
#[derive(Clone, Copy)]
struct Gelu;

impl Activate for Nothing {
    #[inline(always)]
    fn of(self, y: f32) -> f32 {
        y
    }
}

impl Activate for Silu {
    #[inline(always)]
    fn of(self, y: f32) -> f32 {
        silu(y)
    }
}

impl Activate for Gelu {
    #[inline(always)]
    fn of(self, y: f32) -> f32 {
        gelu(y)
    }
}

struct AffineWork<'a> {
    shape: &'a Rows,
    tile: u32,
    x: &'a [u32],
    /// Gains, then offsets.
    table: &'a [u32],
    out: &'a mut [u32],
}

impl Work for AffineWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        match self.shape.activation {
            Activation::None => self.each(Nothing),
            Activation::Silu => self.each(Silu),
            Activation::Gelu => self.each(Gelu),
        }
    }
}

impl AffineWork<'_> {
    #[inline(always)]
    fn each(self, activation: impl Activate) {
        let Self { shape, tile, x, table, out } = self;
        let channels = shape.out.channels as usize;
        let (gains, offsets) = table[..2 * channels].split_at(channels);
        for (pixel, out) in pixels(&shape.out, tile, channels, out) {
            let x = &row(x, pixel, shape.x_log2)[..channels];
            for (((out, x), gain), offset) in out.iter_mut().zip(x).zip(gains).zip(offsets) {
                *out = store(activation.of(float(*x) * float(*gain) + float(*offset)));
            }
        }
    }
}

struct PackWork<'a> {
    shape: &'a Rows,
    tile: u32,
    x: &'a [u32],
    /// Gains, then offsets; none for the numbers as they are.
    table: Option<&'a [u32]>,
    out: &'a mut [u32],
}

impl Work for PackWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        match (self.table, self.shape.activation) {
            (None, _) => self.plain(),
            (Some(table), Activation::None) => self.each(table, Nothing),
            (Some(table), Activation::Silu) => self.each(table, Silu),
            (Some(table), Activation::Gelu) => self.each(table, Gelu),
        }
    }
}

impl PackWork<'_> {
    #[inline(always)]
    fn plain(self) {
        let Self { shape, tile, x, out, .. } = self;
        let channels = shape.out.channels as usize;
        let blocks = channels.div_ceil(BLOCK);
        for (pixel, out) in pixels(&shape.out, tile, blocks * (BLOCK_WORDS + 1), out) {
            let x = &row(x, pixel, shape.x_log2)[..channels];
            let (integers, scales) = out.split_at_mut(blocks * BLOCK_WORDS);
            let places = integers.as_chunks_mut::<BLOCK_WORDS>().0.iter_mut().zip(scales);
            for (numbers, (words, scale)) in x.chunks(BLOCK).zip(places) {
                let mut block = [0; BLOCK];
                block[..numbers.len()].copy_from_slice(numbers);
                *scale = quantized_block(&block, words);
            }
        }
    }

    #[inline(always)]
    fn each(self, table: &[u32], activation: impl Activate) {
        let Self { shape, tile, x, out, .. } = self;
        let channels = shape.out.channels as usize;
        let blocks = channels.div_ceil(BLOCK);
        let (gains, offsets) = table[..2 * channels].split_at(channels);
        for (pixel, out) in pixels(&shape.out, tile, blocks * (BLOCK_WORDS + 1), out) {
            let x = &row(x, pixel, shape.x_log2)[..channels];
            let (integers, scales) = out.split_at_mut(blocks * BLOCK_WORDS);
            let places = integers.as_chunks_mut::<BLOCK_WORDS>().0.iter_mut().zip(scales);
            let numbers = x.chunks(BLOCK).zip(gains.chunks(BLOCK)).zip(offsets.chunks(BLOCK));
            for (((x, gains), offsets), (words, scale)) in numbers.zip(places) {
                let mut block = [0; BLOCK];
                mapped(activation, (x, gains, offsets), &mut block);
                *scale = quantized_block(&block, words);
            }
        }
    }
}

/// Of as many channels as there are.
#[inline(always)]
fn mapped(
    activation: impl Activate,
    (x, gains, offsets): (&[u32], &[u32], &[u32]),
    out: &mut [u32; BLOCK],
) {
    for (((out, x), gain), offset) in out.iter_mut().zip(x).zip(gains).zip(offsets) {
        *out = activation.of(float(*x) * float(*gain) + float(*offset)).to_bits();
    }
}

struct MomentsWork<'a> {
    shape: &'a Moments,
    tile: u32,
    x: &'a [u32],
    out: &'a mut [u32],
}

impl Work for MomentsWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let Self { shape, tile, x, out } = self;
        let blocks = &shape.blocks;
        if tile >= blocks.count() {
            return;
        }
        let first = tile * blocks.each;
        let count = blocks.each.min(blocks.pixels - first);
        let words = 1 << (shape.x_log2 - 2);
        let rows = &x[first as usize * words..(first + count) as usize * words];
        let (sums, squares) = out.split_at_mut(blocks.channels as usize);
        let places = sums.as_chunks_mut().0.iter_mut().zip(squares.as_chunks_mut().0);
        for (index, (sums, squares)) in places.enumerate() {
            moments(rows.chunks_exact(words), index * TOGETHER, count as f32, [sums, squares]);
        }
    }
}

/// Sums, and sums of squared distances, of the channels from `first` on.
#[inline(always)]
fn moments<'a>(
    rows: impl Iterator<Item = &'a [u32]> + Clone,
    first: usize,
    count: f32,
    [sums, squares]: [&mut [u32; TOGETHER]; 2],
) {
    let mut total = [0.0; TOGETHER];
    for row in rows.clone() {
        for (total, x) in total.iter_mut().zip(&row[first..first + TOGETHER]) {
            *total += float(*x);
        }
    }
    let mut mean = [0.0; TOGETHER];
    for (mean, total) in mean.iter_mut().zip(&total) {
        *mean = total / count;
    }
    let mut square = [0.0; TOGETHER];
    for row in rows {
        let x = &row[first..first + TOGETHER];
        for ((square, x), mean) in square.iter_mut().zip(x).zip(&mean) {
            let distance = float(*x) - mean;
            *square += distance * distance;
        }
    }
    for (out, number) in sums.iter_mut().zip(total).chain(squares.iter_mut().zip(square)) {
        *out = store(number);
    }
}

struct ResampleWork<'a> {
    shape: &'a Resample,
    tile: u32,
    x: &'a [u32],
    out: &'a mut [u32],
}

impl Work for ResampleWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let Self { shape, tile, x, out } = self;
        let factor = shape.factor as usize;
        let (width, channels) = (shape.x_width as usize, shape.out.channels as usize);
        let pixel =
            |line: usize, column: usize| &row(x, line * width + column, shape.x_log2)[..channels];
        if matches!(shape.mode, Resampling::Nearest) {
            let wide = width * factor;
            for (at, out) in pixels(&shape.out, tile, channels, out) {
                out.copy_from_slice(pixel(at / wide / factor, at % wide / factor));
            }
            return;
        }
        let wide = width / factor;
        let inverse = 1.0 / (factor * factor) as f32;
        for (at, out) in pixels(&shape.out, tile, channels, out) {
            for square in 0..factor * factor {
                let line = at / wide * factor + square / factor;
                let x = pixel(line, at % wide * factor + square % factor);
                for (out, x) in out.iter_mut().zip(x) {
                    *out = (float(*out) + float(*x)).to_bits();
                }
            }
            for out in out {
                *out = store(float(*out) * inverse);
            }
        }
    }
}

fn concat(shape: &Concat, tile: u32, [a, b]: [&[u32]; 2], out: &mut [u32]) {
    let (channels, split) = (shape.out.channels as usize, shape.split as usize);
    for (pixel, out) in pixels(&shape.out, tile, channels, out) {
        let (first, rest) = out.split_at_mut(split);
        first.copy_from_slice(&row(a, pixel, shape.logs2[0])[..split]);
        rest.copy_from_slice(&row(b, pixel, shape.logs2[1])[..channels - split]);
    }
}
