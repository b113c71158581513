//! Weight matrix times vector, one weight row an output.
//!
//! Weights are stored in groups of 16 rows, interleaved so that a vector register holds the same
//! element of all rows: the layout that the reference reads is the one that the fast code wants.

mod float;
mod quantized;
mod super_blocks;

pub(crate) use super_blocks::{BYTE_WORDS, SHARING, signed, unsigned};

use opml_operator::WeightType;
use opml_operator::geometry::{Matmul, Matrix};

use crate::first_of;
use crate::math::store;
use crate::row::{BLOCK, Block, Row};

/// Rows that are interleaved.
pub const GROUP: usize = WeightType::GROUP_ROWS as usize;

/// One sum a row of a group.
pub type Sums = [f32; GROUP];

/// `out[i]` = weight row `column * tile_rows + i` times `x`; rows at or past `rows` stay +0.
///
/// `x` is a quantized row for quantized weights, else 32-bit numbers.
/// - `Q8_0`, `Q4_0`: from +0, blocks ascending, `acc = acc + f32(isum) * (d_w * d_x)`
/// - `Q4_1`: `acc = acc + (f32(isum) * (d_w * d_x) + f32(xsum) * (m_w * d_x))`
/// - `Q4_K`: `acc = acc + (f32(isum) * ((d_w * f32(s)) * d_x) - f32(xsum) * ((m_w * f32(m)) * d_x))`, `s` and
///   `m` the block's scale and minimum
/// - `Q6_K`: `acc = acc + f32(isum) * (d_w * d_x)`, where `isum` weighs the halves of the block by their
///   scales
/// - `F16`, `F32`: elements ascending, in chunks of 512 that each sum up from +0; chunk sums are added
///   ascending to +0
///
/// `isum` is the exact sum of a block's integer products, `xsum` of the integers of `x`.
///
/// Inputs: weights, x.
pub fn matmul(shape: &Matmul, column: u32, inputs: [&[u32]; 2], out: &mut [u32]) {
    let [weights, x] = inputs;
    let matrix = &shape.matrix;
    let first = first_of(column, shape.tile_rows);
    let rows = matrix.rows.saturating_sub(first) as usize;
    if rows == 0 {
        return;
    }
    let words = group_words(matrix);
    let weights = &weights[first as usize / GROUP * words..];
    let groups = weights.chunks_exact(words).zip(out.chunks_mut(GROUP)).take(rows.div_ceil(GROUP));
    for (index, (group, out)) in groups.enumerate() {
        let sums = group_product(matrix, group, x);
        for (word, sum) in out.iter_mut().zip(sums).take(rows - index * GROUP) {
            *word = store(sum);
        }
    }
}

/// Words of a group of 16 rows.
pub fn group_words(matrix: &Matrix) -> usize {
    (matrix.kind.group_bytes(matrix.k) / 4) as usize
}

/// The 16 sums of one group of weight rows, before NaN is made canonical.
pub fn group_product(matrix: &Matrix, group: &[u32], x: &[u32]) -> Sums {
    if matrix.kind.quantized() {
        block_product(matrix, group, Row::new(x, matrix.k as usize / BLOCK).blocks())
    } else {
        number_product(matrix, group, x[..matrix.k as usize].iter().copied())
    }
}

/// [`group_product`] of quantized weights with a row's blocks.
pub fn block_product<'a>(
    matrix: &Matrix,
    group: &[u32],
    x: impl Iterator<Item = Block<'a>>,
) -> Sums {
    let count = matrix.k as usize / BLOCK;
    match matrix.kind {
        WeightType::Q4_0 => quantized::q4_0(group, count, x),
        WeightType::Q4_1 => quantized::q4_1(group, count, x),
        WeightType::Q4_K => super_blocks::q4_k(group, count, x),
        WeightType::Q6_K => super_blocks::q6_k(group, count, x),
        _ => quantized::q8_0(group, count, x),
    }
}

/// [`group_product`] of weights that are numbers with a row's words.
pub fn number_product(matrix: &Matrix, group: &[u32], x: impl Iterator<Item = u32>) -> Sums {
    match matrix.kind {
        WeightType::F16 => float::product(group, x, float::f16_weights),
        _ => float::product(group, x, float::f32_weights),
    }
}
