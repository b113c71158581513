//! Other kernels of images.

use super::canvas::{Canvas, number_bytes};
use super::checks::Checks;
use super::text::REQUEST_HEADER;
use crate::illegal::Role;

/// Entries of a table of random numbers.
const TABLE: u64 = 1 << 16;

/// Pixels whose sums are taken together, block after block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// Pixels of the image.
    pub pixels: u32,
    /// Elements of a pixel.
    pub channels: u32,
    /// Pixels of a block; the last one may have fewer.
    pub each: u32,
}

impl Blocks {
    /// Parameters 0 to 2.
    fn parse(checks: &Checks) -> Self {
        let [pixels, channels, each] = [checks.length(0), checks.length(1), checks.length(2)];
        Self { pixels, channels, each }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.pixels.div_ceil(self.each)
    }

    /// Bytes of what is kept of a block.
    fn bytes(&self) -> u64 {
        number_bytes(self.channels).saturating_mul(2)
    }
}

/// [`crate::Kernel::Moments`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    /// A tile's pixels.
    pub blocks: Blocks,
    /// Bytes from one pixel of x to the next, as a power of two.
    pub x_log2: u8,
}

impl Moments {
    pub(super) fn parse(checks: &Checks) -> Self {
        let blocks = Blocks::parse(checks);
        let row = number_bytes(blocks.channels);
        let x_log2 = checks.plane(Role::Input(0), 3, (blocks.pixels, row));
        checks.holds(Role::Output, blocks.bytes());
        checks.one_column();
        Self { blocks, x_log2 }
    }

    pub(super) fn x_bytes(&self) -> u64 {
        u64::from(self.blocks.pixels) << self.x_log2
    }
}

/// [`crate::Kernel::GroupAffine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupAffine {
    /// The blocks whose moments are known.
    pub blocks: Blocks,
    /// Bytes from one block's moments to the next one's, as a power of two.
    pub row_log2: u8,
    /// Groups of channels.
    pub groups: u32,
    /// Bits of the number added to the variance.
    pub epsilon: u32,
}

impl GroupAffine {
    pub(super) fn parse(checks: &Checks) -> Self {
        let blocks = Blocks::parse(checks);
        checks.one_column();
        let groups = checks.param(4);
        if blocks.channels.checked_rem(groups) != Some(0) {
            checks.wrong(4, groups);
        }
        let row_log2 = checks.plane(Role::Input(0), 3, (blocks.count(), blocks.bytes()));
        checks.holds(Role::Input(1), number_bytes(blocks.channels));
        checks.holds(Role::Input(2), number_bytes(blocks.channels));
        checks.holds(Role::Output, blocks.bytes());
        Self { blocks, row_log2, groups, epsilon: checks.param(5) }
    }

    pub(super) fn moments_bytes(&self) -> u64 {
        u64::from(self.blocks.count()) << self.row_log2
    }
}

/// How an image gets another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampling {
    /// Every pixel becomes a square of equal ones.
    Nearest,
    /// Every square of pixels becomes their mean.
    Average,
    /// Twice as many pixels each way, between those of x.
    Bilinear,
}

/// [`crate::Kernel::Resample`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resample {
    /// What is written.
    pub out: Canvas,
    /// Bytes from one pixel of x to the next, as a power of two.
    pub x_log2: u8,
    /// Pixels in a line of x.
    pub x_width: u32,
    /// Lines of x.
    pub x_height: u32,
    /// How.
    pub mode: Resampling,
    /// Pixels of the larger image, each way, for one of the smaller.
    pub factor: u32,
}

impl Resample {
    pub(super) fn parse(checks: &Checks) -> Self {
        let out = Canvas::numbers(checks);
        let (x_width, x_height) = (checks.side(4), checks.side(5));
        let mode = match checks.within(6, 0, 2) {
            0 => Resampling::Nearest,
            1 => Resampling::Average,
            _ => Resampling::Bilinear,
        };
        let (least, most) = if mode == Resampling::Bilinear { (2, 2) } else { (1, 16) };
        let factor = checks.within(7, least, most);
        let x_pixels = x_width.saturating_mul(x_height);
        let square = factor.saturating_mul(factor);
        let whole = |side: u32| side.checked_rem(factor) == Some(0);
        let fits = match mode {
            Resampling::Average => {
                whole(x_width)
                    && whole(x_height)
                    && out.pixels.checked_mul(square) == Some(x_pixels)
            }
            _ => x_pixels.checked_mul(square) == Some(out.pixels),
        };
        if !fits {
            checks.wrong(0, out.pixels);
        }
        let x_log2 = checks.plane(Role::Input(0), 3, (x_pixels, number_bytes(out.channels)));
        Self { out, x_log2, x_width, x_height, mode, factor }
    }

