//! The network that removes noise.

use super::DiffusionError;
use super::attention::Memory;
use super::config::Unet as Config;
use super::resnet::{Norms, Resnet};
use super::time::Times;
use super::transformer::{Sizes, Transformer};
use super::weights::{Layer, Part};
use crate::image::{Activation, Filter, Graph, GroupNorm, Image, Window};

/// The network, read into a program.
pub struct Unet {
    input: Filter,
    down: Vec<Level>,
    middle: (Resnet, Transformer, Resnet),
    up: Vec<Level>,
    norm: GroupNorm,
    output: Filter,
}

/// Blocks at one resolution.
struct Level {
    resnets: Vec<Resnet>,
    /// One behind each residual block, or none at all.
    transformers: Vec<Transformer>,
    /// What leads to the next resolution.
    next: Option<Filter>,
}

/// A part of the network with what all of its levels need.
struct Reader<'a> {
    part: &'a Part<'a>,
    config: &'a Config,
    times: &'a Times,
}

impl Part<'_> {
    /// The network.
    pub fn unet(
        &self,
        graph: &mut Graph,
        config: &Config,
        times: &Times,
    ) -> Result<Unet, DiffusionError> {
        let channels = &config.block_out_channels;
        let (Some(first), Some(last)) = (channels.first().copied(), channels.last().copied())
        else {
            let value = "[]".to_owned();
            return Err(DiffusionError::Property { key: "block_out_channels", value });
        };
        let reader = Reader { part: self, config, times };
        let input = self.layer(graph, "conv_in", Layer::around(config.in_channels, first))?;
        let (down, mut skips) = reader.down(graph, first)?;
        let middle = (
            reader.resnet(graph, "mid_block.resnets.0", [last, last])?,
            reader.transformer(graph, ("mid_block.attentions.0", last), channels.len() - 1)?,
            reader.resnet(graph, "mid_block.resnets.1", [last, last])?,
        );
        let up = reader.up(graph, last, &mut skips)?;
        let silu = (reader.norms(), Activation::Silu);
        let norm = self.norm(graph, ("conv_norm_out", first), silu)?;
        let layer = Layer::around(first, config.out_channels);
        let output = self.layer(graph, "conv_out", layer)?;
        Ok(Unet { input, down, middle, up, norm, output })
    }
}

impl Reader<'_> {
    const fn norms(&self) -> Norms {
        Norms { groups: self.config.norm_num_groups, epsilon: self.config.norm_eps }
    }

    fn resnet(
        &self,
        graph: &mut Graph,
        name: &str,
        channels: [u32; 2],
    ) -> Result<Resnet, DiffusionError> {
        self.part.resnet(graph, (name, channels), (self.norms(), Some(self.times)))
    }

    fn transformer(
        &self,
        graph: &mut Graph,
        (name, channels): (&str, u32),
        level: usize,
    ) -> Result<Transformer, DiffusionError> {
        let sizes = Sizes {
            channels,
            heads: self.config.heads(level),
            context: self.config.cross_attention_dim,
            groups: self.config.norm_num_groups,
        };
        self.part.transformer(graph, name, sizes)
    }

    /// Levels from the finest on, and the channels of all images that they leave for the way back.
    fn down(
        &self,
        graph: &mut Graph,
        first: u32,
    ) -> Result<(Vec<Level>, Vec<u32>), DiffusionError> {
        let (mut levels, mut skips, mut inputs) = (Vec::new(), vec![first], first);
        let count = self.config.block_out_channels.len();
        for (number, outputs) in self.config.block_out_channels.iter().copied().enumerate() {
            let name = format!("down_blocks.{number}");
            let mut blocks = Vec::new();
            for _ in 0..self.config.layers_per_block {
                blocks.push([inputs, outputs]);
                skips.push(outputs);
                inputs = outputs;
            }
            let next = (number + 1 < count).then_some("downsamplers.0.conv");
            if next.is_some() {
                skips.push(outputs);
            }
            levels.push(self.level(graph, (&name, number), (&blocks, next))?);
        }
        Ok((levels, skips))
    }

    /// Levels from the coarsest on.
    fn up(
        &self,
        graph: &mut Graph,
        last: u32,
        skips: &mut Vec<u32>,
    ) -> Result<Vec<Level>, DiffusionError> {
        let (mut levels, mut inputs) = (Vec::new(), last);
        let count = self.config.block_out_channels.len();
        for (number, outputs) in self.config.block_out_channels.iter().copied().rev().enumerate() {
            let name = format!("up_blocks.{number}");
            let mut blocks = Vec::new();
            for _ in 0..=self.config.layers_per_block {
                blocks.push([inputs + skips.pop().unwrap_or(0), outputs]);
                inputs = outputs;
            }
            let next = (number + 1 < count).then_some("upsamplers.0.conv");
            levels.push(self.level(graph, (&name, count - 1 - number), (&blocks, next))?);
        }
        Ok(levels)
    }

    fn level(
        &self,
        graph: &mut Graph,
        (name, level): (&str, usize),
        (blocks, next): (&[[u32; 2]], Option<&str>),
    ) -> Result<Level, DiffusionError> {
        let (mut resnets, mut transformers) = (Vec::new(), Vec::new());
        let outputs = blocks.last().map_or(0, |block| block[1]);
        for (number, channels) in blocks.iter().enumerate() {
            resnets.push(self.resnet(graph, &format!("{name}.resnets.{number}"), *channels)?);
            if self.config.attends(level) {
                let name = format!("{name}.attentions.{number}");
                transformers.push(self.transformer(graph, (&name, outputs), level)?);
            }
        }
        let layer = Layer::around(outputs, outputs);
        let next = match next {
            Some(next) => Some(self.part.layer(graph, &format!("{name}.{next}"), layer)?),
            None => None,
        };
        Ok(Level { resnets, transformers, next })
    }
}

