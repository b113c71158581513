//! From nodes to operators. Nodes come in topological order; what a node means may wait, as a
//! [`Kind`], for the node that uses it: an affine normalisation is four nodes and one operator.

mod arithmetic;
mod attention;
mod conv;
mod forms;
mod norm;
mod resample;

use std::collections::HashMap;

use opml_operator::WeightType;

use super::OnnxError;
use super::fold::fold;
use super::node::Node;
use super::tensor::{MOST_COMPUTED, Tensor};
use super::value::{Kind, Scaled, Value};
use crate::image::{Graph, Image};

/// The lowering of a graph: operators so far, and what every value is.
pub struct Lowering {
    /// The program.
    pub graph: Graph,
    /// Values by name.
    pub values: HashMap<String, Value>,
    /// How often nodes read a value.
    pub uses: HashMap<String, usize>,
    /// How filters are stored.
    pub weights: WeightType,
    /// Elements of all constants that were computed.
    pub computed: usize,
}

impl Lowering {
    /// Lowers a node.
    pub fn node(&mut self, node: Node<'_>) -> Result<(), OnnxError> {
        if !node.0.domain.is_empty() {
            return Err(node.unsupported("of another domain"));
        }
        let outputs = self.outputs(node)?;
        if outputs.len() < node.0.output.len() {
            return Err(node.unsupported("an output that is not computed"));
        }
        for (name, value) in node.0.output.iter().zip(outputs) {
            self.values.insert(name.clone(), value);
        }
        Ok(())
    }

    fn outputs(&mut self, node: Node<'_>) -> Result<Vec<Value>, OnnxError> {
        let one = |value: Result<Value, OnnxError>| value.map(|value| vec![value]);
        match node.0.op_type.as_str() {
            "Shape" => one(self.shape(node)),
            "Split" => self.split(node),
            _ if self.constant(node) => {
                let constants = fold(node, &self.constants(node)?)?;
                self.account(node, &constants)?;
                Ok(constants.into_iter().map(Value::constant).collect())
            }
            "Identity" => one(self.value(node, 0).cloned()),
            "Conv" => one(self.conv(node)),
            "Gemm" => one(self.gemm(node)),
            "InstanceNormalization" => one(self.instance_normalization(node)),
            "Sigmoid" => one(self.sigmoid(node)),
            "Mul" => one(self.mul(node)),
            "Add" => one(self.add(node)),
            "Clip" => one(self.clip(node)),
            "Reshape" => one(self.reshape(node)),
            "Squeeze" | "Unsqueeze" => one(self.squeeze(node)),
            "Concat" => one(self.concat(node)),
            "AveragePool" => one(self.average_pool(node)),
            "Resize" => one(self.resize(node)),
            "Einsum" => one(self.einsum(node)),
            "Softmax" => one(self.softmax(node)),
            _ => Err(node.unsupported("no such operator")),
        }
    }

    /// Constants that are computed take memory until the end: a small file may ask for many large ones.
    fn account(&mut self, node: Node<'_>, constants: &[Tensor]) -> Result<(), OnnxError> {
        let elements = constants.iter().map(Tensor::len);
        self.computed = elements.fold(self.computed, usize::saturating_add);
        if self.computed > MOST_COMPUTED {
            return Err(node.unsupported("more constants than can be computed at import"));
        }
        Ok(())
    }

    /// An input of a node.
    fn value(&self, node: Node<'_>, number: usize) -> Result<&Value, OnnxError> {
        let name = node.0.input.get(number).map(String::as_str).unwrap_or_default();
        let missing = || OnnxError::Missing { node: node.name(), value: name.to_owned() };
        self.values.get(name).ok_or_else(missing)
    }

    /// How often nodes read an input of this one.
    fn uses(&self, node: Node<'_>, number: usize) -> usize {
        let name = node.0.input.get(number);
        name.and_then(|name| self.uses.get(name)).copied().unwrap_or_default()
    }

    /// An input of a node that is left out or a constant.
    fn optional(&self, node: Node<'_>, number: usize) -> Result<Option<&Tensor>, OnnxError> {
        match node.0.input.get(number) {
            Some(name) if !name.is_empty() => self.known(node, number).map(Some),
            _ => Ok(None),
        }
    }

    /// An input of a node that must be a constant.
    fn known(&self, node: Node<'_>, number: usize) -> Result<&Tensor, OnnxError> {
        let constant = self.value(node, number)?.as_constant();
        constant.ok_or_else(|| node.unsupported("an input is not known at import"))
    }

    /// Whether all inputs are constants.
    fn constant(&self, node: Node<'_>) -> bool {
        let constant = |name: &String| self.values.get(name).and_then(Value::as_constant).is_some();
        node.0.input.iter().all(constant)
    }

    fn constants(&self, node: Node<'_>) -> Result<Vec<&Tensor>, OnnxError> {
        (0..node.0.input.len()).map(|number| self.known(node, number)).collect()
    }

    /// An input as an image in memory: what has waited so far is computed, once.
    fn image(&mut self, node: Node<'_>, number: usize) -> Result<Image, OnnxError> {
        let kind = self.value(node, number)?.kind.clone();
        let image = match kind {
            Kind::Image(Scaled { image, factor }) if is_one(factor) => return Ok(image),
            Kind::Image(scaled) => self.blend(node, &[scaled])?,
            Kind::Convolved(convolved) => self.convolved(node, convolved, None)?,
            Kind::Normed(normed) => {
                let mapped = self.normalised(node, &normed)?;
                self.graph.numbers(mapped).map_err(node.image())?
            }
            Kind::Affine(affine) => self.row(node, &affine)?,
            _ => return Err(node.unsupported("an input is not an image")),
        };
        if let Some(value) = node.0.input.get(number).and_then(|name| self.values.get_mut(name)) {
            value.kind = Kind::Image(Scaled { image, factor: 1.0 });
        }
        Ok(image)
    }
}

/// Whether a factor changes nothing.
const fn is_one(factor: f32) -> bool {
    factor.to_bits() == 1f32.to_bits()
}
