//! Networks of ONNX files that make a picture: a graph of convolutions, normalisations and attention
//! over images of one batch.
//!
//! Shapes are static: what the graph computes of shapes and of constant inputs is computed at import.
//! What is left is lowered to the operators of [`crate::image`]. An operator, attribute or shape that has
//! no counterpart is an error that names the node.

mod affine;
mod error;
mod fold;
mod lower;
mod node;
mod proto;
mod shape;
mod tensor;
pub mod terrain;
mod value;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::build::Builder;
use prost::Message as _;

use crate::image::{self, Graph};
use lower::Lowering;
use node::Node;
use tensor::Tensor;
use value::{Kind, Scaled, Value};

pub use error::OnnxError;

/// Where an input of the graph comes from.
#[derive(Clone, Debug)]
pub enum Binding {
    /// The same number for every request.
    Number(f32),
    /// Gaussian noise from the request's seed, times a factor: an image of one channel.
    Noise {
        /// Rows and columns.
        size: (u32, u32),
        /// The factor.
        factor: f32,
    },
    /// A number that the request chooses: that of the first word of its input, 0 behind the last.
    Choice(Vec<f32>),
}

/// What the file does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// Inputs of the graph by name.
    pub inputs: Vec<(String, Binding)>,
    /// How filters are stored.
    pub weights: WeightType,
}

/// Adds the network of a file to a bundle. Its first output must be an image that is cut off below and
/// above; the result is a byte for each of its numbers, 0 the lower limit, 255 the upper one.
pub fn import(
    file: &Path,
    builder: Builder,
    options: &Options,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Builder, OnnxError> {
    let io = |source| OnnxError::Io { path: file.to_owned(), source };
    let model = proto::Model::decode(fs::read(file).map_err(io)?.as_slice())?;
    lower(&model, builder, options, progress)
}

/// Versions of ONNX's operators whose meaning is known here.
const VERSIONS: std::ops::RangeInclusive<i64> = 13..=21;

fn lower(
    model: &proto::Model,
    builder: Builder,
    options: &Options,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Builder, OnnxError> {
    for set in &model.opset_import {
        if !set.domain.is_empty() || !VERSIONS.contains(&set.version) {
            let (domain, version) = (set.domain.clone(), set.version);
            return Err(OnnxError::OperatorSet { domain, version });
        }
    }
    let graph = model.graph.as_ref().ok_or(OnnxError::NoGraph)?;
    let mut lowering = Lowering {
        graph: Graph::new(builder),
        values: HashMap::new(),
        uses: uses(graph),
        weights: options.weights,
        computed: 0,
    };
    for tensor in &graph.initializer {
        let value = Value::constant(Tensor::read(tensor)?);
        lowering.values.insert(tensor.name.clone(), value);
    }
    for input in graph.input.iter().map(|input| &input.name) {
        if !lowering.values.contains_key(input) {
            let binding = options.inputs.iter().find(|(name, _)| name == input);
            let (_, binding) =
                binding.ok_or_else(|| OnnxError::Unbound { input: input.clone() })?;
            let value = bind(&mut lowering.graph, binding)
                .map_err(|source| OnnxError::Image { node: input.clone(), source })?;
            lowering.values.insert(input.clone(), value);
        }
    }
    for (number, node) in graph.node.iter().enumerate() {
        lowering.node(Node(node))?;
        progress(number + 1, graph.node.len());
    }
    finish(lowering, graph)
}

/// How often nodes, and the graph's outputs, name a value.
fn uses(graph: &proto::Graph) -> HashMap<String, usize> {
    let mut uses = HashMap::new();
    let read = graph.node.iter().flat_map(|node| &node.input);
    for name in read.chain(graph.output.iter().map(|output| &output.name)) {
        *uses.entry(name.clone()).or_insert(0) += 1;
    }
    uses
}

/// What stands for an input.
fn bind(graph: &mut Graph, binding: &Binding) -> Result<Value, image::ImageError> {
    match binding {
        Binding::Number(number) => Ok(Value::constant(Tensor::numbers(vec![1], vec![*number]))),
        Binding::Noise { size, factor } => {
            let table = graph.row("gaussian", &image::gaussian())?;
            let image = graph.noise(*size, 1, (table, 0))?;
            let kind = Kind::Image(Scaled { image, factor: *factor });
            Ok(Value { kind, ..Value::image(image) })
        }
        Binding::Choice(numbers) => {
            let rows = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let matrix = Matrix { k: 1, rows, kind: WeightType::F32 };
            let table = graph.builder().matrix("choice", matrix, numbers)?;
            let image = graph.select(&table)?;
            Ok(Value { shape: vec![1], kind: Kind::Image(Scaled { image, factor: 1.0 }) })
        }
    }
}

/// The first output as bytes.
fn finish(mut lowering: Lowering, graph: &proto::Graph) -> Result<Builder, OnnxError> {
    let output = graph.output.first().map(|output| output.name.clone()).unwrap_or_default();
    let image_error = |source| OnnxError::Image { node: output.clone(), source };
    let Some(Kind::Clamped(image, [low, high])) =
        lowering.values.get(&output).map(|value| value.kind.clone())
    else {
        return Err(OnnxError::Output { output });
    };
    let scale = 255.0 / (high - low);
    if !scale.is_finite() || scale <= 0.0 {
        return Err(OnnxError::Output { output });
    }
    let range = [scale, -low * scale];
    let bytes = lowering.graph.pixels(image, range).map_err(image_error)?;
    lowering.graph.finish(bytes).map_err(image_error)
}
