//! Nodes whose inputs are all constants: computed at import, in f32 as the graph says.
//!
//! Transcendental functions are those of `libm`, so that the same file gives the same bundle on every
//! machine.

use super::OnnxError;
use super::node::Node;
use super::shape;
use super::tensor::{Data, MOST_COMPUTED, Tensor};

/// The outputs of a node of constants.
pub fn fold(node: Node<'_>, inputs: &[&Tensor]) -> Result<Vec<Tensor>, OnnxError> {
    let one = |tensor: Option<Tensor>| match tensor {
        Some(tensor) => Ok(vec![tensor]),
        None => Err(misfit(node, inputs)),
    };
    match (node.0.op_type.as_str(), inputs) {
        ("Constant", []) => Ok(vec![node.tensor("value")?]),
        ("Identity", [x]) => Ok(vec![(*x).clone()]),
        ("Add", [a, b]) => one(a.zip(b, |a, b| a + b, i64::wrapping_add)),
        ("Sub", [a, b]) => one(a.zip(b, |a, b| a - b, i64::wrapping_sub)),
        ("Mul", [a, b]) => one(a.zip(b, |a, b| a * b, i64::wrapping_mul)),
        ("Div", [a, b]) => {
            let divide = |a: i64, b: i64| a.checked_div(b).unwrap_or_default();
            one(a.zip(b, |a, b| a / b, divide))
        }
        ("Pow", [a, b]) => one(a.zip(b, libm::powf, |_, _| 0)),
        ("Neg", [x]) => one(x.map(|x| -x)),
        ("Reciprocal", [x]) => one(x.map(|x| 1.0 / x)),
        ("Sqrt", [x]) => one(x.map(libm::sqrtf)),
        ("Exp", [x]) => one(x.map(libm::expf)),
        ("Log", [x]) => one(x.map(libm::logf)),
        ("Sin", [x]) => one(x.map(libm::sinf)),
        ("Cos", [x]) => one(x.map(libm::cosf)),
        ("Sigmoid", [x]) => one(x.map(|x| 1.0 / (1.0 + libm::expf(-x)))),
        ("Reshape", [x, to]) => {
            let allow_zero = node.integer("allowzero", 0) != 0;
            let to = to.as_integers();
            one(to.and_then(|to| shape::reshape(&x.shape, to, allow_zero)).map(with(x)))
        }
        ("Unsqueeze", [x, axes]) => {
            one(axes.as_integers().and_then(|a| shape::unsqueeze(&x.shape, a)).map(with(x)))
        }
        ("Squeeze", [x]) => one(shape::squeeze(&x.shape, None).map(with(x))),
        ("Squeeze", [x, axes]) => {
            one(axes.as_integers().and_then(|a| shape::squeeze(&x.shape, Some(a))).map(with(x)))
        }
        ("Concat", _) => one(concat(node.integer("axis", 0), inputs)),
        ("Gemm", [x, w]) => one(gemm(node, [x, w], None)?),
        ("Gemm", [x, w, bias]) => one(gemm(node, [x, w], Some(bias))?),
        _ => Err(node.unsupported("no rule for these constants")),
    }
}

fn misfit(node: Node<'_>, inputs: &[&Tensor]) -> OnnxError {
    let shapes: Vec<&[usize]> = inputs.iter().map(|input| input.shape.as_slice()).collect();
    node.shapes(&shapes)
}

/// The same elements in another shape.
fn with(tensor: &Tensor) -> impl FnOnce(Vec<usize>) -> Tensor {
    let data = tensor.data.clone();
    |shape| Tensor { shape, data }
}

