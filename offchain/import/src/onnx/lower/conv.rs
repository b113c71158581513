//! Convolutions and linear layers.

use std::rc::Rc;

use opml_operator::WeightType;

use super::Lowering;
use crate::image::{Filter, FilterShape, Image, Source, Window};
use crate::onnx::OnnxError;
use crate::onnx::affine::Affine;
use crate::onnx::fold::Linear;
use crate::onnx::node::Node;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Convolved, Kind, Scaled, Value, source_image};

impl Lowering {
    pub(super) fn conv(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let all = |name: &'static str, default: &[i64], wanted: i64| {
            let values = node.integers(name).unwrap_or(default);
            node.demand(name, values.iter().all(|value| *value == wanted))
        };
        node.demand("group", node.integer("group", 1) == 1)?;
        node.demand("auto_pad", matches!(node.text("auto_pad"), b"" | b"NOTSET"))?;
        all("dilations", &[], 1)?;
        let stride = side(node, "strides", 1)?;
        let padding = side(node, "pads", 0)?;

        let (input, factor) = self.conv_input(node)?;
        let (w, bias) = (self.known(node, 1)?, self.optional(node, 2)?);
        let misfit = || node.shapes(&[&w.shape]);
        let channels = source_image(&input).channels;
        let (outputs, size) = filter_size(node, w, channels)?;
        let values = w.as_numbers().ok_or_else(misfit)?;
        let values: Vec<f32> = values.iter().map(|weight| weight * factor).collect();
        let bias = match bias.map(Tensor::as_numbers) {
            None => vec![0.0; w.shape[0]],
            Some(Some(bias)) if bias.len() == w.shape[0] => bias.to_vec(),
            Some(_) => return Err(misfit()),
        };
        let kind = self.filter_type(channels);
        let shape = FilterShape { outputs, inputs: channels, size, kind };
        let name = node.0.input.get(1).cloned().unwrap_or_default();
        let filter = self.filter(node, (&name, shape), (&values, &bias))?;
        let convolved = Convolved { input, filter, window: Window { stride, padding } };
        let [height, width] = convolved.size();
        let shape = [1, outputs, height, width].iter().map(|n| *n as usize).collect();
        Ok(Value { shape, kind: Kind::Convolved(convolved) })
    }

    /// What a convolution reads, and a factor of it that its weights can take.
    fn conv_input(&mut self, node: Node<'_>) -> Result<(Source, f32), OnnxError> {
        match self.value(node, 0)?.kind.clone() {
            Kind::Image(Scaled { image, factor }) => Ok((Source::Numbers(image), factor)),
            // Nobody else needs the numbers.
            Kind::Normed(normed) if self.uses(node, 0) == 1 => {
                Ok((Source::Mapped(self.normalised(node, &normed)?), 1.0))
            }
            _ => Ok((Source::Numbers(self.image(node, 0)?), 1.0)),
        }
    }

    /// How the weights of so many channels are stored: few of them make no whole block.
    const fn filter_type(&self, channels: u32) -> WeightType {
        if channels.is_multiple_of(self.weights.unit()) { self.weights } else { WeightType::F32 }
    }

    fn filter(
        &mut self,
        node: Node<'_>,
        (name, shape): (&str, FilterShape),
        (values, bias): (&[f32], &[f32]),
    ) -> Result<Filter, OnnxError> {
        let bias = self.graph.row(&format!("{name}.bias"), bias).map_err(node.image())?;
        self.graph.filter(name, shape, (values, bias)).map_err(node.image())
    }

    /// A convolution, computed; `residual` is added.
    pub(super) fn convolved(
        &mut self,
        node: Node<'_>,
        Convolved { input, filter, window }: Convolved,
        residual: Option<Image>,
    ) -> Result<Image, OnnxError> {
        match residual {
            None => self.graph.conv(input, &filter, window),
            Some(residual) => self.graph.conv_add(input, &filter, (window, residual)),
        }
        .map_err(node.image())
    }

    /// A linear layer: an affine map that waits for its use.
    pub(super) fn gemm(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let linear = Linear::read(node, self.known(node, 1)?, self.optional(node, 2)?)?;
        let shape = self.value(node, 0)?.shape.clone();
        if shape != [1, linear.k] {
            return Err(node.shapes(&[&shape, &[linear.k, linear.n]]));
        }
        let argument = self.image(node, 0)?;
        let shape = vec![1, linear.n];
        Ok(Value { shape, kind: Kind::Affine(Rc::new(Affine::layer(argument, linear))) })
    }

    /// An affine map, computed: an image of one pixel.
    pub(super) fn row(&mut self, node: Node<'_>, affine: &Affine) -> Result<Image, OnnxError> {
        let (outputs, inputs) = (count(node, affine.n())?, affine.argument.as_ref());
        let Some((argument, matrix)) = inputs else {
            let constant = self.graph.constant(&node.name(), (1, 1), &affine.bias);
            return constant.map_err(node.image());
        };
        let inputs = count(node, matrix.k)?;
        let shape = FilterShape::linear(inputs, outputs, WeightType::F32);
        let constants = (matrix.weights.as_slice(), affine.bias.as_slice());
        let filter = self.filter(node, (&node.name(), shape), constants)?;
        self.graph.linear(*argument, &filter).map_err(node.image())
    }
}

/// An attribute whose values are all alike.
fn side(node: Node<'_>, name: &'static str, default: u32) -> Result<u32, OnnxError> {
    let Some([first, rest @ ..]) = node.integers(name) else { return Ok(default) };
    node.demand(name, rest.iter().all(|value| value == first))?;
    u32::try_from(*first).map_err(|_| node.bad(name))
}

/// Outputs of a filter, and its height and width, which must be one number.
fn filter_size(node: Node<'_>, w: &Tensor, channels: u32) -> Result<(u32, u32), OnnxError> {
    match w.shape.as_slice() {
        [outputs, inputs, height, width] if height == width && *inputs == channels as usize => {
            Ok((count(node, *outputs)?, count(node, *height)?))
        }
        _ => Err(node.shapes(&[&w.shape])),
    }
}

/// A number of channels or pixels.
pub fn count(node: Node<'_>, n: usize) -> Result<u32, OnnxError> {
    u32::try_from(n).map_err(|_| node.shapes(&[&[n]]))
}