impl Unet {
    /// What all blocks remember of a text, in the order in which they ask for it.
    pub fn remember(
        &self,
        graph: &mut Graph,
        context: Image,
    ) -> Result<Vec<Memory>, DiffusionError> {
        let down = self.down.iter().flat_map(|level| &level.transformers);
        let up = self.up.iter().flat_map(|level| &level.transformers);
        let all = down.chain([&self.middle.1]).chain(up);
        let memories: Result<Vec<_>, _> =
            all.map(|transformer| transformer.remember(graph, context)).collect();
        Ok(memories?.concat())
    }

    /// What the network predicts for an image of the sampler.
    pub fn apply(
        &self,
        graph: &mut Graph,
        image: Image,
        memories: &[Memory],
    ) -> Result<Image, DiffusionError> {
        let memories = &mut memories.iter().copied();
        let mut x = graph.conv(image, &self.input, Window::AROUND)?;
        let mut skips = vec![x];
        for level in &self.down {
            for (number, resnet) in level.resnets.iter().enumerate() {
                x = resnet.apply(graph, x)?;
                x = level.attend(graph, (number, x), memories)?;
                skips.push(x);
            }
            if let Some(filter) = &level.next {
                x = graph.conv(x, filter, Window::HALF)?;
                skips.push(x);
            }
        }
        let (before, transformer, behind) = &self.middle;
        x = before.apply(graph, x)?;
        x = transformer.apply(graph, x, memories)?;
        x = behind.apply(graph, x)?;
        for level in &self.up {
            for (number, resnet) in level.resnets.iter().enumerate() {
                if let Some(skip) = skips.pop() {
                    x = graph.concat(x, skip)?;
                }
                x = resnet.apply(graph, x)?;
                x = level.attend(graph, (number, x), memories)?;
            }
            if let Some(filter) = &level.next {
                x = double(graph, x, filter)?;
            }
        }
        let x = graph.group_norm(x, &self.norm)?;
        Ok(graph.conv(x, &self.output, Window::AROUND)?)
    }
}

impl Level {
    fn attend(
        &self,
        graph: &mut Graph,
        (number, x): (usize, Image),
        memories: &mut impl Iterator<Item = Memory>,
    ) -> Result<Image, DiffusionError> {
        match self.transformers.get(number) {
            Some(transformer) => transformer.apply(graph, x, memories),
            None => Ok(x),
        }
    }
}

/// Twice as many pixels each way, and a convolution. Rows are quantized before they are copied.
pub fn double(graph: &mut Graph, x: Image, filter: &Filter) -> Result<Image, DiffusionError> {
    if filter.weights.matrix.kind.quantized() {
        let x = graph.quantize(x)?;
        let x = graph.upsample_quantized(x, 2)?;
        return Ok(graph.conv(x, filter, Window::AROUND)?);
    }
    let x = graph.upsample(x, 2)?;
    Ok(graph.conv(x, filter, Window::AROUND)?)
}
