//! Adjacent elements of a tensor, with the instructions of one backend and in one thread.

use opml_kernels::row::{BLOCK, Row};
use opml_operator::geometry::{Map as MapShape, Matmul, Mix, Scores};
use opml_operator::{Operator, Place};

use crate::backend::Lanes;
use crate::block::blocks;
use crate::isa::LANES;
use crate::work::{
    Activations, Add, ArgMaxWork, Binary, Gelu, GeluTanh, LayerNormWork, Map, MixWork, Mul,
    Products, QuantizeWork, Relu, RmsNormWork, RopeWork, ScoresWork, Silu, SoftmaxWork, Unary, Zip,
};

/// Where a part begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Iteration of the loop.
    pub iteration: u32,
    /// Row of the grid.
    pub row: u32,
    /// Element of that row.
    pub element: usize,
}

impl Start {
    /// Of one tile.
    pub fn of(operator: &Operator, Place { iteration, row, column }: Place) -> Self {
        let width = width(operator).unwrap_or(0) as usize;
        Self { iteration, row, element: width.saturating_mul(column as usize) }
    }
}

/// Elements of a tile of a kernel whose tiles are adjacent parts of a row; none for the others.
pub fn width(operator: &Operator) -> Option<u32> {
    match operator {
        Operator::Matmul(shape) => Some(shape.tile_rows),
        Operator::Add(shape)
        | Operator::Mul(shape)
        | Operator::Relu(shape)
        | Operator::Silu(shape)
        | Operator::Gelu(shape)
        | Operator::GeluTanh(shape) => Some(shape.width),
        Operator::Scores(shape) => Some(shape.width),
        Operator::Mix(shape) => Some(shape.width),
        Operator::Embed(shape) => Some(shape.width),
        Operator::FromBytes(shape) => Some(shape.width),
        Operator::Quantize(_)
        | Operator::RmsNorm(_)
        | Operator::LayerNorm(_)
        | Operator::Softmax(_)
        | Operator::Rope(_)
        | Operator::ArgMax(_)
        | Operator::Sample(_)
        | Operator::Emit(_) => None,
    }
}

/// Computes the elements from `start` on, as many as `out` has. Element-wise kernels get inputs that
/// begin at the same element; the others get theirs whole.
pub fn compute(
    lanes: Lanes,
    operator: &Operator,
    start: Start,
    inputs: &[&[u32]],
    out: &mut [u32],
) {
    let input = |number: usize| inputs.get(number).copied().unwrap_or_default();
    let [x, second] = [input(0), input(1)];
    out.fill(0);
    match operator {
        Operator::Quantize(shape) => lanes.enter(QuantizeWork { shape, x, out }),
        Operator::Matmul(shape) => matmul(lanes, shape, start, [x, second], out),
        Operator::Add(shape) => zip(lanes, Add, [x, second], below_n(shape, start, out)),
        Operator::Mul(shape) => zip(lanes, Mul, [x, second], below_n(shape, start, out)),
        Operator::Relu(shape) => map(lanes, Relu, x, below_n(shape, start, out)),
        Operator::Silu(shape) => map(lanes, Silu, x, below_n(shape, start, out)),
        Operator::Gelu(shape) => map(lanes, Gelu, x, below_n(shape, start, out)),
        Operator::GeluTanh(shape) => map(lanes, GeluTanh, x, below_n(shape, start, out)),
        Operator::RmsNorm(shape) => lanes.enter(RmsNormWork { shape, x, g: second, out }),
        Operator::LayerNorm(shape) => {
            lanes.enter(LayerNormWork { shape, inputs: [x, second, input(2)], out });
        }
        Operator::Softmax(shape) => lanes.enter(SoftmaxWork { shape, x, out }),
        Operator::Rope(shape) => lanes.enter(RopeWork { shape, x, table: second, out }),
        Operator::Scores(shape) => scores(lanes, shape, start, [x, second], out),
        Operator::Mix(shape) => mix(lanes, shape, start, [x, second], out),
        Operator::ArgMax(shape) => lanes.enter(ArgMaxWork { shape, x, out }),
        Operator::Embed(_) | Operator::Sample(_) | Operator::FromBytes(_) | Operator::Emit(_) => {
            scalar(operator, start, inputs, out)
        }
    }
}

