//! Adjacent elements of a tensor, with the instructions of one backend and in one thread.

use std::ops::Range;

use opml_kernels::row::{BLOCK, BLOCK_WORDS, Row};
use opml_operator::geometry::{Matmul, Mix, Scores};
use opml_operator::{Operator, Place, WeightType};

use crate::backend::Lanes;
use crate::block::blocks;
use crate::image;
use crate::isa::LANES;
use crate::work::{
    Activations, Add, ArgMaxWork, Binary, Gelu, GeluTanh, LayerNormWork, Map, MixWork, Mul,
    Products, QuantizeWork, Relu, RmsNormWork, RopeWork, SampleWork, ScoresWork, Silu, SoftmaxWork,
    Unary, Zip,
};

/// Where a part begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        // A tile is a whole row.
        _ => None,
    }
}

/// A part of a tensor and the instructions to compute it with.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The instructions.
    pub lanes: Lanes,
    /// First element.
    pub start: Start,
}

/// A product whose vector is prepared, so that all its parts share it.
pub struct Product<'a> {
    shape: &'a Matmul,
    weights: &'a [u32],
    x: Activations<'a>,
}

impl<'a> Product<'a> {
    /// Inputs: weights, x.
    pub fn new(shape: &'a Matmul, [weights, x]: [&'a [u32]; 2], lanes: Lanes) -> Self {
        Self { shape, weights, x: Activations::new(&shape.matrix, x, lanes) }
    }
}

impl Part {
    /// Computes as many elements as `out` has. Element-wise kernels get inputs that begin at the
    /// same element; the others get theirs whole.
    pub fn compute(self, operator: &Operator, inputs: &[&[u32]], out: &mut [u32]) {
        let input = |number: usize| inputs.get(number).copied().unwrap_or_default();
        let [x, second] = [input(0), input(1)];
        let both = [x, second];
        let lanes = self.lanes;
        let written = self.written(operator).min(out.len());
        out[written..].fill(0);
        match operator {
            Operator::Quantize(shape) => lanes.enter(QuantizeWork { shape, x, out }),
            Operator::Matmul(shape) => self.product(&Product::new(shape, both, lanes), out),
            Operator::Add(shape) => self.zip(Add, both, self.below(shape.n, out)),
            Operator::Mul(shape) => self.zip(Mul, both, self.below(shape.n, out)),
            Operator::Relu(shape) => self.map(Relu, x, self.below(shape.n, out)),
            Operator::Silu(shape) => self.map(Silu, x, self.below(shape.n, out)),
            Operator::Gelu(shape) => self.map(Gelu, x, self.below(shape.n, out)),
            Operator::GeluTanh(shape) => self.map(GeluTanh, x, self.below(shape.n, out)),
            Operator::RmsNorm(shape) => lanes.enter(RmsNormWork { shape, x, g: second, out }),
            Operator::LayerNorm(shape) => {
                lanes.enter(LayerNormWork { shape, inputs: [x, second, input(2)], out });
            }
            Operator::Softmax(shape) => lanes.enter(SoftmaxWork { shape, x, out }),
            Operator::Rope(shape) => lanes.enter(RopeWork { shape, x, table: second, out }),
            Operator::Scores(shape) => self.scores(shape, both, out),
            Operator::Mix(shape) => self.mix(shape, both, out),
            Operator::ArgMax(shape) => lanes.enter(ArgMaxWork { shape, x, out }),
            Operator::Sample(shape) => {
                let iteration = self.start.iteration;
                lanes.enter(SampleWork { shape, iteration, x, request: second, out });
            }
            _ if image::compute(self, operator, inputs, out) => {}
            // Too little work, or of a kind that lanes do not help.
            _ => scalar(operator, self.start, inputs, out),
        }
    }

