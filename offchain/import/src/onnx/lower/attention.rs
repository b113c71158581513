//! Attention between all pixels, as two products and a softmax.

use opml_operator::WeightType;

use super::Lowering;
use super::conv::count;
use crate::image::{Channels, Heads, Image};
use crate::onnx::OnnxError;
use crate::onnx::node::Node;
use crate::onnx::value::{Flat, Kind, Value};

impl Lowering {
    /// Scores of queries and keys, or the mix of values by shares.
    pub(super) fn einsum(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let equation: Vec<u8> =
            node.text("equation").iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
        match equation.as_slice() {
            b"bct,bcs->bts" => {
                let [q, k] = [self.flat(node, 0)?, self.flat(node, 1)?];
                let [heads, width, n] = heads(node, [self.value(node, 0)?, self.value(node, 1)?])?;
                if heads * width != q.channels as usize || q.channels != k.channels {
                    return Err(node.shapes(&[&[heads, width, n]]));
                }
                Ok(Value { shape: vec![heads, n, n], kind: Kind::Scores([q, k]) })
            }
            b"bts,bcs->bct" => self.mix(node),
            _ => Err(node.bad("equation")),
        }
    }

    /// Over keys.
    pub(super) fn softmax(&self, node: Node<'_>) -> Result<Value, OnnxError> {
        let value = self.value(node, 0)?;
        let Kind::Scores(scores) = value.kind else {
            return Err(node.unsupported("of other things than scores"));
        };
        node.demand("axis", matches!(node.integer("axis", -1), -1 | 2))?;
        Ok(Value { shape: value.shape.clone(), kind: Kind::Shares(scores) })
    }

    fn mix(&mut self, node: Node<'_>) -> Result<Value, OnnxError> {
        let Kind::Shares([q, k]) = self.value(node, 0)?.kind else {
            return Err(node.unsupported("of other things than shares"));
        };
        let v = self.flat(node, 1)?;
        let (shares, values) = (self.value(node, 0)?, self.value(node, 1)?);
        let shape = values.shape.clone();
        // As many heads, and pixels on both sides.
        let fits = shares.shape.len() == 3
            && shape.len() == 3
            && shares.shape[0] == shape[0]
            && shares.shape[1..] == [shape[2]; 2];
        if !fits || v.channels != q.channels || v.factor.to_bits() != 1f32.to_bits() {
            return Err(node.shapes(&[&shares.shape, &shape]));
        }
        let heads = count(node, shape[0])?;
        let width = q.channels / heads.max(1);
        let heads = Heads { count: heads, width, scale: q.factor * k.factor, causal: false };
        let [q, k, v] = [self.blocks(node, q)?, self.blocks(node, k)?, self.blocks(node, v)?];
        let image = self.graph.attention(q, [k, v], heads).map_err(node.image())?;
        Ok(Value { shape, kind: Kind::Flat(all(image)) })
    }

    /// The quantized image that the channels belong to, and the first block.
    fn blocks(&mut self, node: Node<'_>, flat: Flat) -> Result<Channels, OnnxError> {
        if !flat.first.is_multiple_of(WeightType::BLOCK) {
            return Err(node.unsupported("heads that begin within a block of 32 channels"));
        }
        let of = self.graph.quantize(flat.image).map_err(node.image())?;
        Ok(Channels { of, first_block: flat.first / WeightType::BLOCK })
    }

    fn flat(&self, node: Node<'_>, number: usize) -> Result<Flat, OnnxError> {
        match self.value(node, number)?.kind {
            Kind::Flat(flat) => Ok(flat),
            _ => Err(node.unsupported("of other things than heads of pixels")),
        }
    }
}

/// All channels of an image.
const fn all(image: Image) -> Flat {
    Flat { image, first: 0, channels: image.channels, factor: 1.0 }
}

/// Heads, channels of a head, pixels: the same of both.
fn heads(node: Node<'_>, [a, b]: [&Value; 2]) -> Result<[usize; 3], OnnxError> {
    match (a.shape.as_slice(), b.shape.as_slice()) {
        ([heads, width, n], other) if other == [*heads, *width, *n] => Ok([*heads, *width, *n]),
        _ => Err(node.shapes(&[&a.shape, &b.shape])),
    }
}
