//! Convolutions, linear layers and attention.

use opml_operator::{Kernel, WeightType};

use super::graph::PRODUCT_BOUND;
use super::tensor::{Filter, Image, QuantizedImage, Source};
use super::{Graph, Home, ImageError, Step};

/// Smallest tile of a product, as a power of two of bytes: a group of weight rows.
const GROUP_LOG2: u32 = 6;
/// Smallest tile of attention, as a power of two of bytes: a block.
const BLOCK_LOG2: u32 = 7;

/// How a filter moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Pixels from one place to the next.
    pub stride: u32,
    /// Lines and columns of zeros in front of the image, and as many behind it.
    pub padding: u32,
}

impl Window {
    /// Every pixel.
    pub const EACH: Self = Self { stride: 1, padding: 0 };
    /// Every pixel with its neighbours.
    pub const AROUND: Self = Self { stride: 1, padding: 1 };
    /// Every other pixel with its neighbours.
    pub const HALF: Self = Self { stride: 2, padding: 1 };

    fn output(self, side: u32, taps: u32) -> u32 {
        (side + 2 * self.padding).saturating_sub(taps) / self.stride.max(1) + 1
    }
}

/// Heads of attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heads {
    /// How many.
    pub count: u32,
    /// Elements of each; a multiple of 32.
    pub width: u32,
    /// What scores are multiplied by.
    pub scale: f32,
    /// Whether a row attends to those up to its own place only.
    pub causal: bool,
}

/// Channels of a quantized image, from a block of 32 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// The image.
    pub of: QuantizedImage,
    /// The first block.
    pub first_block: u32,
}

impl From<QuantizedImage> for Channels {
    fn from(of: QuantizedImage) -> Self {
        Self { of, first_block: 0 }
    }
}

impl Graph {
    /// A convolution.
    pub fn conv(
        &mut self,
        x: impl Into<Source>,
        filter: &Filter,
        window: Window,
    ) -> Result<Image, ImageError> {
        self.product(x.into(), filter, (window, None))
    }

    /// A convolution, and an image of the result's shape added to it.
    pub fn conv_add(
        &mut self,
        x: impl Into<Source>,
        filter: &Filter,
        (window, residual): (Window, Image),
    ) -> Result<Image, ImageError> {
        self.product(x.into(), filter, (window, Some(residual)))
    }

    /// A linear layer over every pixel.
    pub fn linear(&mut self, x: impl Into<Source>, filter: &Filter) -> Result<Image, ImageError> {
        self.product(x.into(), filter, (Window::EACH, None))
    }

    /// A linear layer over every pixel, and an image added.
    pub fn linear_add(
        &mut self,
        x: impl Into<Source>,
        filter: &Filter,
        residual: Image,
    ) -> Result<Image, ImageError> {
        self.product(x.into(), filter, (Window::EACH, Some(residual)))
    }

    fn product(
        &mut self,
        x: Source,
        filter: &Filter,
        (window, residual): (Window, Option<Image>),
    ) -> Result<Image, ImageError> {
        let kind = filter.weights.matrix.kind;
        let x = if kind.quantized() { self.quantize(x)?.image } else { self.numbers(x)? };
        same("channels of an image and of a filter", x.channels, filter.inputs)?;
        let [height, width] = [x.height, x.width].map(|side| window.output(side, filter.size));
        let output = self.image((height, width), filter.outputs)?;
        if let Some(residual) = residual {
            let what = "elements of a product and of what is added";
            same(what, residual.bytes(), output.bytes())?;
        }
        let step = product_step(&x, (filter, window), &output, residual);
        self.push_canvas(&step, &output, (GROUP_LOG2, PRODUCT_BOUND))?;
        Ok(output)
    }

    /// Attention of every row of `query` over all rows of `keys` and `values`, whose channels are as
    /// many as the heads have together.
    pub fn attention(
        &mut self,
        query: impl Into<Channels>,
        [keys, values]: [Channels; 2],
        heads: Heads,
    ) -> Result<Image, ImageError> {
        let query = query.into();
        let (rows, positions) = (query.of.image, keys.of.image);
        same("rows of keys and values", positions.bytes(), values.of.image.bytes())?;
        let output = self.image((rows.height, rows.width), heads.count * heads.width)?;
        let params = [
            count(output.pixels()),
            output.channels,
            output.row_log2,
            heads.count,
            count(positions.pixels()),
            u32::from(heads.causal),
            heads.scale.to_bits(),
            query.of.blocks(),
            rows.row_log2,
            keys.of.blocks(),
            positions.row_log2,
            query.first_block,
            keys.first_block,
            values.first_block,
        ];
        let inputs = [query, keys, values].map(|part| part.of.image.whole());
        let step = Step::one(Kernel::Attend, &params, &inputs, output.whole());
        self.push_canvas(&step, &output, (BLOCK_LOG2, PRODUCT_BOUND))?;
        Ok(output)
    }
}

fn product_step(
    x: &Image,
    (filter, window): (&Filter, Window),
    output: &Image,
    residual: Option<Image>,
) -> Step {
    let weights = &filter.weights;
    let kind: WeightType = weights.matrix.kind;
    let params = [
        count(output.pixels()),
        filter.outputs,
        output.row_log2,
        kind.id(),
        filter.inputs,
        x.row_log2,
        x.width,
        x.height,
        output.width,
        filter.size,
        window.stride,
        window.padding,
    ];
    let place = Home::Fixed(weights.place.base).view(weights.place.log2_size);
    let mut inputs = vec![place, x.whole(), filter.bias.view()];
    inputs.extend(residual.map(|residual| residual.whole()));
    let kernel = if residual.is_some() { Kernel::ConvAdd } else { Kernel::Conv };
    Step::one(kernel, &params, &inputs, output.whole())
}

/// A count as a parameter; regions hold less than 2^32 pixels.
pub(super) fn count(pixels: u64) -> u32 {
    u32::try_from(pixels).unwrap_or(u32::MAX)
}

/// An error unless both are the same.
pub(super) fn same<T: Into<u64> + PartialEq>(
    what: &'static str,
    left: T,
    right: T,
) -> Result<(), ImageError> {
    if left == right {
        return Ok(());
    }
    Err(ImageError::Mismatch { what, left: left.into(), right: right.into() })
}
