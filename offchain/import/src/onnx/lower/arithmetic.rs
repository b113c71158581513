//! Sums and products: of images, of channels with coefficients, of everything with a number.

use std::rc::Rc;

use super::{Lowering, is_one};
use crate::image::{Activation, Image};
use crate::onnx::OnnxError;
use crate::onnx::affine::Affine;
use crate::onnx::node::Node;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Flat, Kind, Normed, Scaled, Value};

impl Lowering {
    pub(super) fn mul(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        for (number, other) in [(0, 1), (1, 0)] {
            let input = node.0.input.get(number);
            if matches!(&self.value(node, other)?.kind, Kind::Gate(of) if Some(of) == input) {
                return self.silu(node, number);
            }
        }
        for (number, other) in [(0, 1), (1, 0)] {
            let (value, by) = (self.value(node, number)?, self.value(node, other)?);
            if let Some(kind) = times(value, by) {
                return Ok(Value { shape: value.shape.clone(), kind });
            }
        }
        for (number, other) in [(0, 1), (1, 0)] {
            let factor = self.value(node, other)?.as_constant().and_then(Tensor::scalar);
            if let Some(factor) = factor {
                let image = self.image(node, number)?;
                let shape = self.value(node, number)?.shape.clone();
                return Ok(Value { shape, kind: Kind::Image(Scaled { image, factor }) });
            }
        }
        self.both(node)?;
        let [a, b] = [self.image(node, 0)?, self.image(node, 1)?];
        let product = self.graph.mul(a, b).map_err(node.image())?;
        Ok(Value { shape: self.value(node, 0)?.shape.clone(), kind: whole(product) })
    }

    pub(super) fn add(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        for (number, other) in [(0, 1), (1, 0)] {
            let (value, by) = (self.value(node, number)?, self.value(node, other)?);
            if let Some(kind) = plus(value, by) {
                return Ok(Value { shape: value.shape.clone(), kind });
            }
        }
        self.both(node)?;
        let shape = self.value(node, 0)?.shape.clone();
        for (number, other) in [(0, 1), (1, 0)] {
            // What a convolution is added to, and nobody needs it alone.
            if let Kind::Convolved(convolved) = self.value(node, number)?.kind
                && self.uses(node, number) == 1
            {
                let residual = self.image(node, other)?;
                let sum = self.convolved(node, convolved, Some(residual))?;
                return Ok(Value { shape, kind: whole(sum) });
            }
        }
        let sum = match [0, 1].map(|number| self.value(node, number).map(|v| v.kind.clone())) {
            [Ok(Kind::Image(a)), Ok(Kind::Image(b))] if !(is_one(a.factor) && is_one(b.factor)) => {
                self.blend(node, &[a, b])?
            }
            _ => {
                let [a, b] = [self.image(node, 0)?, self.image(node, 1)?];
                self.graph.add(a, b).map_err(node.image())?
            }
        };
        Ok(Value { shape, kind: whole(sum) })
    }

    /// Two inputs of one shape.
    fn both(&self, node: Node<'_>) -> Result<(), OnnxError> {
        let [a, b] = [self.value(node, 0)?, self.value(node, 1)?];
        if a.shape == b.shape { Ok(()) } else { Err(node.shapes(&[&a.shape, &b.shape])) }
    }

    /// The sum of images times their factors.
    pub(super) fn blend(&mut self, node: Node<'_>, images: &[Scaled]) -> Result<Image, OnnxError> {
        let factors: Vec<f32> = images.iter().map(|scaled| scaled.factor).collect();
        let images: Vec<Image> = images.iter().map(|scaled| scaled.image).collect();
        let factors = self.graph.row(&node.name(), &factors).map_err(node.image())?;
        self.graph.blend(&images, factors).map_err(node.image())
    }

    /// Limits are applied where the image becomes bytes.
    pub(super) fn clip(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let limit = |tensor: Option<&Tensor>, default| match tensor {
            None => Ok(default),
            Some(tensor) => tensor.scalar().ok_or_else(|| node.shapes(&[&tensor.shape])),
        };
        let low = limit(self.optional(node, 1)?, f32::NEG_INFINITY)?;
        let high = limit(self.optional(node, 2)?, f32::INFINITY)?;
        let image = self.image(node, 0)?;
        let shape = self.value(node, 0)?.shape.clone();
        Ok(Value { shape, kind: Kind::Clamped(image, [low, high]) })
    }
}

const fn whole(image: Image) -> Kind {
    Kind::Image(Scaled { image, factor: 1.0 })
}

/// The product with something known or affine, if it needs no operator.
fn times(value: &Value, by: &Value) -> Option<Kind> {
    let scalar = by.as_constant().and_then(Tensor::scalar);
    match (&value.kind, scalar) {
        (Kind::Image(scaled), Some(k)) => {
            Some(Kind::Image(Scaled { factor: scaled.factor * k, ..*scaled }))
        }
        (Kind::Flat(flat), Some(k)) => Some(Kind::Flat(Flat { factor: flat.factor * k, ..*flat })),
        (Kind::Affine(affine), _) => {
            let by = by.as_affine(value.shape.len())?;
            Some(Kind::Affine(Rc::new(affine.mul(&by)?)))
        }
        (Kind::Normed(normed), _) if normed.activation == Activation::None => {
            let by = by.as_affine(value.shape.len())?;
            let (scale, shift) = (normed.scale.mul(&by)?, normed.shift.mul(&by)?);
            Some(Kind::Normed(Rc::new(Normed { scale, shift, ..Normed::clone(normed) })))
        }
        _ => None,
    }
}

/// The sum with something known or affine, if it needs no operator.
fn plus(value: &Value, by: &Value) -> Option<Kind> {
    let rank = value.shape.len();
    match &value.kind {
        Kind::Affine(affine) => Some(Kind::Affine(Rc::new(affine.add(&by.as_affine(rank)?)?))),
        Kind::Normed(normed) if normed.activation == Activation::None => {
            let shift: Affine = normed.shift.add(&by.as_affine(rank)?)?;
            Some(Kind::Normed(Rc::new(Normed { shift, ..Normed::clone(normed) })))
        }
        _ => None,
    }
}
