//! Tensors of a file as tensors of a bundle.

use std::collections::BTreeSet;

use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::build::{Builder, Vector, Weights};

use super::config::Config;
use super::rearrange::rearrange;
use super::rope;
use crate::ImportError;
use crate::gguf::{Gguf, Kind, Tensor};

/// A matrix, and what is added to its product.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    /// The matrix.
    pub weights: Weights,
    /// One number a row.
    pub bias: Option<Vector>,
}

/// Weights of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    pub attention_norm: Vector,
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub output: Linear,
    pub inner_norm: Vector,
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

/// Weights of a model.
pub struct Model {
    pub embedding: Weights,
    pub layers: Vec<Layer>,
    pub norm: Vector,
    pub head: Linear,
    pub rope: Vector,
}

/// A file that is read into a builder.
pub struct Source<'a> {
    gguf: &'a Gguf,
    builder: &'a mut Builder,
    progress: &'a mut dyn FnMut(&str),
    /// Names that were asked for.
    known: BTreeSet<String>,
}

impl<'a> Source<'a> {
    pub fn new(
        gguf: &'a Gguf,
        builder: &'a mut Builder,
        progress: &'a mut dyn FnMut(&str),
    ) -> Self {
        Self { gguf, builder, progress, known: BTreeSet::new() }
    }

    /// All weights. A tensor that is left over is an error: something would be missing in the program.
    pub fn weights(&mut self, config: &Config) -> Result<Model, ImportError> {
        let Config { width, vocabulary, .. } = *config;
        let embedding = self.linear("token_embd", [width, vocabulary])?.weights;
        let factors = match self.find("rope_freqs.weight") {
            Some(tensor) => {
                expect_shape(tensor, &[u64::from(config.attention.head / 2)])?;
                Some(self.floats(tensor)?)
            }
            None => None,
        };
        let table = rope::table(config, factors.as_deref());
        let rope = self.builder.vector("rope", &table)?;
        let layers = (0..config.layers).map(|number| self.layer(config, number));
        let layers = layers.collect::<Result<_, _>>()?;
        let norm = self.vector("output_norm.weight", width)?;
        let head = if self.find("output.weight").is_some() {
            self.linear("output", [width, vocabulary])?
        } else {
            Linear { weights: embedding, bias: None }
        };
        if let Some(name) = self.gguf.names().find(|name| !self.known.contains(*name)) {
            return Err(ImportError::UnknownTensor { name: name.to_owned() });
        }
        Ok(Model { embedding, layers, norm, head, rope })
    }

    fn layer(&mut self, config: &Config, number: u32) -> Result<Layer, ImportError> {
        let Config { width, inner, attention, .. } = *config;
        let [query, cached] =
            [attention.heads, attention.kv_heads].map(|n| n.saturating_mul(attention.head));
        let name = |part: &str| format!("blk.{number}.{part}");
        Ok(Layer {
            attention_norm: self.vector(&name("attn_norm.weight"), width)?,
            query: self.linear(&name("attn_q"), [width, query])?,
            key: self.linear(&name("attn_k"), [width, cached])?,
            value: self.linear(&name("attn_v"), [width, cached])?,
            output: self.linear(&name("attn_output"), [query, width])?,
            inner_norm: self.vector(&name("ffn_norm.weight"), width)?,
            gate: self.linear(&name("ffn_gate"), [width, inner])?,
            up: self.linear(&name("ffn_up"), [width, inner])?,
            down: self.linear(&name("ffn_down"), [inner, width])?,
        })
    }

    fn find(&mut self, name: &str) -> Option<&'a Tensor> {
        let tensor = self.gguf.tensor(name)?;
        self.known.insert(name.to_owned());
        (self.progress)(name);
        Some(tensor)
    }

    fn require(&mut self, name: &str) -> Result<&'a Tensor, ImportError> {
        self.find(name).ok_or_else(|| ImportError::MissingTensor { name: name.to_owned() })
    }

    /// A matrix of `[k, rows]` elements with its bias, if there is one.
    fn linear(&mut self, name: &str, [k, rows]: [u32; 2]) -> Result<Linear, ImportError> {
        let tensor = self.require(&format!("{name}.weight"))?;
        expect_shape(tensor, &[k.into(), rows.into()])?;
        let kind = weight_type(tensor)?;
        let matrix = Matrix { k, rows, kind };
        let bytes = self.gguf.bytes(tensor);
        let weights =
            self.builder.matrix_of(&tensor.name, matrix, |rows| rearrange(matrix, bytes, rows))?;
        let bias_name = format!("{name}.bias");
        let bias = if self.gguf.tensor(&bias_name).is_some() {
            Some(self.vector(&bias_name, rows)?)
        } else {
            None
        };
        Ok(Linear { weights, bias })
    }

    fn vector(&mut self, name: &str, n: u32) -> Result<Vector, ImportError> {
        let tensor = self.require(name)?;
        expect_shape(tensor, &[n.into()])?;
        let values = self.floats(tensor)?;
        Ok(self.builder.vector(name, &values)?)
    }

    fn floats(&self, tensor: &Tensor) -> Result<Vec<f32>, ImportError> {
        if tensor.kind != Kind::F32 {
            return Err(unsupported(tensor));
        }
        let numbers = self.gguf.bytes(tensor).as_chunks().0;
        Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }
}

fn expect_shape(tensor: &Tensor, expected: &[u64]) -> Result<(), ImportError> {
    if tensor.shape == expected {
        return Ok(());
    }
    Err(ImportError::Shape {
        name: tensor.name.clone(),
        expected: expected.to_vec(),
        actual: tensor.shape.clone(),
    })
}

fn unsupported(tensor: &Tensor) -> ImportError {
    ImportError::TensorType { name: tensor.name.clone(), kind: tensor.kind.to_string() }
}

fn weight_type(tensor: &Tensor) -> Result<WeightType, ImportError> {
    match tensor.kind {
        Kind::F32 => Ok(WeightType::F32),
        Kind::F16 => Ok(WeightType::F16),
        Kind::Q8_0 => Ok(WeightType::Q8_0),
        Kind::Q4_0 => Ok(WeightType::Q4_0),
        Kind::Q4_1 => Ok(WeightType::Q4_1),
        Kind::Q4_K => Ok(WeightType::Q4_K),
        Kind::Q6_K => Ok(WeightType::Q6_K),
        _ => Err(unsupported(tensor)),
    }
}
