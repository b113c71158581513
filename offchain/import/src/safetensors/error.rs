//! What can be wrong with a folder of safetensors files.

use std::path::PathBuf;

use opml_runtime::BundleError;
use opml_runtime::build::BuildError;
use safetensors::SafeTensorError;
use thiserror::Error;

use crate::image::ImageError;

/// Why a folder cannot become a bundle.
#[derive(Debug, Error)]
pub enum DiffusionError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// A file of tensors is damaged.
    #[error("{}: {source}", path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SafeTensorError,
    },
    /// A folder has no file of tensors under one of the usual names.
    #[error("{} holds no model.safetensors or diffusion_pytorch_model.safetensors", path.display())]
    NoTensors {
        /// The folder.
        path: PathBuf,
    },
    /// A tensor that the network needs is not there.
    #[error("tensor {name} is missing")]
    Missing {
        /// The tensor.
        name: String,
    },
    /// A tensor has another shape than the configuration says.
    #[error("tensor {name} has shape {actual:?}, not {expected:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Shape by the configuration.
        expected: Vec<usize>,
        /// Shape in the file.
        actual: Vec<usize>,
    },
    /// A tensor's numbers are of a type that is not read.
    #[error("tensor {name}: numbers of type {kind} are not supported: F32, F16 and BF16 are")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        kind: String,
    },
    /// A property of the network that the program has not.
    #[error("{key} = {value} is not supported")]
    Property {
        /// The entry of the configuration.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// A token that the tokenizer needs is not in its vocabulary.
    #[error("the vocabulary has no token {token:?}")]
    Token {
        /// The token.
        token: String,
    },
    /// The program cannot be made.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A tensor or an operator breaks a rule.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}