    /// Elements from the first on that are certainly written, and need not be cleared.
    fn written(self, operator: &Operator) -> usize {
        let below = |n: u32| (n as usize).saturating_sub(self.start.element);
        match operator {
            Operator::Quantize(shape) => shape.blocks as usize * (BLOCK_WORDS + 1),
            Operator::Add(map)
            | Operator::Mul(map)
            | Operator::Relu(map)
            | Operator::Silu(map)
            | Operator::Gelu(map)
            | Operator::GeluTanh(map) => below(map.n),
            Operator::RmsNorm(norm) => norm.n as usize,
            Operator::LayerNorm(norm) => norm.n as usize,
            Operator::Softmax(softmax) => softmax.n as usize,
            Operator::Rope(rope) => rope.head as usize * rope.heads as usize,
            Operator::Scores(scores) => below(scores.cache.filled),
            Operator::Mix(mix) => below(mix.cache.head),
            Operator::Conv(conv) | Operator::ConvAdd(conv) => {
                image::dense_words(&conv.out, self.start.row)
            }
            Operator::Concat(concat) => image::dense_words(&concat.out, self.start.row),
            _ => 0,
        }
    }

    /// Rows of a product. `out` is all zeros.
    pub fn product(self, product: &Product<'_>, out: &mut [u32]) {
        let Product { shape, weights, x } = product;
        let out = self.below(shape.matrix.rows, out);
        if out.is_empty() {
            return;
        }
        let kind = shape.matrix.kind;
        let group_words = opml_kernels::matmul::group_words(&shape.matrix);
        let groups = &weights[self.start.element / LANES * group_words..];
        self.lanes.enter(Products { kind, groups, group_words, x, out });
    }

    fn map(self, function: impl Unary, x: &[u32], out: &mut [u32]) {
        self.lanes.enter(Map { function, x, out });
    }

    fn zip(self, function: impl Binary, [a, b]: [&[u32]; 2], out: &mut [u32]) {
        self.lanes.enter(Zip { function, a, b, out });
    }

    fn scores(self, shape: &Scores, [q, keys]: [&[u32]; 2], out: &mut [u32]) {
        let cache = &shape.cache;
        let count = cache.head as usize / BLOCK;
        let Start { row: head, element: first, .. } = self.start;
        let query = Row::new(q, count * cache.heads as usize);
        let query = query.part(head as usize * count, count);
        let query = &blocks(query, self.lanes.bytes_zero()).collect::<Vec<_>>();
        let out = self.below(cache.filled, out);
        self.lanes.enter(ScoresWork { shape, head, first, query, keys, out });
    }

    fn mix(self, shape: &Mix, [p, values]: [&[u32]; 2], out: &mut [u32]) {
        let p = &p[..shape.cache.filled as usize];
        let Start { row: head, mut element, .. } = self.start;
        let mut rest = self.below(shape.cache.head, out);
        while !rest.is_empty() {
            let (block, lane) = (element / BLOCK, element % BLOCK);
            let mut sums = [0; BLOCK];
            self.lanes.enter(MixWork { shape, head, block, p, values, out: &mut sums });
            let (out, more) = rest.split_at_mut(rest.len().min(BLOCK - lane));
            out.copy_from_slice(&sums[lane..lane + out.len()]);
            element += out.len();
            rest = more;
        }
    }

    /// The elements of `out` that lie below the tensor's `n`.
    fn below(self, n: u32, out: &mut [u32]) -> &mut [u32] {
        let count = (n as usize).saturating_sub(self.start.element).min(out.len());
        &mut out[..count]
    }
}

/// Whether a vector's blocks are used as they are by weights of this type.
pub const fn has_lanes(kind: WeightType) -> bool {
    !matches!(kind, WeightType::Q6_K)
}

/// The reference, tile by tile.
pub fn scalar(operator: &Operator, start: Start, inputs: &[&[u32]], out: &mut [u32]) {
    let Start { iteration, row, element } = start;
    let Some(width) = width(operator) else {
        opml_kernels::run(operator, Place { iteration, row, column: 0 }, inputs, out);
        return;
    };
    let width = width as usize;
    for (tile, out) in out.chunks_mut(width).enumerate() {
        let place = Place { iteration, row, column: (element / width + tile) as u32 };
        let range = tile * width..(tile + 1) * width;
        let adjacent = inputs.iter().map(|input| cut(input, range.clone()));
        if is_elementwise(operator) {
            let inputs: Vec<&[u32]> = adjacent.collect();
            opml_kernels::run(operator, place, &inputs, out);
        } else {
            opml_kernels::run(operator, place, inputs, out);
        }
    }
}

/// As much of a range as there is.
pub fn cut(words: &[u32], range: Range<usize>) -> &[u32] {
    let end = range.end.min(words.len());
    &words[range.start.min(end)..end]
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
