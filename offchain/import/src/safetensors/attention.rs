//! Attention of heads whose elements are filled up to whole blocks.

use super::DiffusionError;
use super::weights::{Layer, Part};
use crate::image::{Filter, Graph, Heads, Image, QuantizedImage};

/// Elements of a block.
const BLOCK: u32 = 32;

/// Names of the four layers.
pub type Names = [&'static str; 4];
/// In the network that removes noise.
pub const UNET: Names = ["to_q", "to_k", "to_v", "to_out.0"];
/// In the text encoder.
pub const CLIP: Names = ["q_proj", "k_proj", "v_proj", "out_proj"];
/// In older decoders.
pub const OLD_VAE: Names = ["query", "key", "value", "proj_attn"];

/// Sizes of attention.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Elements of the rows that attend.
    pub width: u32,
    /// Elements of the rows that are attended to.
    pub context: u32,
    /// Heads.
    pub heads: u32,
    /// Whether a row attends to those up to its own place only.
    pub causal: bool,
}

/// The layers of attention, read into a program.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    query: Filter,
    key: Filter,
    value: Filter,
    output: Filter,
    heads: Heads,
}

/// Keys and values of the rows that are attended to.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    keys: QuantizedImage,
    values: QuantizedImage,
}

impl Shape {
    /// Elements of a head.
    const fn head(&self) -> u32 {
        self.width / self.heads
    }

    /// The same in whole blocks.
    const fn padded(&self) -> u32 {
        self.head().next_multiple_of(BLOCK)
    }

    /// Rows of `inputs` elements, one for every element of the heads, with zeros behind each head.
    fn spread_rows(&self, rows: &[f32], inputs: u32) -> Vec<f32> {
        let (head, padded) = ((self.head() * inputs) as usize, (self.padded() * inputs) as usize);
        let mut spread = Vec::with_capacity(padded * self.heads as usize);
        // A layer without inputs has no rows; that its filter is empty is said where it is made.
        for head in rows.chunks_exact(head.max(1)) {
            let end = spread.len() + padded;
            spread.extend(head);
            spread.resize(end, 0.0);
        }
        spread
    }
}

impl Part<'_> {
    /// Attention under a name.
    pub fn attention(
        &self,
        graph: &mut Graph,
        (name, names): (&str, Names),
        shape: Shape,
    ) -> Result<Attention, DiffusionError> {
        if shape.heads == 0 || !shape.width.is_multiple_of(shape.heads) {
            let value = format!("{} in {} elements", shape.heads, shape.width);
            return Err(DiffusionError::Property { key: "heads", value });
        }
        let [query, key, value, output] = names.map(|part| format!("{name}.{part}"));
        #[allow(clippy::cast_precision_loss, reason = "elements of a head")]
        let scale = 1.0 / (shape.head() as f32).sqrt();
        Ok(Attention {
            query: self.heads_of(graph, (&query, shape.width), shape)?,
            key: self.heads_of(graph, (&key, shape.context), shape)?,
            value: self.heads_of(graph, (&value, shape.context), shape)?,
            output: self.out_of_heads(graph, &output, shape)?,
            heads: Heads { count: shape.heads, width: shape.padded(), scale, causal: shape.causal },
        })
    }

    fn heads_of(
        &self,
        graph: &mut Graph,
        (name, inputs): (&str, u32),
        shape: Shape,
    ) -> Result<Filter, DiffusionError> {
        let rows = self.matrix(name, Layer::linear(inputs, shape.width))?;
        let bias = self.bias(name, shape.width)?;
        let outputs = shape.padded() * shape.heads;
        let bias = graph.row(&format!("{}{name}.bias", self.name), &shape.spread_rows(&bias, 1))?;
        let rows = shape.spread_rows(&rows, inputs);
        self.filter(graph, (name, Layer::linear(inputs, outputs)), (&rows, bias))
    }

    fn out_of_heads(
        &self,
        graph: &mut Graph,
        name: &str,
        shape: Shape,
    ) -> Result<Filter, DiffusionError> {
        let rows = self.matrix(name, Layer::linear(shape.width, shape.width))?;
        let rows: Vec<f32> = rows
            .chunks_exact(shape.width as usize)
            .flat_map(|row| shape.spread_rows(row, 1))
            .collect();
        let bias = self.bias_row(graph, name, shape.width)?;
        let layer = Layer::linear(shape.padded() * shape.heads, shape.width);
        self.filter(graph, (name, layer), (&rows, bias))
    }
}

impl Attention {
    /// Keys and values of `context`.
    pub fn remember(&self, graph: &mut Graph, context: Image) -> Result<Memory, DiffusionError> {
        let keys = graph.linear(context, &self.key)?;
        let values = graph.linear(context, &self.value)?;
        Ok(Memory { keys: graph.quantize(keys)?, values: graph.quantize(values)? })
    }

    /// What the rows of `x` find in a memory, and `residual` added.
    pub fn attend(
        &self,
        graph: &mut Graph,
        (x, residual): (Image, Image),
        memory: &Memory,
    ) -> Result<Image, DiffusionError> {
        let query = graph.linear(x, &self.query)?;
        let query = graph.quantize(query)?;
        let memory = [memory.keys.into(), memory.values.into()];
        let mixed = graph.attention(query, memory, self.heads)?;
        Ok(graph.linear_add(mixed, &self.output, residual)?)
    }

    /// What the rows of `x` find in each other, and `residual` added.
    pub fn attend_self(
        &self,
        graph: &mut Graph,
        (x, residual): (Image, Image),
    ) -> Result<Image, DiffusionError> {
        let memory = self.remember(graph, x)?;
        self.attend(graph, (x, residual), &memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_filled_up() {
        let shape = Shape { width: 80, context: 80, heads: 2, causal: false };
        let spread = shape.spread_rows(&[1.0; 160], 2);
        assert_eq!(spread.len(), 256);
        let filled = |range: std::ops::Range<usize>| spread[range].iter().sum::<f32>();
        assert!((filled(0..80) - 80.0).abs() < 1e-3 && filled(80..128).abs() < 1e-3);
        assert!((filled(128..208) - 80.0).abs() < 1e-3 && filled(208..256).abs() < 1e-3);
    }

    #[test]
    fn rows_of_nothing_spread_to_nothing() {
        let shape = Shape { width: 32, context: 0, heads: 1, causal: false };
        assert!(shape.spread_rows(&[], shape.context).is_empty());
    }
}
