//! What can be wrong with an ONNX file.

use std::path::PathBuf;

use opml_runtime::build::BuildError;
use thiserror::Error;

use crate::image::ImageError;

/// Why an ONNX file cannot become a bundle.
#[derive(Debug, Error)]
pub enum OnnxError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The file is no protocol buffer of ONNX's layout.
    #[error("not an ONNX file: {0}")]
    Decode(#[from] prost::DecodeError),
    /// The file holds no graph.
    #[error("the file holds no graph")]
    NoGraph,
    /// Operators of another meaning than is known here.
    #[error("operator set {domain:?} version {version} is not supported: 13 to 21 of \"\" are")]
    OperatorSet {
        /// Name of the set.
        domain: String,
        /// Its version.
        version: i64,
    },
    /// A constant of another type than f32 or i64, or kept in another file.
    #[error("tensor {name}: data type {kind} is not supported here")]
    TensorType {
        /// The tensor.
        name: String,
        /// ONNX's number of its type.
        kind: i32,
    },
    /// A constant has not as many elements as its shape says.
    #[error("tensor {name} has {actual} elements, its shape {expected}")]
    Elements {
        /// The tensor.
        name: String,
        /// Elements of the shape.
        expected: usize,
        /// Elements in the file.
        actual: usize,
    },
    /// An operator without a counterpart, or a use of one.
    #[error("node {node}: {operator} is not supported here: {reason}")]
    Operator {
        /// The node.
        node: String,
        /// Its operator.
        operator: String,
        /// What is missing.
        reason: &'static str,
    },
    /// An attribute has a value without a counterpart.
    #[error("node {node}: attribute {name} has a value that is not supported")]
    Attribute {
        /// The node.
        node: String,
        /// The attribute.
        name: &'static str,
    },
    /// Shapes do not fit the operator.
    #[error("node {node}: shapes {shapes:?} do not fit {operator}")]
    Shapes {
        /// The node.
        node: String,
        /// Its operator.
        operator: String,
        /// Shapes of its inputs.
        shapes: Vec<Vec<usize>>,
    },
    /// A node reads what no node before it writes.
    #[error("node {node} reads {value:?}, which nothing before it makes")]
    Missing {
        /// The node.
        node: String,
        /// The value.
        value: String,
    },
    /// Nothing says where an input of the graph comes from.
    #[error("input {input} of the graph is bound to nothing")]
    Unbound {
        /// The input.
        input: String,
    },
    /// The output is no picture.
    #[error("output {output} of the graph is not an image between -1 and 1")]
    Output {
        /// The output.
        output: String,
    },
    /// The program breaks a rule.
    #[error("node {node}: {source}")]
    Image {
        /// The node.
        node: String,
        /// The rule.
        source: ImageError,
    },
    /// The program or its tensors break a rule.
    #[error(transparent)]
    Build(#[from] BuildError),
}
