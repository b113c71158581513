//! Operators that look at one number, and rows of a table.

use opml_operator::{Kernel, REQUEST_BASE};
use opml_runtime::build::Weights;

use super::graph::USUAL_BOUND;
use super::tensor::{Image, View, region_log2};
use super::{Graph, Home, ImageError, Step};

/// Largest tile of an element-wise operator, as a power of two of bytes.
const MAP_LOG2: u32 = 16;
/// Smallest tile, as a power of two of bytes.
const SMALLEST_LOG2: u32 = 5;
/// Bytes of a request in front of its input.
const REQUEST_HEADER: u64 = 128;

impl Graph {
    /// `x * sigmoid(x)`.
    pub fn silu(&mut self, x: Image) -> Result<Image, ImageError> {
        self.each(Kernel::Silu, &[x])
    }

    /// Gaussian error linear unit, by the error function.
    pub fn gelu(&mut self, x: Image) -> Result<Image, ImageError> {
        self.each(Kernel::Gelu, &[x])
    }

    /// `max(x, 0)`.
    pub fn relu(&mut self, x: Image) -> Result<Image, ImageError> {
        self.each(Kernel::Relu, &[x])
    }

    /// Element-wise sum.
    pub fn add(&mut self, a: Image, b: Image) -> Result<Image, ImageError> {
        self.each(Kernel::Add, &[a, b])
    }

    /// Element-wise product.
    pub fn mul(&mut self, a: Image, b: Image) -> Result<Image, ImageError> {
        self.each(Kernel::Mul, &[a, b])
    }

    /// The row of `table` with the number that is the first word of the request's input, as an image of
    /// one pixel. A request that names no row has a failed result.
    pub fn select(&mut self, table: &Weights) -> Result<Image, ImageError> {
        let token = Home::Fixed(REQUEST_BASE).view(SMALLEST_LOG2).from(REQUEST_HEADER);
        let output = self.image((1, 1), table.matrix.k)?;
        self.embed(table, token, output.whole())?;
        Ok(output)
    }

    /// Writes the row of `table` that the first word of `token` names to `output`.
    pub fn embed(&mut self, table: &Weights, token: View, output: View) -> Result<(), ImageError> {
        let matrix = table.matrix;
        let params = [matrix.k, matrix.rows, matrix.kind.id()];
        let weights = Home::Fixed(table.place.base).view(table.place.log2_size);
        let step = Step::one(Kernel::Embed, &params, &[weights, token], output);
        self.push("embedding", step)
    }

    /// Working memory for another image of the same shape.
    pub(super) fn like(&mut self, x: &Image) -> Result<Image, ImageError> {
        self.image_of((x.height, x.width), x.channels, x.row_log2)
    }

    /// An element-wise kernel over all numbers of images of one shape.
    fn each(&mut self, kernel: Kernel, inputs: &[Image]) -> Result<Image, ImageError> {
        let Some(first) = inputs.first() else {
            return Err(ImageError::Large { what: "an operator's inputs", bytes: 0 });
        };
        for other in inputs {
            let (left, right) = (first.words(), other.words());
            if left != right || first.channels != other.channels {
                let what = "elements of an element-wise operator";
                return Err(ImageError::Mismatch { what, left, right });
            }
        }
        let output = self.like(first)?;
        let words = output.words();
        let n = u32::try_from(words).unwrap_or(u32::MAX);
        let widest = region_log2(words * 4).min(MAP_LOG2);
        let sizes = SMALLEST_LOG2..=widest;
        self.push_tiled("an element-wise operator", (sizes, USUAL_BOUND), |log2| {
            let views: Vec<View> = inputs.iter().map(|input| input.columns(log2)).collect();
            let step = Step::one(kernel, &[n], &views, output.columns(log2));
            step.grid(1, words.div_ceil(1 << (log2 - 2)))
        })?;
        Ok(output)
    }
}
