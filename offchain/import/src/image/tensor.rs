//! Tensors of an image program, and what an operator sees of them.

use opml_operator::{RegionSpec, WeightType};
use opml_runtime::build::Weights;

/// Smallest region that an operator reads or writes, as a power of two.
pub(super) const REGION_MIN_LOG2: u32 = 5;

/// Where a tensor lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Home {
    /// In working memory, at an address that is found when the program is complete.
    Working(usize),
    /// At an address: constants, the request, memory of text operators.
    Fixed(u64),
}

impl Home {
    /// Everything in it, in a region of `2^log2_size` bytes, alike for all tiles and iterations.
    pub const fn view(self, log2_size: u32) -> View {
        let spec =
            RegionSpec { base: 0, iteration_stride: 0, row_stride: 0, column_stride: 0, log2_size };
        View { home: self, spec }
    }
}

/// What the tiles of an operator see of a tensor; the base is relative to where it lies.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub(super) home: Home,
    pub(super) spec: RegionSpec,
}

impl View {
    /// A region of the bundle's builder.
    pub fn fixed(spec: RegionSpec) -> Self {
        Self { home: Home::Fixed(spec.base), spec: RegionSpec { base: 0, ..spec } }
    }

    /// Another region for each row of tiles.
    #[must_use]
    pub const fn by_rows(mut self, stride: u64) -> Self {
        self.spec.row_stride = stride;
        self
    }

    /// Another region for each column of tiles.
    #[must_use]
    pub const fn by_columns(mut self, stride: u64) -> Self {
        self.spec.column_stride = stride;
        self
    }

    /// Another region in each iteration.
    #[must_use]
    pub const fn by_iterations(mut self, stride: u64) -> Self {
        self.spec.iteration_stride = stride;
        self
    }

    /// The same from `bytes` on.
    #[must_use]
    pub const fn from(mut self, bytes: u64) -> Self {
        self.spec.base += bytes;
        self
    }

    /// The region entry, where the working tensors begin at the addresses that `place` tells.
    pub(super) fn at(&self, place: impl Fn(usize) -> u64) -> RegionSpec {
        let base = match self.home {
            Home::Fixed(base) => base,
            Home::Working(number) => place(number),
        };
        RegionSpec { base: base + self.spec.base, ..self.spec }
    }
}

/// Pixels side by side, each with channels of numbers; the row of a pixel has `2^row_log2` bytes, and
/// what lies behind its channels means nothing. Tokens of a text are the pixels of an image of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// Rows of pixels.
    pub height: u32,
    /// Pixels of a row.
    pub width: u32,
    /// Numbers of a pixel.
    pub channels: u32,
    /// Bytes from one pixel to the next, as a power of two.
    pub row_log2: u32,
    /// Where it lies.
    pub home: Home,
}

impl Image {
    /// Bytes of a pixel's row of `channels` numbers, as a power of two.
    pub fn row_log2_of(channels: u32) -> u32 {
        (u64::from(channels) * 4).next_power_of_two().ilog2()
    }

    /// Pixels.
    pub fn pixels(&self) -> u64 {
        u64::from(self.height) * u64::from(self.width)
    }

    /// Bytes of all rows.
    pub fn bytes(&self) -> u64 {
        self.pixels() << self.row_log2
    }

    /// Size of the region that holds it, as a power of two.
    pub fn log2_size(&self) -> u32 {
        region_log2(self.bytes())
    }

    /// Numbers of all rows, those behind the channels included.
    pub fn words(&self) -> u64 {
        self.bytes() >> 2
    }

    /// All of it.
    pub fn whole(&self) -> View {
        self.home.view(self.log2_size())
    }

    /// Pieces of `2^log2` bytes, one for every column of tiles.
    pub const fn columns(&self, log2: u32) -> View {
        self.home.view(log2).by_columns(1 << log2)
    }

