//! The decoder from latent images to pixels.

use super::DiffusionError;
use super::attention::{Attention, OLD_VAE, Shape, UNET};
use super::config::Vae as Config;
use super::resnet::{Norms, Resnet};
use super::unet::double;
use super::weights::{Layer, Part};
use crate::image::{Activation, Filter, Graph, GroupNorm, Image, Window};

/// Added to all variances.
const EPSILON: f32 = 1e-6;

/// The decoder, read into a program.
pub struct Decoder {
    /// A layer in front, which also undoes the scale of the latent image.
    before: Filter,
    input: Filter,
    middle: (Resnet, (GroupNorm, Attention), Resnet),
    up: Vec<(Vec<Resnet>, Option<Filter>)>,
    norm: GroupNorm,
    output: Filter,
}

impl Part<'_> {
    /// The decoder.
    pub fn decoder(&self, graph: &mut Graph, config: &Config) -> Result<Decoder, DiffusionError> {
        let channels = &config.block_out_channels;
        let (Some(first), Some(last)) = (channels.first().copied(), channels.last().copied())
        else {
            let value = "[]".to_owned();
            return Err(DiffusionError::Property { key: "block_out_channels", value });
        };
        let latent = config.latent_channels;
        let norms = Norms { groups: config.norm_num_groups, epsilon: EPSILON };
        let resnet = |graph: &mut Graph, name: &str, channels| {
            self.resnet(graph, (&format!("decoder.{name}"), channels), (norms, None))
        };
        let before = self.unscaled(graph, config)?;
        let input = self.layer(graph, "decoder.conv_in", Layer::around(latent, last))?;
        let middle = (
            resnet(graph, "mid_block.resnets.0", [last, last])?,
            self.middle(graph, (last, norms))?,
            resnet(graph, "mid_block.resnets.1", [last, last])?,
        );
        let (mut up, mut inputs) = (Vec::new(), last);
        for (number, outputs) in channels.iter().copied().rev().enumerate() {
            let mut blocks = Vec::new();
            for block in 0..=config.layers_per_block {
                let name = format!("up_blocks.{number}.resnets.{block}");
                blocks.push(resnet(graph, &name, [inputs, outputs])?);
                inputs = outputs;
            }
            let name = format!("decoder.up_blocks.{number}.upsamplers.0.conv");
            let next = if number + 1 < channels.len() {
                Some(self.layer(graph, &name, Layer::around(outputs, outputs))?)
            } else {
                None
            };
            up.push((blocks, next));
        }
        let silu = (norms, Activation::Silu);
        let norm = self.norm(graph, ("decoder.conv_norm_out", first), silu)?;
        let layer = Layer::around(first, config.out_channels);
        let output = self.layer(graph, "decoder.conv_out", layer)?;
        Ok(Decoder { before, input, middle, up, norm, output })
    }

    /// The layer in front of the decoder with its weights divided by the latent image's scale; the scale
    /// alone if there is no such layer.
    fn unscaled(&self, graph: &mut Graph, config: &Config) -> Result<Filter, DiffusionError> {
        let n = config.latent_channels;
        let name = "post_quant_conv";
        let layer = Layer::linear(n, n);
        let mut weights = if self.tensors.has(&format!("{name}.weight")) {
            self.matrix(name, layer)?
        } else {
            let one = |index: u32| if index / n == index % n { 1.0 } else { 0.0 };
            (0..n * n).map(one).collect()
        };
        for weight in &mut weights {
            *weight /= config.scaling_factor;
        }
        let bias = self.bias_row(graph, name, n)?;
        self.filter(graph, (name, layer), (&weights, bias))
    }

    fn middle(
        &self,
        graph: &mut Graph,
        (width, norms): (u32, Norms),
    ) -> Result<(GroupNorm, Attention), DiffusionError> {
        let name = "decoder.mid_block.attentions.0";
        let none = (norms, Activation::None);
        let norm = self.norm(graph, (&format!("{name}.group_norm"), width), none)?;
        let new = self.tensors.has(&format!("{name}.to_q.weight"));
        let names = if new { UNET } else { OLD_VAE };
        let shape = Shape { width, context: width, heads: 1, causal: false };
        Ok((norm, self.attention(graph, (name, names), shape)?))
    }
}

impl Decoder {
    /// Pixels with numbers from -1 to 1.
    pub fn apply(&self, graph: &mut Graph, latent: Image) -> Result<Image, DiffusionError> {
        let x = graph.linear(latent, &self.before)?;
        let x = graph.conv(x, &self.input, Window::AROUND)?;
        let (before, (norm, attention), behind) = &self.middle;
        let x = before.apply(graph, x)?;
        let normal = graph.group_norm(x, norm)?;
        let normal = graph.numbers(normal)?;
        let x = attention.attend_self(graph, (normal, x))?;
        let mut x = behind.apply(graph, x)?;
        for (resnets, next) in &self.up {
            for resnet in resnets {
                x = resnet.apply(graph, x)?;
            }
            if let Some(filter) = next {
                x = double(graph, x, filter)?;
            }
        }
        let x = graph.group_norm(x, &self.norm)?;
        Ok(graph.conv(x, &self.output, Window::AROUND)?)
    }
}