    pub(super) fn x_bytes(&self) -> u64 {
        u64::from(self.x_width.saturating_mul(self.x_height)) << self.x_log2
    }
}

/// [`crate::Kernel::Concat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat {
    /// What is written.
    pub out: Canvas,
    /// Bytes from one pixel of either input to the next, as powers of two.
    pub logs2: [u8; 2],
    /// Channels out of input 0; the rest are those of input 1.
    pub split: u32,
}

impl Concat {
    pub(super) fn parse(checks: &Checks) -> Self {
        let out = Canvas::numbers(checks);
        let split = checks.within(5, 0, out.channels);
        let rest = out.channels.saturating_sub(split);
        let a = checks.plane(Role::Input(0), 3, (out.pixels, number_bytes(split)));
        let b = checks.plane(Role::Input(1), 4, (out.pixels, number_bytes(rest)));
        Self { out, logs2: [a, b], split }
    }

    pub(super) fn reads(&self, number: usize) -> u64 {
        let [a, b] = self.logs2;
        u64::from(self.out.pixels) << if number == 0 { a } else { b }
    }
}

/// [`crate::Kernel::Blend`] and [`crate::Kernel::Noise`]: words of a vector that all tiles share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    /// Elements; those of a tile at or past it are zero.
    pub n: u32,
    /// Parameter 1: terms of a blend, or number of a stream.
    pub select: u32,
    /// Elements of a tile.
    pub width: u32,
}

impl Vector {
    pub(super) fn blend(checks: &Checks) -> Self {
        let vector = Self::noise(checks);
        checks.within(1, 0, 3);
        for number in 0..=2 {
            checks.holds_words(Role::Input(number), vector.n.into());
        }
        vector
    }

    pub(super) fn noise(checks: &Checks) -> Self {
        let (n, width) = (checks.length(0), checks.output_words());
        checks.one_column();
        Self { n, select: checks.param(1), width }
    }

    /// The same, with a request and a table.
    pub(super) fn drawn(checks: &Checks) -> Self {
        checks.holds(Role::Input(0), REQUEST_HEADER);
        checks.holds_words(Role::Input(1), TABLE);
        Self::noise(checks)
    }

    /// First element of a tile, or `n` if none of them is below.
    pub fn first(&self, tile: u32) -> u32 {
        tile.saturating_mul(self.width).min(self.n)
    }
}

/// [`crate::Kernel::ToBytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToBytes {
    /// Pixels.
    pub pixels: u32,
    /// Elements of a pixel, all of which become bytes.
    pub channels: u32,
    /// Bytes from one pixel of x to the next, as a power of two.
    pub x_log2: u8,
    /// Bits of the number that every element is multiplied by.
    pub scale: u32,
    /// Bits of the number that is then added.
    pub offset: u32,
    /// Words of a tile, of four bytes each.
    pub width: u32,
}

impl ToBytes {
    pub(super) fn parse(checks: &Checks) -> Self {
        let (pixels, channels) = (checks.length(0), checks.length(1));
        let x_log2 = checks.plane(Role::Input(0), 2, (pixels, number_bytes(channels)));
        let (scale, offset) = (checks.param(3), checks.param(4));
        checks.one_column();
        let width = checks.output_words();
        Self { pixels, channels, x_log2, scale, offset, width }
    }

    /// First byte of a tile.
    pub fn first_byte(&self, tile: u32) -> u64 {
        u64::from(tile).saturating_mul(self.width.into()).saturating_mul(4)
    }

    pub(super) fn x_bytes(&self) -> u64 {
        u64::from(self.pixels) << self.x_log2
    }
}
