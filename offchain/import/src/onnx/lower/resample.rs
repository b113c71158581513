//! Images of another size.

use super::Lowering;
use crate::onnx::OnnxError;
use crate::onnx::node::Node;
use crate::onnx::value::Value;

impl Lowering {
    /// Means of squares that touch each other.
    pub(super) fn average_pool(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let shape = node.integers("kernel_shape").unwrap_or_default();
        let strides = node.integers("strides").unwrap_or_default();
        let [factor, width] = shape else { return Err(node.bad("kernel_shape")) };
        node.demand("kernel_shape", factor == width)?;
        node.demand("strides", strides == shape)?;
        node.demand("pads", node.integers("pads").unwrap_or_default().iter().all(|n| *n == 0))?;
        node.demand("ceil_mode", node.integer("ceil_mode", 0) == 0)?;
        node.demand("auto_pad", matches!(node.text("auto_pad"), b"" | b"NOTSET"))?;
        let factor = u32::try_from(*factor).map_err(|_| node.bad("kernel_shape"))?;
        let image = self.image(node, 0)?;
        let pooled = self.graph.average_pool(image, factor).map_err(node.image())?;
        Ok(Value::image(pooled))
    }

    /// Every pixel as a square of equal ones.
    pub(super) fn resize(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        node.demand("mode", matches!(node.text("mode"), b"" | b"nearest"))?;
        let coordinates = node.text("coordinate_transformation_mode");
        let rounding = node.text("nearest_mode");
        // Both give floor(x / factor) when the factor is whole.
        let plain = (coordinates, rounding);
        let known = [(&b"asymmetric"[..], &b"floor"[..]), (b"half_pixel", b"round_prefer_floor")];
        let defaults = |(c, r): (&[u8], &[u8])| {
            let or = |text: &[u8], default: &[u8]| {
                if text.is_empty() { default.to_vec() } else { text.to_vec() }
            };
            (or(c, b"half_pixel"), or(r, b"round_prefer_floor"))
        };
        let (c, r) = defaults(plain);
        node.demand("coordinate_transformation_mode", known.contains(&(&c, &r)))?;
        let image = self.image(node, 0)?;
        let given = |dim: usize| self.factor(node, dim, [image.height, image.width]);
        let (factor, other) = (given(0), given(1));
        match (factor, other) {
            (Some(factor), Some(other)) if factor == other => {
                let larger = self.graph.upsample(image, factor).map_err(node.image())?;
                Ok(Value::image(larger))
            }
            _ => Err(node.unsupported("sizes are not whole multiples")),
        }
    }

    /// How many times larger an axis becomes: 0 height, 1 width.
    fn factor(&self, node: Node<'_>, axis: usize, from: [u32; 2]) -> Option<u32> {
        if let Ok(Some(sizes)) = self.optional(node, 3) {
            let [1, channels, rest @ ..] = sizes.as_integers()? else { return None };
            let size = u32::try_from(*rest.get(axis)?).ok()?;
            let unchanged =
                self.value(node, 0).ok()?.shape.get(1) == Some(&usize::try_from(*channels).ok()?);
            let factor = size.checked_div(from[axis])?;
            return (unchanged && factor * from[axis] == size).then_some(factor);
        }
        let scales = self.optional(node, 2).ok()??.as_numbers()?;
        let [batch, channels, rest @ ..] = scales else { return None };
        let scale = *rest.get(axis)?;
        let whole = (1..=16u8).find(|n| f32::from(*n).to_bits() == scale.to_bits())?;
        (super::is_one(*batch) && super::is_one(*channels)).then_some(whole.into())
    }
}
