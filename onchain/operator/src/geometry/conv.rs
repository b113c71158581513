//! Convolutions.

use super::canvas::{Canvas, number_bytes, packed_bytes};
use super::checks::Checks;
use super::matrix::Matrix;
use crate::illegal::Role;
use crate::kernel::WeightType;

/// Largest window, stride and padding.
const MAX_WINDOW: u32 = 16;

/// [`crate::Kernel::Conv`] and [`crate::Kernel::ConvAdd`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// What is written.
    pub out: Canvas,
    /// The weights, a row an output channel: the taps by lines, each of `tap` elements.
    pub matrix: Matrix,
    /// Elements of a tap: the channels of x, for quantized types filled up to whole blocks.
    pub tap: u32,
    /// Bytes from one pixel of x to the next, as a power of two.
    pub x_log2: u8,
    /// Pixels in a line of x.
    pub x_width: u32,
    /// Lines of x.
    pub x_height: u32,
    /// Pixels in a line of the output.
    pub out_width: u32,
    /// Taps in a line of the window, and lines of it.
    pub size: u32,
    /// Pixels of x from one output pixel's window to the next.
    pub stride: u32,
    /// Lines and columns of zeros in front of the first ones of x.
    pub padding: u32,
}

impl Conv {
    /// A fourth input is an image like the output.
    pub(super) fn parse(checks: &Checks) -> Self {
        let out = Canvas::numbers(checks);
        let kind = checks.weight_type(3);
        let channels = checks.length(4);
        let [x_width, x_height, out_width] = [checks.side(6), checks.side(7), checks.side(8)];
        let size = checks.within(9, 1, MAX_WINDOW);
        let stride = checks.within(10, 1, MAX_WINDOW);
        let padding = checks.within(11, 0, MAX_WINDOW);

        let (tap, x_bytes) = if kind.quantized() {
            let blocks = channels.div_ceil(WeightType::BLOCK);
            (blocks.saturating_mul(WeightType::BLOCK), packed_bytes(channels))
        } else {
            (channels, number_bytes(channels))
        };
        let pixels = x_width.saturating_mul(x_height);
        let x_log2 = checks.plane(Role::Input(1), 5, (pixels, x_bytes));
        let k = size.saturating_mul(size).saturating_mul(tap);
        let matrix = Matrix::of(checks, (k, out.channels), kind);
        checks.holds(Role::Input(2), number_bytes(out.channels));
        if checks.descriptor.input_count > 3 {
            checks.holds(Role::Input(3), u64::from(out.pixels) << out.row_log2);
        }
        checks.holds(Role::Output, 64);
        Self { out, matrix, tap, x_log2, x_width, x_height, out_width, size, stride, padding }
    }

    pub(super) fn x_bytes(&self) -> u64 {
        u64::from(self.x_width.saturating_mul(self.x_height)) << self.x_log2
    }

    pub(super) fn residual_bytes(&self) -> u64 {
        u64::from(self.out.pixels) << self.out.row_log2
    }
}
