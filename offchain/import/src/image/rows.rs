//! Normalisations, maps and quantization: what is done to the channels of every pixel.

use opml_operator::Kernel;

use super::graph::{SUM_BOUND, USUAL_BOUND};
use super::product::{count, same};
use super::tensor::{
    Activation, Image, Mapped, QuantizedImage, Row, Source, quantized_log2, region_log2,
};
use super::{Graph, ImageError, Step};

/// Most and fewest pixels whose moments are taken together, as powers of two.
const BLOCK_LOG2: std::ops::RangeInclusive<u32> = 2..=12;

/// A gain and an offset for every channel.
#[derive(Clone, Copy, Debug)]
pub struct Affine {
    /// Multiplies what is normalised.
    pub gain: Row,
    /// Is added to it.
    pub offset: Row,
    /// Is added to the variance.
    pub epsilon: f32,
}

/// A normalisation over groups of channels and all pixels.
#[derive(Clone, Copy, Debug)]
pub struct GroupNorm {
    /// Groups of channels, of the same size.
    pub groups: u32,
    /// What follows the normalisation.
    pub affine: Affine,
    /// What follows that.
    pub activation: Activation,
}

impl Graph {
    /// Layer normalisation of the channels of every pixel.
    pub fn layer_norm(&mut self, x: Image, affine: &Affine) -> Result<Image, ImageError> {
        let output = self.like(&x)?;
        let pixels = count(x.pixels());
        let epsilon = affine.epsilon.to_bits();
        let params = [pixels, x.channels, output.row_log2, x.row_log2, epsilon];
        let inputs = [x.whole(), affine.gain.view(), affine.offset.view()];
        let step = Step::one(Kernel::NormRows, &params, &inputs, output.whole());
        self.push_canvas(&step, &output, (output.row_log2, USUAL_BOUND))?;
        Ok(output)
    }

    /// Group normalisation; what it is applied to is written when somebody reads it.
    pub fn group_norm(&mut self, x: Image, norm: &GroupNorm) -> Result<Mapped, ImageError> {
        let Affine { gain, offset, epsilon } = norm.affine;
        same("channels of a normalisation", gain.n, x.channels)?;
        same("channels of a normalisation", offset.n, x.channels)?;
        let pixels = count(x.pixels());
        let moments_log2 = region_log2(u64::from(x.channels) * 8);
        let most = pixels.ilog2().saturating_sub(2).clamp(*BLOCK_LOG2.start(), *BLOCK_LOG2.end());
        let tiles = |each: u32| u64::from(pixels.div_ceil(1 << each));
        let moments = self.working("moments", tiles(*BLOCK_LOG2.start()) << moments_log2)?;
        let sizes = *BLOCK_LOG2.start()..=most;
        let block = self.push_tiled("moments", (sizes, SUM_BOUND), |each| {
            let params = [pixels, x.channels, 1 << each, x.row_log2];
            let output = moments.view(moments_log2).by_rows(1 << moments_log2);
            Step::one(Kernel::Moments, &params, &[x.whole()], output).grid(tiles(each), 1)
        })?;
        let map = self.working("gains and offsets", u64::from(x.channels) * 8)?;
        let params = [pixels, x.channels, 1 << block, moments_log2, norm.groups, epsilon.to_bits()];
        let inputs =
            [moments.view(region_log2(tiles(block) << moments_log2)), gain.view(), offset.view()];
        let output = map.view(region_log2(u64::from(x.channels) * 8));
        self.push("a normalisation", Step::one(Kernel::GroupAffine, &params, &inputs, output))?;
        let map = Row { home: map, offset: 0, n: x.channels * 2, step_log2: None };
        Ok(Mapped { image: x, map, activation: norm.activation })
    }

    /// What a product reads as numbers.
    pub fn numbers(&mut self, x: impl Into<Source>) -> Result<Image, ImageError> {
        match x.into() {
            Source::Numbers(image) => Ok(image),
            Source::Mapped(mapped) => {
                let output = self.like(&mapped.image)?;
                let step = mapped_step(Kernel::Affine, &mapped, &output);
                self.push_canvas(&step, &output, (0, USUAL_BOUND))?;
                Ok(output)
            }
            Source::Quantized(image) => {
                let what = "quantized rows where numbers are read";
                let bytes = image.image.bytes();
                Err(ImageError::Mismatch { what, left: bytes, right: 0 })
            }
        }
    }

    /// What a product reads as blocks of eight-bit integers. The same image is quantized once.
    pub fn quantize(&mut self, x: impl Into<Source>) -> Result<QuantizedImage, ImageError> {
        let (kernel, x) = match x.into() {
            Source::Quantized(image) => return Ok(image),
            Source::Mapped(mapped) => (Kernel::AffinePack, mapped),
            Source::Numbers(image) => {
                if let Some(known) = self.quantized.get(&image.home) {
                    return Ok(*known);
                }
                let map = Row { home: image.home, offset: 0, n: 0, step_log2: None };
                (Kernel::Pack, Mapped { image, map, activation: Activation::None })
            }
        };
        let Image { height, width, channels, home, .. } = x.image;
        let row_log2 = quantized_log2(channels);
        let image = self.image_of((height, width), channels, row_log2)?;
        let step = mapped_step(kernel, &x, &image);
        self.push_canvas(&step, &image, (row_log2, USUAL_BOUND))?;
        let quantized = QuantizedImage { image };
        if kernel == Kernel::Pack {
            self.quantized.insert(home, quantized);
        }
        Ok(quantized)
    }

    /// A map of constants or of computed numbers, such as a normalisation whose moments are known.
    pub fn map(image: Image, map: Row, activation: Activation) -> Mapped {
        Mapped { image, map, activation }
    }
}

fn mapped_step(kernel: Kernel, x: &Mapped, output: &Image) -> Step {
    let Mapped { image, map, activation } = x;
    let pixels = count(image.pixels());
    let mut params = vec![pixels, image.channels, output.row_log2, image.row_log2];
    let mut inputs = vec![image.whole()];
    if kernel != Kernel::Pack {
        params.push(*activation as u32);
        inputs.push(map.view());
    }
    Step::one(kernel, &params, &inputs, output.whole())
}
