//! Static worst case of a tile, in instructions of the MIPS machine.
//!
//! The figures are upper bounds of what the released kernel image takes over adversarial data
//! (subnormal numbers are the slow path of soft-float), with a margin; tests of the image hold it to
//! them.

use crate::geometry::{Matrix, Operator};
use crate::kernel::WeightType;

/// Entry, descriptor, exit.
const FIXED: u64 = 20_000;

/// The most instructions that a tile of `operator` can take.
pub fn cost(operator: &Operator) -> u64 {
    let work = match operator {
        Operator::Quantize(q) => times(q.blocks, 12_000),
        Operator::Matmul(m) => times(m.tile_rows, 200).saturating_add(dot(&m.matrix, m.tile_rows)),
        Operator::Add(map) => times(map.width, 200),
        Operator::Mul(map) => times(map.width, 300),
        Operator::Relu(map) => times(map.width, 60),
        Operator::Silu(map) => times(map.width, 3_000),
        Operator::Gelu(map) | Operator::GeluTanh(map) => times(map.width, 4_000),
        Operator::RmsNorm(norm) => times(norm.n, 900),
        Operator::LayerNorm(norm) => times(norm.n, 1_500),
        Operator::Softmax(softmax) => times(softmax.n, 3_000),
        Operator::Rope(rope) => times(rope.head, 800).saturating_mul(rope.heads.into()),
        Operator::Scores(scores) => {
            let blocks = scores.cache.head.div_ceil(WeightType::BLOCK);
            times(scores.width, 1_500).saturating_mul(blocks.into())
        }
        Operator::Mix(mix) => times(mix.width, 600).saturating_mul(mix.cache.filled.into()),
        Operator::Embed(embed) => times(embed.width, 600),
        Operator::ArgMax(argmax) => times(argmax.n, 60),
        Operator::Sample(sample) => times(sample.n, 400).saturating_add(2_000_000),
        Operator::FromBytes(bytes) => times(bytes.width, 300),
        Operator::Emit(emit) => times(emit.n, 10),
    };
    work.saturating_add(FIXED)
}

/// Products of `rows` rows.
fn dot(matrix: &Matrix, rows: u32) -> u64 {
    let blocks = matrix.k.div_ceil(WeightType::BLOCK);
    match matrix.kind {
        WeightType::F32 => times(matrix.k, 400).saturating_mul(rows.into()),
        WeightType::F16 => times(matrix.k, 500).saturating_mul(rows.into()),
        WeightType::Q8_0 | WeightType::Q4_0 => times(blocks, 1_500).saturating_mul(rows.into()),
        WeightType::Q4_1 => times(blocks, 2_000).saturating_mul(rows.into()),
    }
}

fn times(count: u32, each: u64) -> u64 {
    u64::from(count).saturating_mul(each)
}
