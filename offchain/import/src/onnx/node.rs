//! A node with its attributes, and errors that name it.

use super::OnnxError;
use super::proto;
use super::tensor::Tensor;
use crate::image::ImageError;

/// A node of the graph.
#[derive(Clone, Copy)]
pub struct Node<'a>(pub &'a proto::Node);

impl<'a> Node<'a> {
    /// What it is called in errors: its name, or else the name of its first output.
    pub fn name(self) -> String {
        let output = || self.0.output.first().cloned().unwrap_or_default();
        if self.0.name.is_empty() { output() } else { self.0.name.clone() }
    }

    /// An attribute.
    fn attribute(self, name: &str) -> Option<&'a proto::Attribute> {
        self.0.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// An integer.
    pub fn integer(self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    /// A number.
    pub fn number(self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    /// Integers, if the attribute is there.
    pub fn integers(self, name: &str) -> Option<&'a [i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    /// A text; empty if it is not there.
    pub fn text(self, name: &str) -> &'a [u8] {
        self.attribute(name).map_or(b"", |attribute| attribute.s.as_slice())
    }

    /// A constant.
    pub fn tensor(self, name: &'static str) -> Result<Tensor, OnnxError> {
        let tensor = self.attribute(name).and_then(|attribute| attribute.t.as_ref());
        Tensor::read(tensor.ok_or_else(|| self.bad(name))?)
    }

    /// An error unless a condition on an attribute holds.
    pub fn demand(self, name: &'static str, holds: bool) -> Result<(), OnnxError> {
        if holds { Ok(()) } else { Err(self.bad(name)) }
    }

    /// An attribute with a value that is not supported.
    pub fn bad(self, name: &'static str) -> OnnxError {
        OnnxError::Attribute { node: self.name(), name }
    }

    /// A use of the operator that is not supported.
    pub fn unsupported(self, reason: &'static str) -> OnnxError {
        OnnxError::Operator { node: self.name(), operator: self.0.op_type.clone(), reason }
    }

    /// Shapes that do not fit.
    pub fn shapes(self, shapes: &[&[usize]]) -> OnnxError {
        let shapes = shapes.iter().map(|shape| shape.to_vec()).collect();
        OnnxError::Shapes { node: self.name(), operator: self.0.op_type.clone(), shapes }
    }

    /// An error of the image builder, at this node.
    pub fn image(self) -> impl FnOnce(ImageError) -> OnnxError {
        let node = self.name();
        move |source| OnnxError::Image { node, source }
    }
}
