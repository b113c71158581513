//! What can be wrong with an image program.

use opml_operator::Illegal;
use opml_runtime::build::BuildError;
use thiserror::Error;

/// Why a network cannot become a program.
#[derive(Debug, Error)]
pub enum ImageError {
    /// Two images, or an image and weights, that should have as many channels, pixels or elements.
    #[error("{what}: {left} against {right}")]
    Mismatch {
        /// What was compared, and of what operator.
        what: &'static str,
        /// One of the two.
        left: u64,
        /// The other.
        right: u64,
    },
    /// A tensor of weights has not as many elements as its shape says.
    #[error("tensor {name} has {actual} elements, its shape {expected}")]
    Elements {
        /// The tensor.
        name: String,
        /// Elements of the shape.
        expected: u64,
        /// Elements given.
        actual: usize,
    },
    /// A tensor has no elements.
    #[error("tensor {name} is empty")]
    Empty {
        /// The tensor.
        name: String,
    },
    /// A tensor is larger than a region, or empty.
    #[error("{what} of {bytes} bytes does not fit a region")]
    Large {
        /// The tensor.
        what: &'static str,
        /// Its bytes.
        bytes: u64,
    },
    /// No tile of an operator stays inside the largest bound.
    #[error("{what}: no tile is legal, the smallest because {source}")]
    NoTile {
        /// The operator.
        what: &'static str,
        /// What is wrong with the smallest one.
        source: Illegal,
    },
    /// Working memory of the program does not fit its addresses.
    #[error("no address is left for {bytes} bytes of working memory")]
    Memory {
        /// Bytes of the tensor that found none.
        bytes: u64,
    },
    /// An operator or a tensor of weights breaks a rule.
    #[error(transparent)]
    Build(#[from] BuildError),
}
