//! Constants of a graph, and what is computed of them at import.

use super::OnnxError;
use super::proto;
use super::shape;

/// Most elements of a constant that is computed: more than an operator can read, and far more than networks have.
pub const MOST_COMPUTED: usize = 1 << 24;

/// Elements of a constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Numbers.
    Numbers(Vec<f32>),
    /// Integers: shapes, axes.
    Integers(Vec<i64>),
}

/// A constant; elements in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Elements along each axis.
    pub shape: Vec<usize>,
    /// As many elements as the shape says.
    pub data: Data,
}

impl Tensor {
    /// Numbers of a shape; their count is the caller's matter.
    pub const fn numbers(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { shape, data: Data::Numbers(values) }
    }

    /// A row of integers.
    pub fn integers(values: Vec<i64>) -> Self {
        Self { shape: vec![values.len()], data: Data::Integers(values) }
    }

    /// A constant of a file.
    pub fn read(tensor: &proto::Tensor) -> Result<Self, OnnxError> {
        let kind = tensor.data_type;
        let refused = || OnnxError::TensorType { name: tensor.name.clone(), kind };
        if tensor.data_location != 0 {
            return Err(refused());
        }
        let data = match kind {
            proto::FLOAT if tensor.raw_data.is_empty() => Data::Numbers(tensor.float_data.clone()),
            proto::INT64 if tensor.raw_data.is_empty() => Data::Integers(tensor.int64_data.clone()),
            proto::FLOAT => {
                let numbers = tensor.raw_data.as_chunks().0.iter();
                Data::Numbers(numbers.map(|bytes| f32::from_le_bytes(*bytes)).collect())
            }
            proto::INT64 => {
                let integers = tensor.raw_data.as_chunks().0.iter();
                Data::Integers(integers.map(|bytes| i64::from_le_bytes(*bytes)).collect())
            }
            _ => return Err(refused()),
        };
        let shape: Option<Vec<usize>> =
            tensor.dims.iter().map(|dim| usize::try_from(*dim).ok()).collect();
        let shape = shape.ok_or_else(refused)?;
        let expected = shape::elements(&shape);
        let read = Self { shape, data };
        if expected != Some(read.len()) {
            let name = tensor.name.clone();
            let expected = expected.unwrap_or(usize::MAX);
            return Err(OnnxError::Elements { name, expected, actual: read.len() });
        }
        Ok(read)
    }

    /// Elements.
    pub const fn len(&self) -> usize {
        match &self.data {
            Data::Numbers(values) => values.len(),
            Data::Integers(values) => values.len(),
        }
    }

    /// The numbers, if it holds numbers.
    pub fn as_numbers(&self) -> Option<&[f32]> {
        match &self.data {
            Data::Numbers(values) => Some(values),
            Data::Integers(_) => None,
        }
    }

    /// The integers, if it holds integers.
    pub fn as_integers(&self) -> Option<&[i64]> {
        match &self.data {
            Data::Integers(values) => Some(values),
            Data::Numbers(_) => None,
        }
    }

    /// The one number that it holds.
    pub fn scalar(&self) -> Option<f32> {
        match self.as_numbers()? {
            [value] => Some(*value),
            _ => None,
        }
    }

    /// Every number by itself.
    pub fn map(&self, f: impl Fn(f32) -> f32) -> Option<Self> {
        let values = self.as_numbers()?.iter().map(|value| f(*value)).collect();
        Some(Self::numbers(self.shape.clone(), values))
    }

    /// Numbers or integers of two constants, shapes broadcast as numpy's; none if they do not fit.
    pub fn zip(
        &self,
        other: &Self,
        numbers: impl Fn(f32, f32) -> f32,
        integers: impl Fn(i64, i64) -> i64,
    ) -> Option<Self> {
        let shape = broadcast(&self.shape, &other.shape)?;
        let places = [places(&self.shape, &shape), places(&other.shape, &shape)];
        let pairs = places[0].iter().zip(&places[1]);
        let data = match (&self.data, &other.data) {
            (Data::Numbers(a), Data::Numbers(b)) => {
                Data::Numbers(pairs.map(|(i, j)| numbers(a[*i], b[*j])).collect())
            }
            (Data::Integers(a), Data::Integers(b)) => {
                Data::Integers(pairs.map(|(i, j)| integers(a[*i], b[*j])).collect())
            }
            _ => return None,
        };
        Some(Self { shape, data })
    }
}

/// The shape that two shapes are broadcast to; none if they do not fit, or if it has more elements than are computed.
pub fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let dim = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
    };
    let fit = |axis: usize| match (dim(a, axis), dim(b, axis)) {
        (left, right) if left == right || right == 1 => Some(left),
        (1, right) => Some(right),
        _ => None,
    };
    let shape: Vec<usize> = (0..rank).map(fit).collect::<Option<_>>()?;
    (shape::elements(&shape)? <= MOST_COMPUTED).then_some(shape)
}

/// For each element of `to` in order, the element of a tensor of shape `from` that stands there.
fn places(from: &[usize], to: &[usize]) -> Vec<usize> {
    let mut places = vec![0];
    let skipped = to.len() - from.len();
    for (axis, dim) in to.iter().enumerate() {
        let own = axis.checked_sub(skipped).map_or(1, |axis| from[axis]);
        let step = |index: usize| if own == 1 { 0 } else { index };
        let next = |place: &usize| -> Vec<usize> {
            (0..*dim).map(|index| place * own + step(index)).collect()
        };
        places = places.iter().flat_map(next).collect();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_broadcast_from_the_last_axis() {
        assert_eq!(broadcast(&[2, 1, 3], &[4, 1]), Some(vec![2, 4, 3]));
        assert_eq!(broadcast(&[2, 3], &[4]), None);
        assert_eq!(broadcast(&[1 << 13, 1], &[1, 1 << 13]), None);
        let a = Tensor::numbers(vec![2, 1], vec![1.0, 2.0]);
        let b = Tensor::numbers(vec![3], vec![10.0, 20.0, 30.0]);
        let sum = a.zip(&b, |a, b| a + b, |a, b| a + b);
        let expected = vec![11.0, 21.0, 31.0, 12.0, 22.0, 32.0];
        assert_eq!(sum, Some(Tensor::numbers(vec![2, 3], expected)));
    }
}
