//! Layers of a network by the names of their tensors.

use opml_operator::WeightType;

use super::DiffusionError;
use super::tensors::Tensors;
use crate::image::{Affine, Filter, FilterShape, Graph, Row};

/// Channels below which weights stay numbers: a block would be mostly padding.
const FEW_CHANNELS: u32 = 32;

/// A part of a network that is read into a program.
pub struct Part<'a> {
    /// Its tensors.
    pub tensors: &'a dyn Tensors,
    /// What stands in front of their names in the bundle.
    pub name: &'static str,
    /// How weights are stored.
    pub kind: WeightType,
    /// Is told every tensor.
    pub progress: &'a dyn Fn(&str),
}

/// Shape of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// Channels that are read.
    pub inputs: u32,
    /// Channels that are written.
    pub outputs: u32,
    /// Height and width of the window.
    pub size: u32,
}

impl Layer {
    /// A linear layer.
    pub const fn linear(inputs: u32, outputs: u32) -> Self {
        Self { inputs, outputs, size: 1 }
    }

    /// A convolution with a window of nine pixels.
    pub const fn around(inputs: u32, outputs: u32) -> Self {
        Self { inputs, outputs, size: 3 }
    }

    fn shape(&self) -> [usize; 4] {
        [self.outputs, self.inputs, self.size, self.size].map(|side| side as usize)
    }
}

impl Part<'_> {
    /// Numbers of a tensor.
    pub fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, DiffusionError> {
        (self.progress)(name);
        self.tensors.numbers(name, shape)
    }

    /// A row of numbers.
    pub fn vector(&self, name: &str, n: u32) -> Result<Vec<f32>, DiffusionError> {
        self.numbers(name, &[n as usize])
    }

    /// The weights of a layer, outputs outermost.
    pub fn matrix(&self, name: &str, layer: Layer) -> Result<Vec<f32>, DiffusionError> {
        self.numbers(&format!("{name}.weight"), &layer.shape())
    }

    /// The bias of a layer; zeros if it has none.
    pub fn bias(&self, name: &str, n: u32) -> Result<Vec<f32>, DiffusionError> {
        let name = format!("{name}.bias");
        if self.tensors.has(&name) { self.vector(&name, n) } else { Ok(vec![0.0; n as usize]) }
    }

    /// A layer as it is stored.
    pub fn layer(
        &self,
        graph: &mut Graph,
        name: &str,
        layer: Layer,
    ) -> Result<Filter, DiffusionError> {
        let bias = self.bias_row(graph, name, layer.outputs)?;
        let values = self.matrix(name, layer)?;
        self.filter(graph, (name, layer), (&values, bias))
    }

    /// A layer of given numbers.
    pub fn filter(
        &self,
        graph: &mut Graph,
        (name, layer): (&str, Layer),
        weights: (&[f32], Row),
    ) -> Result<Filter, DiffusionError> {
        let kind = if layer.inputs < FEW_CHANNELS { WeightType::F32 } else { self.kind };
        let Layer { inputs, outputs, size } = layer;
        let shape = FilterShape { outputs, inputs, size, kind };
        Ok(graph.filter(&format!("{}{name}", self.name), shape, weights)?)
    }

    /// The bias of a layer as a row of constants.
    pub fn bias_row(&self, graph: &mut Graph, name: &str, n: u32) -> Result<Row, DiffusionError> {
        if !self.tensors.has(&format!("{name}.bias")) {
            return Ok(graph.zeros(n)?);
        }
        let values = self.bias(name, n)?;
        Ok(graph.row(&format!("{}{name}.bias", self.name), &values)?)
    }

    /// Gain and offset of a normalisation.
    pub fn affine(
        &self,
        graph: &mut Graph,
        (name, n): (&str, u32),
        epsilon: f32,
    ) -> Result<Affine, DiffusionError> {
        let [gain, offset] = ["weight", "bias"].map(|part| format!("{name}.{part}"));
        let values = [self.vector(&gain, n)?, self.vector(&offset, n)?];
        let [gain, offset] = [gain, offset].map(|name| format!("{}{name}", self.name));
        Ok(Affine {
            gain: graph.row(&gain, &values[0])?,
            offset: graph.row(&offset, &values[1])?,
            epsilon,
        })
    }
}
