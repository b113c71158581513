//! Static worst case of a tile, in instructions of the MIPS machine.
//!
//! The figures take every operation of a kernel at the worst that was measured of it in the released
//! image (an addition or a multiplication about 90 instructions, an exponential 21 of them). They are
//! measured, not proven: over random unkind data tiles stay below four fifths of them. Tests of the
//! image hold it to that (`offchain/cases`), and the program `costs` there measures it.

use crate::geometry::{
    Activation, Attend, Canvas, Conv, GroupAffine, Mix, Operator, Resample, Resampling, Rows,
    Scores,
};
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
        Operator::Conv(conv) | Operator::ConvAdd(conv) => self::conv(conv),
        Operator::Attend(attend) => self::attend(attend),
        Operator::Moments(moments) => {
            let blocks = &moments.blocks;
            times(blocks.channels, times(blocks.each.min(blocks.pixels), 500).saturating_add(1_000))
        }
        Operator::GroupAffine(groups) => group_affine(groups),
        Operator::Affine(rows) => pixels(&rows.out, affine(rows)),
        Operator::Pack(rows) => packed(&rows.out, 250),
        Operator::AffinePack(rows) => packed(&rows.out, affine(rows).saturating_add(250)),
        Operator::NormRows(rows) => {
            pixels(&rows.out, 1_000).saturating_add(times(rows.out.tile_pixels(), 10_000))
        }
        Operator::Resample(resample) => self::resample(resample),
        Operator::Concat(concat) => pixels(&concat.out, 40),
        Operator::Blend(vector) => times(vector.width, 600),
        Operator::Noise(vector) => times(vector.width, 200),
        Operator::ToBytes(bytes) => times(bytes.width, 1_600),
    };
    work.saturating_add(FIXED)
}

/// One weight row of `k` elements times a vector.
#[inline(never)]
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

/// The pixels of a tile, so many instructions an element.
#[inline(never)]
fn pixels(canvas: &Canvas, each: u64) -> u64 {
    times(canvas.tile_pixels(), times(canvas.tile_channels(), each).saturating_add(1_000))
}

/// Quantized rows, whole blocks of them.
fn packed(canvas: &Canvas, each: u64) -> u64 {
    let elements = canvas.channels.next_multiple_of(WeightType::BLOCK);
    times(canvas.tile_pixels(), times(elements, each).saturating_add(1_000))
}

/// An element of [`Rows`].
fn affine(rows: &Rows) -> u64 {
    match rows.activation {
        Activation::None => 200,
        Activation::Silu => 2_900,
        Activation::Gelu => 4_000,
    }
}

/// Pixels: whole groups of weight rows.
fn conv(conv: &Conv) -> u64 {
    let rows = conv.out.tile_channels().next_multiple_of(WeightType::GROUP_ROWS);
    let row = product(conv.matrix.kind, conv.matrix.k).saturating_add(600);
    times(conv.out.tile_pixels(), times(rows, row).saturating_add(2_000))
}

/// Heads: positions, whose scores are computed twice, and for each block of 32 of them and of the head
/// products, and weights that are quantized.
fn attend(attend: &Attend) -> u64 {
    let blocks = attend.head.div_ceil(WeightType::BLOCK);
    let position = times(blocks, 2_500).saturating_add(3_500);
    let positions = attend.positions.next_multiple_of(WeightType::BLOCK);
    times(attend.tile_heads(), times(positions, position).saturating_add(20_000))
}

/// Channels: blocks, and the gain and the offset; groups.
fn group_affine(groups: &GroupAffine) -> u64 {
    let channel = times(groups.blocks.count(), 900).saturating_add(1_000);
    times(groups.blocks.channels, channel).saturating_add(times(groups.groups, 1_000))
}

fn resample(resample: &Resample) -> u64 {
    let element = match resample.mode {
        Resampling::Nearest => 40,
        Resampling::Average => {
            times(resample.factor.saturating_mul(resample.factor), 160).saturating_add(150)
        }
        Resampling::Bilinear => 1_200,
    };
    pixels(&resample.out, element)
}

fn times(count: u32, each: u64) -> u64 {
    u64::from(count).saturating_mul(each)
}
