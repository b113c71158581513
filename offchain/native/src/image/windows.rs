//! What convolutions read of an image, with the zeros around it, so that windows lie side by side: the
//! same tap of adjacent pixels is found at equal distances, and nothing is laid out for each pixel.

use opml_kernels::row::{BLOCK, Row};
use opml_operator::geometry::Conv;

use crate::block::{Block, blocks};
use crate::work::Column;

/// Blocks that are always stored, however few of them the image has.
const FEW: usize = 1 << 18;
/// Times as many blocks as the image has that are stored at most.
const MOST: usize = 4;

/// Blocks of the lines and columns of x that some pixels see.
pub struct Windows {
    all: Vec<Block>,
    /// Blocks of a pixel.
    each: usize,
    /// Pixels of a line.
    columns: usize,
    /// Line and column of the output whose window comes first.
    first: (usize, usize),
    /// Pixels from one window to the next.
    stride: usize,
    /// Pixels of a window's line, and its lines.
    size: usize,
}

/// Where lines or columns of x lie among those that are stored: zeros, x from somewhere on, zeros.
struct Part {
    before: usize,
    start: usize,
    count: usize,
    behind: usize,
}

impl Part {
    /// Of `count` places from `first - padding` on, of which x has those below `limit`.
    fn new(first: usize, count: usize, (padding, limit): (usize, usize)) -> Self {
        let before = padding.saturating_sub(first).min(count);
        let start = (first + before).saturating_sub(padding);
        let inside = limit.saturating_sub(start).min(count - before);
        Self { before, start, count: inside, behind: count - before - inside }
    }
}

impl Windows {
    /// The windows of the output's pixels from `pixels.0` on, in front of `pixels.1`, and room for
    /// `width` of them behind each. None where nearly all of it would be zeros.
    pub fn new(
        shape: &Conv,
        pixels: (usize, usize),
        (x, zero): (&[u32], i32),
        width: usize,
    ) -> Option<Self> {
        let Conv { x_log2, out_width, x_width, x_height, .. } = *shape;
        let [stride, size, padding] =
            [shape.stride, shape.size, shape.padding].map(|number| number as usize);
        let (out_width, each) = (out_width as usize, shape.tap as usize / BLOCK);
        let (top, bottom) = (pixels.0 / out_width, (pixels.1 - 1) / out_width);
        let (left, right) = if top == bottom {
            (pixels.0 % out_width, (pixels.1 - 1) % out_width)
        } else {
            (0, out_width - 1)
        };
        let count = |first: usize, last: usize| (last - first) * stride + size;
        let lines = Part::new(top * stride, count(top, bottom), (padding, x_height as usize));
        let columns = Part::new(left * stride, count(left, right), (padding, x_width as usize));
        let [height, breadth] =
            [&lines, &columns].map(|part| part.before + part.count + part.behind);
        let line = breadth.checked_mul(each)?;
        let tail = (width - 1) * stride * each;
        let length = line.checked_mul(height)?.checked_add(tail)?;
        let real = lines.count * columns.count * each;
        if length > real.saturating_mul(MOST).max(FEW) {
            return None;
        }
        let mut all = Vec::with_capacity(length);
        all.resize(lines.before * line, Block::ZERO);
        for y in lines.start..lines.start + lines.count {
            all.resize(all.len() + columns.before * each, Block::ZERO);
            let first = y * x_width as usize + columns.start;
            for pixel in first..first + columns.count {
                let row = &x[pixel << (x_log2 - 2)..];
                all.extend(blocks(Row::new(row, each), zero));
            }
            all.resize(all.len() + columns.behind * each, Block::ZERO);
        }
        all.resize(length, Block::ZERO);
        Some(Self { all, each, columns: breadth, first: (top, left), stride, size })
    }

    /// The taps of adjacent pixels of a line, the first in this line and column of the output.
    #[inline(always)]
    pub fn at(&self, (line, column): (usize, usize)) -> Taps<'_> {
        let (line, column) = (line - self.first.0, column - self.first.1);
        let start = (line * self.columns + column) * self.stride * self.each;
        let run = self.size * self.each;
        Taps {
            blocks: self.all.get(start..).unwrap_or_default(),
            step: self.stride * self.each,
            run,
            left: run,
            skipped: self.columns * self.each - run,
            remaining: run * self.size,
        }
    }
}

/// The blocks of windows, one of each after another.
#[derive(Clone)]
pub struct Taps<'a> {
    /// From the next one of the first window on.
    blocks: &'a [Block],
    /// Blocks from one window to the next.
    step: usize,
    /// Blocks of a window's line.
    run: usize,
    /// Those that are left of this line.
    left: usize,
    /// Blocks between two lines of a window.
    skipped: usize,
    /// Blocks that are left of a window.
    remaining: usize,
}

/// A block of each of some windows.
#[derive(Clone, Copy)]
pub struct Tap<'a> {
    blocks: &'a [Block],
    step: usize,
}

impl Column for Tap<'_> {
    #[inline(always)]
    fn lane(&self, lane: usize) -> &Block {
        &self.blocks[lane * self.step]
    }
}

impl<'a> Iterator for Taps<'a> {
    type Item = Tap<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Tap<'a>> {
        self.remaining = self.remaining.checked_sub(1)?;
        if self.left == 0 {
            self.blocks = self.blocks.get(self.skipped..).unwrap_or_default();
            self.left = self.run;
        }
        let tap = Tap { blocks: self.blocks, step: self.step };
        self.blocks = self.blocks.get(1..).unwrap_or_default();
        self.left -= 1;
        Some(tap)
    }

    #[inline(always)]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl ExactSizeIterator for Taps<'_> {}
