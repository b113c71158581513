//! What can be wrong with a model that is to become a bundle.

use opml_operator::Illegal;
use thiserror::Error;

use crate::bundle::BundleError;

/// Why a model cannot become a bundle.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A tensor has not as many elements as its shape says.
    #[error("tensor {name} has {actual} elements, its shape {expected}")]
    Elements {
        /// The tensor.
        name: String,
        /// Elements of the shape.
        expected: u64,
        /// Elements given.
        actual: usize,
    },
    /// Rows of a quantized matrix are whole blocks.
    #[error("tensor {name}: rows of {k} elements are not whole blocks")]
    Blocks {
        /// The tensor.
        name: String,
        /// Elements of a row.
        k: u32,
    },
    /// Numbers are not quantized to types of super-blocks.
    #[error("tensor {name}: numbers are not quantized to this type")]
    NotQuantized {
        /// The tensor.
        name: String,
    },
    /// A tensor does not fit a region, or no region is left.
    #[error("{name}: {bytes} bytes do not fit a region")]
    Large {
        /// The tensor.
        name: String,
        /// Its bytes.
        bytes: u64,
    },
    /// Two tensors that should be alike are not.
    #[error("operator {pc}: {left} elements against {right}")]
    Shapes {
        /// The operator's number.
        pc: usize,
        /// Elements of one.
        left: u32,
        /// Elements of the other.
        right: u32,
    },
    /// An operator breaks a rule.
    #[error("operator {pc}, tile {tile}: {source}")]
    Illegal {
        /// The operator's number.
        pc: usize,
        /// The tile.
        tile: u32,
        /// The rule.
        source: Illegal,
    },
    /// The program never writes a result.
    #[error("the program emits no result")]
    NoResult,
    /// The program takes more steps than a trace has.
    #[error("the program takes {steps} steps, a trace has at most 2^{limit_log2}")]
    Steps {
        /// Steps at most.
        steps: u64,
        /// Longest trace, as a power of two.
        limit_log2: u8,
    },
    /// The bundle cannot be written or read back.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}
