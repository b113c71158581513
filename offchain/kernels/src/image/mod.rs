//! Kernels of images: a row of numbers, or a quantized row, for every pixel.

mod affine;
mod attend;
mod conv;
mod moments;
mod resample;
mod vector;

use opml_operator::geometry::Canvas;

pub use affine::{affine, affine_pack, norm_rows, pack};
pub use attend::attend;
pub use conv::{conv, conv_add};
pub use moments::{group_affine, moments};
pub use resample::{concat, resample};
pub use vector::{blend, noise, to_bytes};

/// What a tile has of one pixel.
struct Part<'a> {
    /// Number of the pixel.
    pixel: usize,
    /// First word of its row.
    first: usize,
    /// Words of the output.
    out: &'a mut [u32],
}

/// The pixels of a tile, with those words that are among the first `words` of their row.
fn parts<'a>(
    canvas: &Canvas,
    tile: u32,
    words: u32,
    out: &'a mut [u32],
) -> impl Iterator<Item = Part<'a>> {
    let log2 = canvas.row_log2 - 2;
    let start = canvas.first_word(tile);
    let (pixel, first) = (start >> log2, start as usize & ((1 << log2) - 1));
    let left = u64::from(canvas.pixels).saturating_sub(pixel) as usize;
    let words = (words as usize).saturating_sub(first);
    out.chunks_mut(1 << log2).take(left).zip(pixel as usize..).map(move |(out, pixel)| {
        let count = words.min(out.len());
        Part { pixel, first, out: &mut out[..count] }
    })
}

/// Words of the row of pixel `pixel`, `2^log2` bytes from one to the next, from the first one on.
fn row(words: &[u32], pixel: usize, log2: u8) -> &[u32] {
    &words[pixel << (log2 - 2)..]
}
