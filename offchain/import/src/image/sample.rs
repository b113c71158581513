//! Noise, steps of samplers, and pixels.

use opml_operator::{Kernel, REQUEST_BASE};

use super::graph::USUAL_BOUND;
use super::product::{count, same};
use super::tensor::{Bytes, Home, Image, Row, region_log2};
use super::{Graph, ImageError, Step};

/// Bytes of a request's header, as a power of two.
const HEADER_LOG2: u32 = 7;

impl Graph {
    /// An image of numbers drawn by the request's seed from `table`, such as [`super::gaussian`]; another
    /// stream gives others.
    pub fn noise(
        &mut self,
        sides: (u32, u32),
        channels: u32,
        (table, stream): (Row, u32),
    ) -> Result<Image, ImageError> {
        let output = self.image(sides, channels)?;
        let inputs = [Home::Fixed(REQUEST_BASE).view(HEADER_LOG2), table.view()];
        let params = [count(output.words()), stream];
        let step = Step::one(Kernel::Noise, &params, &inputs, output.whole());
        self.push_canvas(&step, &output, (0, USUAL_BOUND))?;
        Ok(output)
    }

    /// The sum of up to three images, each multiplied by its number of `factors`.
    pub fn blend(&mut self, images: &[Image], factors: Row) -> Result<Image, ImageError> {
        let first = images.first().ok_or(ImageError::Large { what: "a sum", bytes: 0 })?;
        let output = self.like(first)?;
        self.blend_into(&output, images, factors)?;
        Ok(output)
    }

    /// The same, written to an image that there is, such as one that a loop changes.
    pub fn blend_into(
        &mut self,
        output: &Image,
        images: &[Image],
        factors: Row,
    ) -> Result<(), ImageError> {
        let terms = count(images.len() as u64);
        same("terms of a sum and factors", terms, factors.n.min(3))?;
        for image in images {
            same("elements of a sum's terms", image.bytes(), output.bytes())?;
        }
        let terms_of = |number: usize| images.get(number).unwrap_or(output).whole();
        let inputs = [terms_of(0), terms_of(1), terms_of(2), factors.view()];
        let params = [count(output.words()), terms];
        let step = Step::one(Kernel::Blend, &params, &inputs, output.whole());
        self.push_canvas(&step, output, (0, USUAL_BOUND))
    }

    /// Channels as bytes, side by side: `x * scale + offset`, rounded and clamped.
    pub fn pixels(&mut self, x: Image, [scale, offset]: [f32; 2]) -> Result<Bytes, ImageError> {
        let n = x.pixels() * u64::from(x.channels);
        let home = self.working("pixels", n)?;
        let params = [count(x.pixels()), x.channels, x.row_log2, scale.to_bits(), offset.to_bits()];
        let whole = region_log2(n);
        let sizes = super::tensor::REGION_MIN_LOG2..=whole;
        self.push_tiled("pixels", (sizes, USUAL_BOUND), |log2| {
            let output = home.view(log2).by_rows(1 << log2);
            let step = Step::one(Kernel::ToBytes, &params, &[x.whole()], output);
            step.grid(n.div_ceil(1 << log2), 1)
        })?;
        Ok(Bytes { home, n: count(n) })
    }
}
