//! Images: a row of numbers, or a quantized row, for every pixel.
//!
//! Pixel p lies at byte `p * 2^row_log2`; pixels are numbered by lines. The kernels of
//! images have one column of tiles, which write the image's words one tile after another; what they
//! read is the same region for all.

use super::checks::Checks;
use super::matrix::quantized_bytes;
use crate::illegal::Role;
use crate::kernel::WeightType;

/// The image that the tiles of an operator write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// Pixels; words at or past the last one's are zero.
    pub pixels: u32,
    /// Elements of a pixel; what lies behind them in a row is zero.
    pub channels: u32,
    /// Bytes from one pixel to the next, as a power of two.
    pub row_log2: u8,
    /// Words of a tile.
    pub width: u32,
}

impl Canvas {
    /// Parameters 0 to 2, rows of numbers.
    #[inline(never)]
    pub(super) fn numbers(checks: &Checks) -> Self {
        let channels = checks.length(1);
        Self::parse(checks, channels, number_bytes(channels))
    }

    /// Parameters 0 to 2, quantized rows, of which a tile has whole ones.
    pub(super) fn quantized(checks: &Checks) -> Self {
        let channels = checks.length(1);
        let canvas = Self::parse(checks, channels, packed_bytes(channels));
        checks.holds(Role::Output, 1 << canvas.row_log2);
        canvas
    }

    #[inline(never)]
    fn parse(checks: &Checks, channels: u32, row_bytes: u64) -> Self {
        let row_log2 = checks.pitch(2, row_bytes);
        checks.one_column();
        let width = checks.output_words();
        Self { pixels: checks.length(0), channels, row_log2, width }
    }

    /// Pixels that a tile writes, or has a part of.
    pub fn tile_pixels(&self) -> u32 {
        // Both are powers of two, `width` at most 2^26.
        (self.width >> self.row_log2.saturating_sub(2)).max(1)
    }

    /// Most elements of one pixel that a tile writes.
    pub fn tile_channels(&self) -> u32 {
        self.channels.min(self.width)
    }

    /// First word of a tile.
    pub fn first_word(&self, tile: u32) -> u64 {
        u64::from(tile).saturating_mul(self.width.into())
    }
}

/// Bytes of `channels` numbers.
pub(super) fn number_bytes(channels: u32) -> u64 {
    u64::from(channels).saturating_mul(4)
}

/// Bytes of `channels` quantized numbers.
pub(super) fn packed_bytes(channels: u32) -> u64 {
    quantized_bytes(channels.div_ceil(WeightType::BLOCK))
}

/// What becomes of a number behind an affine map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// [`crate::Kernel::Silu`].
    Silu,
    /// [`crate::Kernel::Gelu`].
    Gelu,
}

/// [`crate::Kernel::Affine`], [`crate::Kernel::Pack`], [`crate::Kernel::AffinePack`] and
/// [`crate::Kernel::NormRows`]: every pixel from the same pixel of input 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// What is written.
    pub out: Canvas,
    /// Bytes from one pixel of input 0 to the next, as a power of two.
    pub x_log2: u8,
    /// Parameter 4: for [`crate::Kernel::NormRows`] bits of the number added to the variance.
    pub epsilon: u32,
    /// Parameter 4 of the others.
    pub activation: Activation,
}

impl Rows {
    /// Gains and offsets, which input 1 holds one behind the other.
    pub(super) fn affine(checks: &Checks, out: Canvas) -> Self {
        let rows = Self::plain(checks, out);
        checks.holds(Role::Input(1), number_bytes(out.channels).saturating_mul(2));
        let activation = match checks.within(4, 0, 2) {
            0 => Activation::None,
            1 => Activation::Silu,
            _ => Activation::Gelu,
        };
        Self { activation, ..rows }
    }

    /// Gains in input 1, offsets in input 2, and an epsilon.
    pub(super) fn norm(checks: &Checks) -> Self {
        let out = Canvas::numbers(checks);
        checks.holds(Role::Output, 1 << out.row_log2);
        checks.holds(Role::Input(1), number_bytes(out.channels));
        checks.holds(Role::Input(2), number_bytes(out.channels));
        Self { epsilon: checks.param(4), ..Self::plain(checks, out) }
    }

    #[inline(never)]
    pub(super) fn plain(checks: &Checks, out: Canvas) -> Self {
        let x_log2 = checks.plane(Role::Input(0), 3, (out.pixels, number_bytes(out.channels)));
        Self { out, x_log2, epsilon: 0, activation: Activation::None }
    }

    pub(super) fn x_bytes(&self) -> u64 {
        u64::from(self.out.pixels) << self.x_log2
    }
}
