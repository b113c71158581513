//! The manifest: what a bundle is, in words and numbers.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

/// Version of the bundle format.
pub const FORMAT: u32 = 1;

/// Longest trace, as a power of two.
pub const MAX_STEPS_LOG2: u8 = 40;

/// `manifest.json` of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format; [`FORMAT`].
    pub format: u32,
    /// What the model is and where it comes from.
    pub model: About,
    /// What a request holds.
    pub input: Input,
    /// What a result means.
    pub result: ResultKind,
    /// Where the result stands in memory.
    pub output: OutputRegion,
    /// Steps of a trace, as a power of two: every request halts within them.
    pub steps_log2: u8,
    /// Root of the program table.
    pub program_root: B256,
    /// Root of the lower half of the memory.
    pub weights_root: B256,
    /// The weights, by address.
    pub tensors: Vec<Tensor>,
}

/// What a model is and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Short name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Licence of the weights, as an SPDX expression.
    pub licence: String,
    /// Where weights or training data come from.
    pub source: String,
    /// Measured figures, such as accuracy, with what they were measured on.
    #[serde(default)]
    pub figures: Vec<String>,
}

/// What a request's input is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Input {
    /// Any bytes, up to a length.
    Bytes {
        /// Longest input.
        max: u32,
    },
    /// An image of one byte a pixel, row by row, 0 black.
    Grey {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}

impl Input {
    /// Whether an input of this many bytes is one.
    pub fn accepts(&self, length: usize) -> bool {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        match *self {
            Self::Bytes { max } => length <= max.into(),
            Self::Grey { width, height } => length == u64::from(width) * u64::from(height),
        }
    }
}

/// What the bytes of a result mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ResultKind {
    /// Bytes.
    Bytes,
    /// UTF-8, unless the model was made to stop within a character.
    Text,
    /// A little-endian u32: a position among the labels.
    Class {
        /// Names of the classes.
        labels: Vec<String>,
    },
    /// Pixels row by row, a byte for each channel: one is grey, three are red, green and blue.
    Picture {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes of a pixel.
        channels: u32,
    },
    /// A landscape: a byte a pixel, row by row, the higher the greater.
    Heights {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}

/// Where the result stands: a u32 length, 28 zero bytes, the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRegion {
    /// First byte.
    pub base: u64,
    /// Size in bytes, as a power of two.
    pub log2_size: u8,
}

/// A tensor of weights: an aligned region, of which the first bytes are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tensor {
    /// Name in the original model.
    pub name: String,
    /// First byte in the graph machine's memory.
    pub base: u64,
    /// Size of the region in bytes, as a power of two.
    pub log2_size: u8,
    /// Where its bytes begin in `weights.bin`; a multiple of a page.
    pub offset: u64,
    /// Pages stored.
    pub pages: u64,
    /// Root of the region.
    pub root: B256,
}
