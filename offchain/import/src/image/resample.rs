//! Images of other sizes, and images side by side.

use opml_operator::Kernel;

use super::graph::USUAL_BOUND;
use super::product::{count, same};
use super::tensor::{Image, QuantizedImage};
use super::{Graph, ImageError, Step};

/// How an image gets another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
enum Mode {
    Nearest = 0,
    Average = 1,
    Bilinear = 2,
}

impl Graph {
    /// `factor` times as many pixels each way: each becomes a square of equal ones.
    pub fn upsample(&mut self, x: Image, factor: u32) -> Result<Image, ImageError> {
        let output = self.image_of(larger(&x, factor), x.channels, x.row_log2)?;
        self.resample(x, output, (Mode::Nearest, factor))?;
        Ok(output)
    }

    /// The same of quantized rows, which are copied as they are.
    pub fn upsample_quantized(
        &mut self,
        x: QuantizedImage,
        factor: u32,
    ) -> Result<QuantizedImage, ImageError> {
        // Nine words a block: the kernel takes them for numbers.
        let words = Image { channels: x.blocks() * 9, ..x.image };
        let output = self.image_of(larger(&words, factor), words.channels, words.row_log2)?;
        self.resample(words, output, (Mode::Nearest, factor))?;
        Ok(QuantizedImage { image: Image { channels: x.image.channels, ..output } })
    }

    /// Twice as many pixels each way, between those of `x`.
    pub fn upsample_bilinear(&mut self, x: Image) -> Result<Image, ImageError> {
        let output = self.image_of(larger(&x, 2), x.channels, x.row_log2)?;
        self.resample(x, output, (Mode::Bilinear, 2))?;
        Ok(output)
    }

    /// Means of squares of `factor` pixels each way.
    pub fn average_pool(&mut self, x: Image, factor: u32) -> Result<Image, ImageError> {
        let side = |pixels: u32| pixels.checked_div(factor).unwrap_or(0);
        let sides = (side(x.height), side(x.width));
        same("lines of an image and of its squares", sides.0 * factor, x.height)?;
        same("columns of an image and of its squares", sides.1 * factor, x.width)?;
        let output = self.image_of(sides, x.channels, x.row_log2)?;
        self.resample(x, output, (Mode::Average, factor))?;
        Ok(output)
    }

    fn resample(
        &mut self,
        x: Image,
        output: Image,
        (mode, factor): (Mode, u32),
    ) -> Result<(), ImageError> {
        let params = [
            count(output.pixels()),
            output.channels,
            output.row_log2,
            x.row_log2,
            x.width,
            x.height,
            mode as u32,
            factor,
        ];
        let step = Step::one(Kernel::Resample, &params, &[x.whole()], output.whole());
        self.push_canvas(&step, &output, (0, USUAL_BOUND))
    }

    /// The channels of `a`, then those of `b`.
    pub fn concat(&mut self, a: Image, b: Image) -> Result<Image, ImageError> {
        same("pixels of images side by side", a.pixels(), b.pixels())?;
        let output = self.image((a.height, a.width), a.channels + b.channels)?;
        let params = [
            count(output.pixels()),
            output.channels,
            output.row_log2,
            a.row_log2,
            b.row_log2,
            a.channels,
        ];
        let step = Step::one(Kernel::Concat, &params, &[a.whole(), b.whole()], output.whole());
        self.push_canvas(&step, &output, (0, USUAL_BOUND))?;
        Ok(output)
    }
}

const fn larger(x: &Image, factor: u32) -> (u32, u32) {
    (x.height.saturating_mul(factor), x.width.saturating_mul(factor))
}