fn concat(axis: i64, inputs: &[&Tensor]) -> Option<Tensor> {
    let first = inputs.first()?;
    let axis = shape::axis(axis, first.shape.len())?;
    let outer: usize = first.shape[..axis].iter().product();
    let alike = |x: &&Tensor| {
        x.shape.len() == first.shape.len()
            && x.shape[..axis] == first.shape[..axis]
            && x.shape[axis + 1..] == first.shape[axis + 1..]
    };
    if !inputs.iter().all(alike) {
        return None;
    }
    let mut shape = first.shape.clone();
    shape[axis] = inputs.iter().try_fold(0usize, |sum, x| sum.checked_add(x.shape[axis]))?;
    shape::elements(&shape)?;
    let data = match first.data {
        Data::Numbers(_) => Data::Numbers(joined(outer, inputs, Tensor::as_numbers)?),
        Data::Integers(_) => Data::Integers(joined(outer, inputs, Tensor::as_integers)?),
    };
    Some(Tensor { shape, data })
}

/// Row for row, the inputs' elements side by side.
fn joined<'a, T: Copy + 'a>(
    outer: usize,
    inputs: &[&'a Tensor],
    elements: impl Fn(&'a Tensor) -> Option<&'a [T]>,
) -> Option<Vec<T>> {
    let parts: Vec<&[T]> = inputs.iter().map(|x| elements(x)).collect::<Option<_>>()?;
    let rows = (0..outer).flat_map(|row| {
        parts.iter().flat_map(move |part| {
            let width = part.len() / outer.max(1);
            part[row * width..(row + 1) * width].iter().copied()
        })
    });
    Some(rows.collect())
}

/// A matrix product; `x` is `[m, k]`, the weights as [`weights`] reads them.
fn gemm(
    node: Node<'_>,
    [x, w]: [&Tensor; 2],
    bias: Option<&Tensor>,
) -> Result<Option<Tensor>, OnnxError> {
    let linear = Linear::read(node, w, bias)?;
    let (Some(values), [m, k]) = (x.as_numbers(), x.shape.as_slice()) else { return Ok(None) };
    if *k != linear.k || m.saturating_mul(linear.n) > MOST_COMPUTED {
        return Ok(None);
    }
    let product = (0..m * linear.n).map(|place| {
        let (row, column) = (place / linear.n, place % linear.n);
        let x = &values[row * k..(row + 1) * k];
        let w = &linear.weights[column * k..(column + 1) * k];
        x.iter().zip(w).fold(0.0, |sum, (x, w)| sum + x * w) + linear.bias[column]
    });
    Ok(Some(Tensor::numbers(vec![*m, linear.n], product.collect())))
}

/// A linear map of rows of `k` to rows of `n` numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Numbers of the argument.
    pub k: usize,
    /// Numbers of the result.
    pub n: usize,
    /// `n` rows of `k`.
    pub weights: Vec<f32>,
    /// `n` numbers.
    pub bias: Vec<f32>,
}

impl Linear {
    /// The weights of a `Gemm` node whose argument stands untransposed at its left.
    pub fn read(node: Node<'_>, w: &Tensor, bias: Option<&Tensor>) -> Result<Self, OnnxError> {
        let one = |name| node.demand(name, node.number(name, 1.0).to_bits() == 1f32.to_bits());
        one("alpha")?;
        one("beta")?;
        node.demand("transA", node.integer("transA", 0) == 0)?;
        let misfit = || node.shapes(&[&w.shape]);
        let (Some(values), [rows, columns]) = (w.as_numbers(), w.shape.as_slice()) else {
            return Err(misfit());
        };
        let (rows, columns) = (*rows, *columns);
        let (k, n, weights) = if node.integer("transB", 0) == 0 {
            let turned = (0..rows * columns).map(|at| values[at % rows * columns + at / rows]);
            (rows, columns, turned.collect())
        } else {
            (columns, rows, values.to_vec())
        };
        let bias = match bias.map(Tensor::as_numbers) {
            None => vec![0.0; n],
            Some(Some([value])) => vec![*value; n],
            Some(Some(values)) if values.len() == n => values.to_vec(),
            Some(_) => return Err(misfit()),
        };
        Ok(Self { k, n, weights, bias })
    }
}
