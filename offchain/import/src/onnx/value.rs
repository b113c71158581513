//! What a value of the graph is while the graph is being lowered.

use std::rc::Rc;

use super::affine::Affine;
use super::tensor::Tensor;
use crate::image::{Activation, Filter, Image, Source, Window};

/// A value: its shape as the graph sees it, and what stands for it.
#[derive(Clone, Debug)]
pub struct Value {
    /// Elements along each axis.
    pub shape: Vec<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What stands for a value. Only an [`Kind::Image`] is in memory; the others wait for the operator that
/// uses them, since most become part of it.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Known at import.
    Constant(Rc<Tensor>),
    /// An image, every number times a factor.
    Image(Scaled),
    /// A convolution.
    Convolved(Convolved),
    /// A number for each channel, from a row.
    Affine(Rc<Affine>),
    /// An image whose channels are seen as groups.
    Grouped(Image, u32),
    /// A normalised image.
    Normed(Rc<Normed>),
    /// The sigmoid of another value, which has this name.
    Gate(String),
    /// Channels of an image as rows of pixels.
    Flat(Flat),
    /// Products of queries and keys.
    Scores([Flat; 2]),
    /// Their softmax.
    Shares([Flat; 2]),
    /// An image, cut off below and above.
    Clamped(Image, [f32; 2]),
}

/// An image times a factor.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    /// The image.
    pub image: Image,
    /// The factor.
    pub factor: f32,
}

/// Some channels of an image, times a factor, each a row of all pixels; possibly seen as heads.
#[derive(Clone, Copy, Debug)]
pub struct Flat {
    /// The image.
    pub image: Image,
    /// First channel.
    pub first: u32,
    /// Channels.
    pub channels: u32,
    /// The factor.
    pub factor: f32,
}

/// A convolution, before it is computed.
#[derive(Clone, Copy, Debug)]
pub struct Convolved {
    /// What is read.
    pub input: Source,
    /// The weights.
    pub filter: Filter,
    /// How the filter moves.
    pub window: Window,
}

impl Flat {
    /// Whether it is all of the image as it is.
    pub const fn whole(&self) -> bool {
        self.first == 0
            && self.channels == self.image.channels
            && self.factor.to_bits() == 1f32.to_bits()
    }
}

impl Convolved {
    /// Rows and columns of the result.
    pub fn size(&self) -> [u32; 2] {
        let image = source_image(&self.input);
        let Window { stride, padding } = self.window;
        [image.height, image.width]
            .map(|side| (side + 2 * padding).saturating_sub(self.filter.size) / stride.max(1) + 1)
    }
}

/// The pixels and channels that something has.
pub const fn source_image(source: &Source) -> &Image {
    match source {
        Source::Numbers(image) => image,
        Source::Mapped(mapped) => &mapped.image,
        Source::Quantized(quantized) => &quantized.image,
    }
}

/// Normalisation of groups of channels over all pixels, before it is computed.
#[derive(Clone, Debug)]
pub struct Normed {
    /// The image.
    pub image: Image,
    /// Groups.
    pub groups: u32,
    /// Added to the variance.
    pub epsilon: f32,
    /// A factor for each channel.
    pub scale: Affine,
    /// A summand for each channel.
    pub shift: Affine,
    /// What is applied to the sum.
    pub activation: Activation,
}

impl Value {
    /// A constant.
    pub fn constant(tensor: Tensor) -> Self {
        Self { shape: tensor.shape.clone(), kind: Kind::Constant(Rc::new(tensor)) }
    }

    /// An image as a graph sees it: one batch, channels, rows, columns.
    pub fn image(image: Image) -> Self {
        Self { shape: dimensions(&image), kind: Kind::Image(Scaled { image, factor: 1.0 }) }
    }

    /// The constant that it is.
    pub fn as_constant(&self) -> Option<&Tensor> {
        match &self.kind {
            Kind::Constant(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// A number for each channel, if it is that: of a shape with one axis that counts, which is the one
    /// of `channels` where a shape of `rank` axes has its channels; or a single number.
    pub fn as_affine(&self, rank: usize) -> Option<Affine> {
        let counts = self.shape.iter().filter(|dim| **dim != 1).count();
        let behind = self.shape.iter().rev().skip_while(|dim| **dim == 1).count();
        let behind = self.shape.len() - behind;
        if counts > 1 || counts == 1 && behind + 2 != rank {
            return None;
        }
        match &self.kind {
            Kind::Affine(affine) => Some(Affine::clone(affine)),
            Kind::Constant(tensor) => Some(Affine::constant(tensor.as_numbers()?.to_vec())),
            _ => None,
        }
    }
}

/// The shape of an image of one batch.
pub fn dimensions(image: &Image) -> Vec<usize> {
    [1, image.channels, image.height, image.width].iter().map(|n| *n as usize).collect()
}