    /// Pieces of `2^log2` bytes, one for every row of tiles.
    pub const fn rows(&self, log2: u32) -> View {
        self.home.view(log2).by_rows(1 << log2)
    }

    /// The same numbers with rows of pixels of another length.
    #[must_use]
    pub const fn shaped(mut self, height: u32, width: u32) -> Self {
        self.height = height;
        self.width = width;
        self
    }
}

/// An image of quantized rows; a pixel's begins at a multiple of `2^row_log2` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantizedImage {
    /// The pixels, their row that of the quantized numbers.
    pub image: Image,
}

impl QuantizedImage {
    /// Blocks of a pixel's row.
    pub const fn blocks(&self) -> u32 {
        self.image.channels.div_ceil(WeightType::BLOCK)
    }
}

/// An image to which an affine map and an activation are still to be applied, which costs nothing where
/// it is quantized anyway.
#[derive(Clone, Copy, Debug)]
pub struct Mapped {
    /// The image.
    pub image: Image,
    /// Gains of all channels, then offsets.
    pub map: Row,
    /// What follows.
    pub activation: Activation,
}

/// What becomes of a number behind an affine map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Activation {
    /// Nothing.
    #[default]
    None = 0,
    /// `x * sigmoid(x)`.
    Silu = 1,
    /// The Gaussian error linear unit.
    Gelu = 2,
}

/// What a product reads.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// Numbers.
    Numbers(Image),
    /// Quantized rows.
    Quantized(QuantizedImage),
    /// Numbers behind a map.
    Mapped(Mapped),
}

impl From<Image> for Source {
    fn from(image: Image) -> Self {
        Self::Numbers(image)
    }
}

impl From<QuantizedImage> for Source {
    fn from(image: QuantizedImage) -> Self {
        Self::Quantized(image)
    }
}

impl From<Mapped> for Source {
    fn from(image: Mapped) -> Self {
        Self::Mapped(image)
    }
}

/// Bytes of a quantized row of `channels` elements, as a power of two.
pub fn quantized_log2(channels: u32) -> u32 {
    let bytes = u64::from(channels.div_ceil(WeightType::BLOCK)) * 36;
    bytes.next_power_of_two().ilog2()
}

/// The smallest region that holds so many bytes, as a power of two.
pub fn region_log2(bytes: u64) -> u32 {
    bytes.max(1 << REGION_MIN_LOG2).next_power_of_two().ilog2()
}

/// A row of numbers: a constant, another constant for each iteration of a loop, or computed.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The tensor that it lies in.
    pub home: Home,
    /// Where in it, in bytes: a multiple of the size of its region.
    pub offset: u64,
    /// Numbers.
    pub n: u32,
    /// Bytes from one iteration's row to the next, as a power of two; none if all have the same.
    pub step_log2: Option<u32>,
}

impl Row {
    /// The `n` channels from `first` on of an image of one pixel. The smallest power of two that is not
    /// below `n` divides `first`.
    pub fn of(pixel: &Image, first: u32, n: u32) -> Self {
        Self { home: pixel.home, offset: u64::from(first) * 4, n, step_log2: None }
    }

    /// What an operator sees of it.
    pub fn view(&self) -> View {
        let log2 = self.step_log2.unwrap_or_else(|| region_log2(u64::from(self.n) * 4));
        let view = self.home.view(log2).from(self.offset);
        match self.step_log2 {
            Some(step) => view.by_iterations(1 << step),
            None => view,
        }
    }
}

/// Weights of a convolution, or of a linear layer over pixels, which is one of size 1.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// A row of `size * size * inputs` elements for each output; inputs filled up to whole blocks.
    pub weights: Weights,
    /// Added to the outputs.
    pub bias: Row,
    /// Channels that are read.
    pub inputs: u32,
    /// Channels that are written.
    pub outputs: u32,
    /// Height and width.
    pub size: u32,
}

/// Bytes for a result, packed.
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// Where they lie.
    pub home: Home,
    /// How many.
    pub n: u32,
}
