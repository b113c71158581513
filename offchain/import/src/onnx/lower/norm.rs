//! Normalisation, and the activation behind it.

use std::rc::Rc;

use opml_operator::WeightType;

use super::Lowering;
use super::conv::count;
use crate::image::{self, Activation, FilterShape, GroupNorm, Mapped, Row};
use crate::onnx::OnnxError;
use crate::onnx::affine::{Affine, Matrix};
use crate::onnx::node::Node;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Kind, Normed, Scaled, Value};

impl Lowering {
    /// Of groups that a `Reshape` has made, or of an image's channels.
    pub(super) fn instance_normalization(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let value = self.value(node, 0)?.clone();
        let (image, groups) = match value.kind {
            Kind::Grouped(image, groups) => (image, groups),
            Kind::Flat(flat) if flat.whole() => (flat.image, flat.channels),
            _ => {
                let image = self.image(node, 0)?;
                (image, image.channels)
            }
        };
        let each = image.channels / groups.max(1);
        let spread = |tensor: &Tensor| match tensor.as_numbers() {
            Some(values) if values.len() == groups as usize => {
                let of_groups = values.iter().flat_map(|v| std::iter::repeat_n(*v, each as usize));
                Ok(Affine::constant(of_groups.collect()))
            }
            _ => Err(node.shapes(&[&tensor.shape])),
        };
        let scale = spread(self.known(node, 1)?)?;
        let shift = spread(self.known(node, 2)?)?;
        let epsilon = node.number("epsilon", 1e-5);
        let activation = Activation::None;
        let normed = Normed { image, groups, epsilon, scale, shift, activation };
        Ok(Value { shape: value.shape, kind: Kind::Normed(Rc::new(normed)) })
    }

    /// A normalisation whose moments are computed; what it is applied to waits for its reader.
    pub(super) fn normalised(
        &mut self,
        node: Node<'_>,
        normed: &Normed,
    ) -> Result<Mapped, OnnxError> {
        let [gain, offset] = self.coefficients(node, normed)?;
        let Normed { groups, epsilon, activation, .. } = *normed;
        let norm =
            GroupNorm { groups, affine: image::Affine { gain, offset, epsilon }, activation };
        self.graph.group_norm(normed.image, &norm).map_err(node.image())
    }

    /// Scale and shift: constants, or both in one product.
    fn coefficients(&mut self, node: Node<'_>, normed: &Normed) -> Result<[Row; 2], OnnxError> {
        let (scale, shift) = (&normed.scale, &normed.shift);
        let name = node.name();
        let argument = match (&scale.argument, &shift.argument) {
            (None, None) => {
                let row = |values: &[f32], what: &str| (format!("{name}.{what}"), values.to_vec());
                let [scale, shift] = [row(&scale.bias, "scale"), row(&shift.bias, "shift")];
                let scale = self.graph.row(&scale.0, &scale.1).map_err(node.image())?;
                let shift = self.graph.row(&shift.0, &shift.1).map_err(node.image())?;
                return Ok([scale, shift]);
            }
            (Some((x, _)), Some((y, _))) if x != y => {
                return Err(node.unsupported("scale and shift depend on different rows"));
            }
            (Some((x, _)), _) | (_, Some((x, _))) => *x,
        };
        let slot = scale.n().next_power_of_two().max(8);
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for part in [scale, shift] {
            let filled = bias.len() + slot;
            match &part.argument {
                Some((_, Matrix { weights: rows, .. })) => weights.extend(rows),
                None => weights.extend(vec![0.0; part.n() * argument.channels as usize]),
            }
            bias.extend(&part.bias);
            bias.resize(filled, 0.0);
            weights.resize(filled * argument.channels as usize, 0.0);
        }
        let shape = FilterShape::linear(argument.channels, count(node, 2 * slot)?, WeightType::F32);
        let bias = self.graph.row(&format!("{name}.bias"), &bias).map_err(node.image())?;
        let filter = self.graph.filter(&name, shape, (&weights, bias)).map_err(node.image())?;
        let both = self.graph.linear(argument, &filter).map_err(node.image())?;
        let (n, slot) = (count(node, scale.n())?, count(node, slot)?);
        Ok([Row::of(&both, 0, n), Row::of(&both, slot, n)])
    }

    /// Waits for the product with what it is the sigmoid of.
    pub(super) fn sigmoid(&self, node: Node<'_>) -> Result<Value, OnnxError> {
        let shape = self.value(node, 0)?.shape.clone();
        let of = node.0.input.first().cloned().unwrap_or_default();
        Ok(Value { shape, kind: Kind::Gate(of) })
    }

    /// `x * sigmoid(x)`, x being input `number` of the node.
    pub(super) fn silu(&mut self, node: Node<'_>, number: usize) -> Result<Value, OnnxError> {
        let value = self.value(node, number)?.clone();
        let kind = match value.kind {
            Kind::Normed(normed) if normed.activation == Activation::None => {
                let activation = Activation::Silu;
                Kind::Normed(Rc::new(Normed { activation, ..Normed::clone(&normed) }))
            }
            _ => {
                let image = self.image(node, number)?;
                let image = self.graph.silu(image).map_err(node.image())?;
                Kind::Image(Scaled { image, factor: 1.0 })
            }
        };
        Ok(Value { shape: value.shape, kind })
    }
}
