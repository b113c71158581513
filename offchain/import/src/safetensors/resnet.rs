//! Residual blocks of two convolutions.

use super::DiffusionError;
use super::time::Times;
use super::weights::{Layer, Part};
use crate::image::{Activation, Filter, Graph, GroupNorm, Image, Mapped, Window};

/// A residual block, read into a program.
#[derive(Clone, Copy, Debug)]
pub struct Resnet {
    first: (GroupNorm, Filter),
    second: (GroupNorm, Filter),
    /// Where input and output have not as many channels.
    shortcut: Option<Filter>,
}

/// Normalisations of a part.
#[derive(Clone, Copy, Debug)]
pub struct Norms {
    /// Groups of channels.
    pub groups: u32,
    /// Added to variances.
    pub epsilon: f32,
}

impl Part<'_> {
    /// A group normalisation with what follows it.
    pub fn norm(
        &self,
        graph: &mut Graph,
        (name, channels): (&str, u32),
        (norms, activation): (Norms, Activation),
    ) -> Result<GroupNorm, DiffusionError> {
        if norms.groups == 0 || !channels.is_multiple_of(norms.groups) {
            let value = format!("{} of {channels} channels", norms.groups);
            return Err(DiffusionError::Property { key: "norm_num_groups", value });
        }
        let affine = self.affine(graph, (name, channels), norms.epsilon)?;
        Ok(GroupNorm { groups: norms.groups, affine, activation })
    }

    /// A residual block; `times` are the steps of a sampler, if it is told of them.
    pub fn resnet(
        &self,
        graph: &mut Graph,
        (name, channels): (&str, [u32; 2]),
        (norms, times): (Norms, Option<&Times>),
    ) -> Result<Resnet, DiffusionError> {
        let [inputs, outputs] = channels;
        let part = |part: &str| format!("{name}.{part}");
        let silu = (norms, Activation::Silu);
        let (conv, layer) = (part("conv1"), Layer::around(inputs, outputs));
        let bias = match times {
            None => self.bias_row(graph, &conv, outputs)?,
            Some(times) => {
                let rows = times.biases(self, (name, outputs))?;
                graph.table(&format!("{}{name}.time", self.name), &rows)?
            }
        };
        let weights = self.matrix(&conv, layer)?;
        let first = (
            self.norm(graph, (&part("norm1"), inputs), silu)?,
            self.filter(graph, (&conv, layer), (&weights, bias))?,
        );
        let second = (
            self.norm(graph, (&part("norm2"), outputs), silu)?,
            self.layer(graph, &part("conv2"), Layer::around(outputs, outputs))?,
        );
        let shortcut = if inputs == outputs {
            None
        } else {
            let layer = Layer::linear(inputs, outputs);
            Some(self.layer(graph, &part("conv_shortcut"), layer)?)
        };
        Ok(Resnet { first, second, shortcut })
    }
}

impl Resnet {
    /// The block.
    pub fn apply(&self, graph: &mut Graph, x: Image) -> Result<Image, DiffusionError> {
        let (norm, conv) = &self.first;
        let inner: Mapped = graph.group_norm(x, norm)?;
        let inner = graph.conv(inner, conv, Window::AROUND)?;
        let (norm, conv) = &self.second;
        let inner = graph.group_norm(inner, norm)?;
        let residual = match &self.shortcut {
            Some(filter) => graph.linear(x, filter)?,
            None => x,
        };
        Ok(graph.conv_add(inner, conv, (Window::AROUND, residual))?)
    }
}
