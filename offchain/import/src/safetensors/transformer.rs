//! Attention of pixels over each other and over a text.

use super::DiffusionError;
use super::attention::{Attention, Memory, Shape, UNET};
use super::resnet::Norms;
use super::weights::{Layer, Part};
use crate::image::{Activation, Affine, Filter, Graph, GroupNorm, Image};

/// Added to the variance of rows.
const ROW_EPSILON: f32 = 1e-5;
/// Added to the variance of groups in front of attention.
const GROUP_EPSILON: f32 = 1e-6;
/// How much wider a feed-forward block is inside.
const INNER: u32 = 4;

/// Blocks of attention between two linear layers.
#[derive(Clone, Debug)]
pub struct Transformer {
    norm: GroupNorm,
    input: Filter,
    blocks: Vec<Block>,
    output: Filter,
}

/// Attention to the pixels, attention to the text, and a feed-forward block.
#[derive(Clone, Copy, Debug)]
struct Block {
    norms: [Affine; 3],
    pixels: Attention,
    text: Attention,
    value: Filter,
    gate: Filter,
    down: Filter,
}

/// Sizes of a transformer.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Channels of the image.
    pub channels: u32,
    /// Heads of attention.
    pub heads: u32,
    /// Elements of a token's row.
    pub context: u32,
    /// Groups that are normalised together.
    pub groups: u32,
}

impl Part<'_> {
    /// A transformer under a name, with as many blocks as there are.
    pub fn transformer(
        &self,
        graph: &mut Graph,
        name: &str,
        sizes: Sizes,
    ) -> Result<Transformer, DiffusionError> {
        let Sizes { channels, groups, .. } = sizes;
        let part = |part: &str| format!("{name}.{part}");
        let norms = Norms { groups, epsilon: GROUP_EPSILON };
        let norm = self.norm(graph, (&part("norm"), channels), (norms, Activation::None))?;
        let square = Layer::linear(channels, channels);
        let input = self.layer(graph, &part("proj_in"), square)?;
        let mut blocks = Vec::new();
        loop {
            let block = part(&format!("transformer_blocks.{}", blocks.len()));
            let known = self.tensors.has(&format!("{block}.norm1.weight"));
            if !known && !blocks.is_empty() {
                break;
            }
            blocks.push(self.block(graph, &block, sizes)?);
        }
        let output = self.layer(graph, &part("proj_out"), square)?;
        Ok(Transformer { norm, input, blocks, output })
    }

    fn block(&self, graph: &mut Graph, name: &str, sizes: Sizes) -> Result<Block, DiffusionError> {
        let Sizes { channels, heads, context, .. } = sizes;
        let part = |part: &str| format!("{name}.{part}");
        let mut norm = |number: u32| {
            let name = part(&format!("norm{number}"));
            self.affine(graph, (&name, channels), ROW_EPSILON)
        };
        let norms = [norm(1)?, norm(2)?, norm(3)?];
        let shape = Shape { width: channels, context: channels, heads, causal: false };
        let to_text = Shape { context, ..shape };
        let pixels = self.attention(graph, (&part("attn1"), UNET), shape)?;
        let text = self.attention(graph, (&part("attn2"), UNET), to_text)?;
        let [value, gate] = self.gated(graph, &part("ff.net.0.proj"), channels)?;
        let layer = Layer::linear(channels * INNER, channels);
        let down = self.layer(graph, &part("ff.net.2"), layer)?;
        Ok(Block { norms, pixels, text, value, gate, down })
    }

    /// The two halves of a gated layer, as layers of their own.
    fn gated(
        &self,
        graph: &mut Graph,
        name: &str,
        channels: u32,
    ) -> Result<[Filter; 2], DiffusionError> {
        let inner = channels * INNER;
        let both = Layer::linear(channels, 2 * inner);
        let (rows, bias) = (self.matrix(name, both)?, self.bias(name, 2 * inner)?);
        let mut half = |part: &str, rows: &[f32], bias: &[f32]| {
            let name = format!("{name}.{part}");
            let bias = graph.row(&format!("{}{name}.bias", self.name), bias)?;
            self.filter(graph, (&name, Layer::linear(channels, inner)), (rows, bias))
        };
        let (rows, bias) = (rows.split_at(rows.len() / 2), bias.split_at(bias.len() / 2));
        Ok([half("value", rows.0, bias.0)?, half("gate", rows.1, bias.1)?])
    }
}

impl Transformer {
    /// What the blocks remember of a text.
    pub fn remember(
        &self,
        graph: &mut Graph,
        context: Image,
    ) -> Result<Vec<Memory>, DiffusionError> {
        self.blocks.iter().map(|block| block.text.remember(graph, context)).collect()
    }

    /// The transformer; `memories` are those of its blocks, and of what comes behind it.
    pub fn apply(
        &self,
        graph: &mut Graph,
        image: Image,
        memories: &mut impl Iterator<Item = Memory>,
    ) -> Result<Image, DiffusionError> {
        let normal = graph.group_norm(image, &self.norm)?;
        let mut x = graph.linear(normal, &self.input)?;
        for (block, memory) in self.blocks.iter().zip(memories) {
            x = block.apply(graph, x, &memory)?;
        }
        Ok(graph.linear_add(x, &self.output, image)?)
    }
}

impl Block {
    fn apply(&self, graph: &mut Graph, x: Image, memory: &Memory) -> Result<Image, DiffusionError> {
        let row = graph.layer_norm(x, &self.norms[0])?;
        let x = self.pixels.attend_self(graph, (row, x))?;
        let row = graph.layer_norm(x, &self.norms[1])?;
        let x = self.text.attend(graph, (row, x), memory)?;
        let row = graph.layer_norm(x, &self.norms[2])?;
        let gate = graph.linear(row, &self.gate)?;
        let gate = graph.gelu(gate)?;
        let value = graph.linear(row, &self.value)?;
        let inner = graph.mul(value, gate)?;
        Ok(graph.linear_add(inner, &self.down, x)?)
    }
}