/// Rows of a product from `start` on, with the vector prepared.
pub fn products(
    lanes: Lanes,
    shape: &Matmul,
    start: Start,
    (weights, x): (&[u32], &Activations<'_>),
    out: &mut [u32],
) {
    let count = present(start, shape.matrix.rows, out.len());
    if count == 0 {
        return;
    }
    let kind = shape.matrix.kind;
    let group_words = opml_kernels::matmul::group_words(&shape.matrix);
    let groups = &weights[start.element / LANES * group_words..];
    lanes.enter(Products { kind, groups, group_words, x, out: &mut out[..count] });
}

fn matmul(lanes: Lanes, shape: &Matmul, start: Start, [w, x]: [&[u32]; 2], out: &mut [u32]) {
    products(lanes, shape, start, (w, &Activations::new(&shape.matrix, x)), out);
}

fn map<F: Unary>(lanes: Lanes, function: F, x: &[u32], out: &mut [u32]) {
    lanes.enter(Map { function, x, out });
}

fn zip<F: Binary>(lanes: Lanes, function: F, [a, b]: [&[u32]; 2], out: &mut [u32]) {
    lanes.enter(Zip { function, a, b, out });
}

fn scores(lanes: Lanes, shape: &Scores, start: Start, [q, keys]: [&[u32]; 2], out: &mut [u32]) {
    let cache = &shape.cache;
    let count = cache.head as usize / BLOCK;
    let first = start.row as usize * count;
    let query = blocks(Row::new(q, count * cache.heads as usize).part(first, count));
    let filled = present(start, cache.filled, out.len());
    lanes.enter(ScoresWork {
        shape,
        head: start.row,
        first: start.element,
        query: &query,
        keys,
        out: &mut out[..filled],
    });
}

fn mix(lanes: Lanes, shape: &Mix, start: Start, [p, values]: [&[u32]; 2], out: &mut [u32]) {
    let count = present(start, shape.cache.head, out.len());
    let p = &p[..shape.cache.filled as usize];
    let mut rest = &mut out[..count];
    let mut element = start.element;
    while !rest.is_empty() {
        let (block, lane) = (element / BLOCK, element % BLOCK);
        let mut sums = [0; BLOCK];
        lanes.enter(MixWork { shape, head: start.row, block, p, values, out: &mut sums });
        let (out, more) = rest.split_at_mut(rest.len().min(BLOCK - lane));
        out.copy_from_slice(&sums[lane..lane + out.len()]);
        element += out.len();
        rest = more;
    }
}

/// The reference, tile by tile.
pub fn scalar(operator: &Operator, start: Start, inputs: &[&[u32]], out: &mut [u32]) {
    let Start { iteration, row, element } = start;
    let Some(width) = width(operator) else {
        return opml_kernels::run(operator, Place { iteration, row, column: 0 }, inputs, out);
    };
    let width = width as usize;
    for (tile, out) in out.chunks_mut(width).enumerate() {
        let place = Place { iteration, row, column: (element / width + tile) as u32 };
        let range = tile * width..(tile + 1) * width;
        let adjacent = inputs.iter().map(|input| input.get(range.clone()).unwrap_or_default());
        if is_elementwise(operator) {
            let inputs: Vec<&[u32]> = adjacent.collect();
            opml_kernels::run(operator, place, &inputs, out);
        } else {
            opml_kernels::run(operator, place, inputs, out);
        }
    }
}

/// Whether an element depends only on the inputs' elements at the same place.
pub const fn is_elementwise(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Add(_)
            | Operator::Mul(_)
            | Operator::Relu(_)
            | Operator::Silu(_)
            | Operator::Gelu(_)
            | Operator::GeluTanh(_)
    )
}

/// The part of `out` whose elements lie below the tensor's end.
fn below_n<'a>(shape: &MapShape, start: Start, out: &'a mut [u32]) -> &'a mut [u32] {
    let count = present(start, shape.n, out.len());
    &mut out[..count]
}

/// How many of `len` elements from `start` on lie below `n`.
fn present(start: Start, n: u32, len: usize) -> usize {
    (n as usize).saturating_sub(start.element).min(len)
}
