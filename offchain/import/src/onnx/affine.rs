//! Affine maps of a row of numbers, one result a channel: what a network computes of its embeddings to
//! scale and shift channels. They are composed at import, so that each becomes one matrix product.

use super::fold::Linear;
use crate::image::Image;

/// `n` numbers, each an affine function of the argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// An image of one pixel, and the matrix; none if the numbers are constant.
    pub argument: Option<(Image, Matrix)>,
    /// Added to the product.
    pub bias: Vec<f32>,
}

/// A row of `k` weights for each result.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Channels of the argument.
    pub k: usize,
    /// All rows.
    pub weights: Vec<f32>,
}

impl Affine {
    /// Numbers that depend on nothing.
    pub const fn constant(values: Vec<f32>) -> Self {
        Self { argument: None, bias: values }
    }

    /// A linear layer.
    pub fn layer(argument: Image, linear: Linear) -> Self {
        let Linear { k, weights, bias, .. } = linear;
        Self { argument: Some((argument, Matrix { k, weights })), bias }
    }

    /// Numbers.
    pub const fn n(&self) -> usize {
        self.bias.len()
    }

    /// The numbers from `first` on.
    #[must_use]
    pub fn part(&self, first: usize, n: usize) -> Self {
        let argument = self.argument.as_ref().map(|(image, matrix)| {
            let k = matrix.k;
            let weights = matrix.weights[first * k..(first + n) * k].to_vec();
            (*image, Matrix { k, weights })
        });
        Self { argument, bias: self.bias[first..first + n].to_vec() }
    }

    /// One number for all, if it is constant and alone.
    fn spread(&self, n: usize) -> Option<Self> {
        match (&self.argument, self.bias.as_slice()) {
            _ if self.n() == n => Some(self.clone()),
            (None, [value]) => Some(Self::constant(vec![*value; n])),
            _ => None,
        }
    }

    /// The sums; none if the arguments are different ones.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let n = self.n().max(other.n());
        let (left, right) = (self.spread(n)?, other.spread(n)?);
        let bias = pairs(&left.bias, &right.bias, |a, b| a + b);
        let argument = match (left.argument, right.argument) {
            (Some((image, a)), Some((same, b))) if image == same && a.k == b.k => {
                let weights = pairs(&a.weights, &b.weights, |a, b| a + b);
                Some((image, Matrix { k: a.k, weights }))
            }
            (Some(_), Some(_)) => return None,
            (left, right) => left.or(right),
        };
        Some(Self { argument, bias })
    }

    /// The products; none if both depend on something.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        let n = self.n().max(other.n());
        let (a, b) = (self.spread(n)?, other.spread(n)?);
        let (map, factors) = match (&a.argument, &b.argument) {
            (_, None) => (&a, &b.bias),
            (None, _) => (&b, &a.bias),
            _ => return None,
        };
        let argument = map.argument.as_ref().map(|(image, matrix)| {
            let rows = matrix.weights.chunks_exact(matrix.k).zip(factors);
            let weights = rows.flat_map(|(row, f)| row.iter().map(move |w| w * f)).collect();
            (*image, Matrix { k: matrix.k, weights })
        });
        Some(Self { argument, bias: pairs(&map.bias, factors, |a, b| a * b) })
    }
}

fn pairs(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Home;

    fn image(number: usize) -> Image {
        Image { height: 1, width: 1, channels: 2, row_log2: 3, home: Home::Working(number) }
    }

    fn map(number: usize, weights: [f32; 4], bias: [f32; 2]) -> Affine {
        let matrix = Matrix { k: 2, weights: weights.to_vec() };
        Affine { argument: Some((image(number), matrix)), bias: bias.to_vec() }
    }

    #[test]
    fn maps_of_one_argument_are_added_and_scaled() {
        let a = map(0, [1.0, 2.0, 3.0, 4.0], [5.0, 6.0]);
        let sum = a.add(&Affine::constant(vec![1.0])).expect("a sum");
        assert_eq!(sum, map(0, [1.0, 2.0, 3.0, 4.0], [6.0, 7.0]));
        let product = Affine::constant(vec![2.0, 10.0]).mul(&sum).expect("a product");
        assert_eq!(product, map(0, [2.0, 4.0, 30.0, 40.0], [12.0, 70.0]));
        assert_eq!(a.add(&a).map(|both| both.bias), Some(vec![10.0, 12.0]));
        assert_eq!(product.part(1, 1).bias, [70.0]);
    }

    #[test]
    fn what_is_not_affine_is_none() {
        let (a, b) = (map(0, [1.0; 4], [0.0; 2]), map(1, [1.0; 4], [0.0; 2]));
        assert_eq!(a.mul(&a), None);
        assert_eq!(a.add(&b), None);
        assert_eq!(a.add(&Affine::constant(vec![0.0; 3])), None);
    }
}
