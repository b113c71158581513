//! Weight matrices.

use opml_operator::{Kernel, WeightType};

use super::{Parts, columns, size, width};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

pub fn matmul(rng: &mut Rng) -> Case {
    let kind = kind(rng);
    let (k, rows) = (inner(kind, rng), size(rng, 6));
    let width = 16 << rng.below(3);
    let grid = (columns(rng, rows, width), rng.within(1, 2));
    product(Matrix { kind, k, rows }, (width, grid), rng)
}

/// A matrix's type and sizes.
#[derive(Clone, Copy, Debug)]
pub struct Matrix {
    /// How weights are stored.
    pub kind: WeightType,
    /// Elements of a row.
    pub k: u32,
    /// Rows.
    pub rows: u32,
}

/// One tile of all rows of `matrix`, their number a power of two from 16 on.
pub fn whole_product(matrix: Matrix, rng: &mut Rng) -> Case {
    product(matrix, (matrix.rows, (1, 1)), rng)
}

fn product(of: Matrix, (width, grid): (u32, (u32, u32)), rng: &mut Rng) -> Case {
    let Matrix { kind, k, rows } = of;
    let x = if kind.quantized() {
        quantized_row(rng, k.div_ceil(32))
    } else {
        Flavor::any(rng).numbers(rng, k)
    };
    Parts {
        kernel: Kernel::Matmul,
        params: &[k, rows, kind.id()],
        grid,
        output: width,
        inputs: vec![matrix_of(kind, k, rows, rng), x],
    }
    .case(rng)
}

pub fn embed(rng: &mut Rng) -> Case {
    let kind = kind(rng);
    let (k, rows, width) = (inner(kind, rng), size(rng, 6), width(rng, 7));
    // Sometimes one past the table's end.
    let past = u32::from(rng.one_in(8));
    let slices = rng.within(1, 2);
    let token = rng.below(rows * slices + past);
    Parts {
        kernel: Kernel::Embed,
        params: &[k, rows, kind.id()],
        grid: (columns(rng, k, width), slices),
        output: width,
        inputs: vec![matrix_of(kind, k, rows, rng), vec![token]],
    }
    .case(rng)
}

fn kind(rng: &mut Rng) -> WeightType {
    WeightType::ALL[rng.below(7) as usize]
}

/// Elements of a row. Floating-point rows are sometimes longer than a chunk of 512.
fn inner(kind: WeightType, rng: &mut Rng) -> u32 {
    if kind.unit() > 32 {
        kind.unit() * rng.within(1, 2)
    } else if kind.quantized() {
        32 * rng.within(1, 8)
    } else if rng.one_in(8) {
        rng.within(500, 1100)
    } else {
        size(rng, 7)
    }
}

/// A matrix in the canonical layout, its padding rows filled with any bits too.
pub fn matrix_of(kind: WeightType, k: u32, rows: u32, rng: &mut Rng) -> Vec<u32> {
    let flavor = Flavor::any(rng);
    let blocks = k.div_ceil(32);
    let mut words = Vec::new();
    for _ in 0..rows.div_ceil(16) {
        words.extend(match kind {
            WeightType::F32 => flavor.numbers(rng, 16 * k),
            WeightType::F16 => flavor.half_pairs(rng, 8 * k),
            WeightType::Q8_0 => integers(rng, 128 * blocks),
            WeightType::Q4_0 | WeightType::Q4_1 => Flavor::Raw.numbers(rng, 64 * blocks),
            WeightType::Q4_K => Flavor::Raw.numbers(rng, 72 * blocks),
            WeightType::Q6_K => integers(rng, 136 * blocks),
        });
        let halves = match kind {
            WeightType::F32 | WeightType::F16 => 0,
            WeightType::Q8_0 | WeightType::Q4_0 => 8 * blocks,
            WeightType::Q4_1 => 16 * blocks,
            WeightType::Q4_K => 2 * blocks,
            WeightType::Q6_K => blocks,
        };
        words.extend(flavor.half_pairs(rng, halves));
    }
    words
}

/// A row of `blocks` blocks, as the quantize kernel or anybody else could have written it.
pub fn quantized_row(rng: &mut Rng, blocks: u32) -> Vec<u32> {
    let flavor = Flavor::any(rng);
    let mut words = integers(rng, 8 * blocks);
    words.extend(flavor.numbers(rng, blocks));
    words
}

/// Words of four signed bytes: any, or all -128 or 127.
fn integers(rng: &mut Rng, words: u32) -> Vec<u32> {
    match rng.below(6) {
        0 => vec![0x8080_8080; words as usize],
        1 => vec![0x7f7f_7f7f; words as usize],
        2 => vec![0x807f_807f; words as usize],
        _ => Flavor::Raw.numbers(rng, words),
    }
}
