//! What can be wrong with a model file.

use std::path::PathBuf;

use opml_runtime::BundleError;
use opml_runtime::build::BuildError;
use thiserror::Error;

/// Why a model file cannot become a bundle.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The file does not begin as a GGUF file does.
    #[error("not a GGUF file of version 2 or 3")]
    NotGguf,
    /// The file ends too early, or a length in it cannot be.
    #[error("the file is cut off or damaged at byte {at}")]
    Damaged {
        /// Where reading failed.
        at: usize,
    },
    /// An entry of the metadata is missing or of another type.
    #[error("metadata {key} is missing or not {expected}")]
    Metadata {
        /// The entry.
        key: String,
        /// What it should be.
        expected: &'static str,
    },
    /// An architecture that no program is known for.
    #[error("architecture {name:?} is not supported: llama is")]
    Architecture {
        /// Its name.
        name: String,
    },
    /// A property of the architecture that the program has not.
    #[error("{key} = {value} is not supported")]
    Property {
        /// The entry of the metadata.
        key: String,
        /// Its value.
        value: String,
    },
    /// Attention sees all positions, and the model was made to see fewer.
    #[error(
        "a sliding window of {window} is shorter than the model's {positions} positions: import it with fewer"
    )]
    SlidingWindow {
        /// Positions in the window.
        window: u32,
        /// Positions of the model as it was to be imported.
        positions: u32,
    },
    /// A tensor type without a kernel.
    #[error("tensor {name}: type {kind} is not supported")]
    TensorType {
        /// The tensor.
        name: String,
        /// ggml's name of its type.
        kind: String,
    },
    /// A tensor that the program needs is not there.
    #[error("tensor {name} is missing")]
    MissingTensor {
        /// The tensor.
        name: String,
    },
    /// A tensor that the program does not know.
    #[error("tensor {name} is not part of a Llama model")]
    UnknownTensor {
        /// The tensor.
        name: String,
    },
    /// A tensor has another shape than the metadata says.
    #[error("tensor {name} has shape {actual:?}, not {expected:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Elements of a row, rows.
        expected: Vec<u64>,
        /// Shape in the file.
        actual: Vec<u64>,
    },
    /// A tokenizer without a kernel.
    #[error("tokenizer {model:?} with pre-tokenizer {pre:?} is not supported")]
    Tokenizer {
        /// `tokenizer.ggml.model`.
        model: String,
        /// `tokenizer.ggml.pre`.
        pre: String,
    },
    /// Tokens that are no result of joining others: only a search for whole words finds them.
    #[error(
        "{count} tokens, {token:?} among them, are formed by no merges but found as whole words (ignore_merges): not supported unless such words may be split"
    )]
    Unreached {
        /// The text of the first of them.
        token: String,
        /// How many there are.
        count: usize,
    },
    /// The chat template cannot be rendered.
    #[error("the chat template: {0}")]
    Template(#[from] minijinja::Error),
    /// The program or its tensors break a rule.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}
