//! The same elements in other shapes, in parts, and side by side.

use super::Lowering;
use super::conv::count;
use crate::image::Image;
use crate::onnx::OnnxError;
use crate::onnx::node::Node;
use crate::onnx::shape;
use crate::onnx::tensor::Tensor;
use crate::onnx::value::{Flat, Kind, Scaled, Value, dimensions};

impl Lowering {
    pub(super) fn shape(&self, node: Node<'_>) -> Result<Value, OnnxError> {
        let shape = &self.value(node, 0)?.shape;
        let rank = i64::try_from(shape.len()).unwrap_or(i64::MAX);
        let bound = |name, default| {
            let at = node.integer(name, default);
            usize::try_from(if at < 0 { at + rank } else { at.min(rank) }).unwrap_or(0)
        };
        let (start, end) = (bound("start", 0), bound("end", rank));
        let dims = shape.get(start..end.max(start)).unwrap_or_default();
        let dims = dims.iter().map(|dim| i64::try_from(*dim).unwrap_or(i64::MAX)).collect();
        Ok(Value::constant(Tensor::integers(dims)))
    }

    pub(super) fn reshape(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let (value, to) = (self.value(node, 0)?, self.known(node, 1)?);
        let allow_zero = node.integer("allowzero", 0) != 0;
        let to = to.as_integers().ok_or_else(|| node.shapes(&[&to.shape]))?;
        let shape = shape::reshape(&value.shape, to, allow_zero)
            .ok_or_else(|| node.shapes(&[&value.shape]))?;
        let kind = if let Some(kind) = seen_as(&value.kind, &shape) {
            kind
        } else {
            // What waits is computed, and seen as an image.
            let image = self.image(node, 0)?;
            let kind = Kind::Image(Scaled { image, factor: 1.0 });
            let refused = || node.unsupported("no tensor of that shape");
            seen_as(&kind, &shape).ok_or_else(refused)?
        };
        Ok(Value { shape, kind })
    }

    /// Axes of one element, which only rows of numbers can gain or lose.
    pub(super) fn squeeze(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let value = self.value(node, 0)?.clone();
        let axes = self.optional(node, 1)?.and_then(Tensor::as_integers);
        let shape = if node.0.op_type == "Squeeze" {
            shape::squeeze(&value.shape, axes)
        } else {
            axes.and_then(|axes| shape::unsqueeze(&value.shape, axes))
        };
        let shape = shape.ok_or_else(|| node.shapes(&[&value.shape]))?;
        match &value.kind {
            Kind::Affine(_) => Ok(Value { shape, kind: value.kind }),
            Kind::Image(Scaled { image, .. }) if image.pixels() == 1 => {
                Ok(Value { shape, kind: value.kind })
            }
            _ => Err(node.unsupported("axes of an image")),
        }
    }

    /// Parts of channels.
    pub(super) fn split(&mut self, node: Node<'_>) -> Result<Vec<Value>, OnnxError> {
        let value = self.value(node, 0)?.clone();
        let sizes = self.optional(node, 1)?.and_then(Tensor::as_integers);
        let misfit = || node.shapes(&[&value.shape]);
        let axis = shape::axis(node.integer("axis", 0), value.shape.len()).ok_or_else(misfit)?;
        node.demand("axis", axis == 1)?;
        let parts = node.0.output.len();
        let sizes = shape::split(value.shape[axis], parts, sizes).ok_or_else(misfit)?;
        let mut first = 0;
        let mut values = Vec::with_capacity(parts);
        for size in sizes {
            let kind = match &value.kind {
                Kind::Affine(affine) => Kind::Affine(affine.part(first, size).into()),
                Kind::Flat(flat) => Kind::Flat(Flat {
                    first: flat.first + count(node, first)?,
                    channels: count(node, size)?,
                    ..*flat
                }),
                _ => return Err(node.unsupported("parts of it")),
            };
            let mut shape = value.shape.clone();
            shape[axis] = size;
            values.push(Value { shape, kind });
            first += size;
        }
        Ok(values)
    }

    /// Channels of images, one image behind the other.
    pub(super) fn concat(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let rank = self.value(node, 0)?.shape.len();
        node.demand("axis", shape::axis(node.integer("axis", 0), rank) == Some(1))?;
        let images: Vec<Image> = (0..node.0.input.len())
            .map(|number| self.image(node, number))
            .collect::<Result<_, _>>()?;
        let [first, rest @ ..] = images.as_slice() else { return Err(node.shapes(&[])) };
        let mut all = *first;
        for image in rest {
            all = self.graph.concat(all, *image).map_err(node.image())?;
        }
        let value = Value::image(all);
        if rank == value.shape.len() { Ok(value) } else { Err(node.unsupported("of rows")) }
    }
}

/// What stands for a value in another shape, if anything does.
fn seen_as(kind: &Kind, shape: &[usize]) -> Option<Kind> {
    let same = |channels: u32, dim: usize| channels as usize == dim;
    match (kind, shape) {
        (Kind::Image(Scaled { image, factor }), [1, channels, pixels]) => {
            let flat = Flat { image: *image, first: 0, channels: image.channels, factor: *factor };
            if same(image.channels, *channels) {
                return Some(Kind::Flat(flat));
            }
            // Channels side by side in groups: what a normalisation of groups begins with.
            let groups = u32::try_from(*channels).ok()?;
            let grouped = groups > 0 && image.channels.is_multiple_of(groups) && *pixels > 0;
            let plain = factor.to_bits() == 1f32.to_bits();
            (grouped && plain).then_some(Kind::Grouped(*image, groups))
        }
        (Kind::Normed(normed), shape) if shape == dimensions(&normed.image) => Some(kind.clone()),
        (Kind::Flat(flat), shape) => {
            let pixels = flat.image.pixels();
            match shape {
                [heads, width, n] if *n as u64 == pixels && same(flat.channels, heads * width) => {
                    Some(kind.clone())
                }
                shape if shape == dimensions(&flat.image) && flat.first == 0 => {
                    Some(Kind::Image(Scaled { image: flat.image, factor: flat.factor }))
                }
                _ => None,
            }
        }
        (Kind::Image(Scaled { image, .. }), shape) if shape == dimensions(image) => {
            Some(kind.clone())
        }
        (Kind::Affine(_), [1, _] | [1, _, 1, 1]) => Some(kind.clone()),
        _ => None,
    }
}
