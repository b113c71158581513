//! Static worst case of a tile, in instructions of the MIPS machine.
//!
//! The figures take every operation of a kernel at the worst that was measured of it in the released
//! image (an addition or a multiplication about 90 instructions, an exponential 21 of them). They are
//! measured, not proven: over random unkind data tiles stay below four fifths of them. Tests of the
//! image hold it to that (`offchain/cases`), and the program `costs` there measures it.

use crate::geometry::{Mix, Operator, Scores};
use crate::kernel::WeightType;

/// Entry, descriptor, exit, and what a kernel does once: trees of sums, roots, quotients.
const FIXED: u64 = 10_000;
/// Most candidates of a draw, each with its exponential, and their order.
const CANDIDATES: u64 = 800_000;

/// The most instructions that a tile of `operator` can take.
pub fn cost(operator: &Operator) -> u64 {
    let work = match operator {
        Operator::Quantize(quantize) => times(quantize.blocks, 7_000),
        Operator::Matmul(matmul) => {
            let row = product(matmul.matrix.kind, matmul.matrix.k).saturating_add(300);
            times(matmul.tile_rows, row)
        }
        Operator::Add(map) | Operator::Mul(map) => times(map.width, 140),
        Operator::Relu(map) => times(map.width, 20),
        Operator::Silu(map) => times(map.width, 2_700),
        Operator::Gelu(map) => times(map.width, 3_800),
        Operator::GeluTanh(map) => times(map.width, 3_000),
        Operator::RmsNorm(norm) => times(norm.n, 480),
        Operator::LayerNorm(norm) => times(norm.n, 1_000),
        Operator::Softmax(softmax) => times(softmax.n, 2_600),
        Operator::Rope(rope) => times(rope.heads, times(rope.head, 350)),
        Operator::Scores(scores) => self::scores(scores),
        Operator::Mix(mix) => self::mix(mix),
        Operator::Embed(embed) => times(embed.width, 700),
        Operator::ArgMax(argmax) => times(argmax.n, 21),
        Operator::Sample(sample) => times(sample.n, 400).saturating_add(CANDIDATES),
        Operator::FromBytes(bytes) => times(bytes.width, 160),
        Operator::Emit(emit) => times(emit.n, 6),
        Operator::Encode(encode) => times(encode.n, 4_000),
        Operator::Next(_) => 0,
        Operator::Decode(decode) => {
            times(decode.capacity, 100).saturating_add(times(decode.bytes, 60))
        }
    };
    work.saturating_add(FIXED)
}

/// One weight row of `k` elements times a vector.
fn product(kind: WeightType, k: u32) -> u64 {
    let blocks = k.div_ceil(WeightType::BLOCK);
    match kind {
        WeightType::F32 => times(k, 240),
        WeightType::F16 => times(k, 360),
        WeightType::Q8_0 => times(blocks, 650),
        WeightType::Q4_0 => times(blocks, 660),
        WeightType::Q4_1 => times(blocks, 1_000),
        WeightType::Q4_K => times(blocks, 1_300),
        WeightType::Q6_K => times(blocks, 900),
    }
}

/// Keys of a tile: blocks, and a row looked up and scaled.
fn scores(scores: &Scores) -> u64 {
    let blocks = scores.cache.head.div_ceil(WeightType::BLOCK);
    times(scores.width, times(blocks, 600).saturating_add(300))
}

/// Positions: elements, and for each block a row looked up and unpacked.
fn mix(mix: &Mix) -> u64 {
    let blocks = mix.width.div_ceil(WeightType::BLOCK);
    times(mix.cache.filled, times(mix.width, 250).saturating_add(times(blocks, 400)))
}

fn times(count: u32, each: u64) -> u64 {
    u64::from(count).saturating_mul(each)
}
