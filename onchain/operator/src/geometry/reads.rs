//! How much of its inputs a kernel reads.

use super::Operator;
use super::matrix::{Matrix, quantized_bytes};
use crate::kernel::WeightType;

/// Bytes of a word.
const WORD: u64 = 4;

impl Operator {
    /// Bytes at the start of input `number` that the kernel may read; what lies behind them in the
    /// region has no influence on the output. At most the region's size.
    pub fn reads(&self, number: usize) -> u64 {
        let words = |count: u32| u64::from(count).saturating_mul(WORD);
        match self {
            Self::Quantize(q) => words(q.n),
            Self::Matmul(m) if number == 0 => matrix_bytes(&m.matrix),
            Self::Matmul(m) if m.matrix.kind.quantized() => {
                quantized_bytes(m.matrix.k.div_ceil(WeightType::BLOCK))
            }
            Self::Matmul(m) => words(m.matrix.k),
            Self::Add(map) | Self::Mul(map) => words(map.width),
            Self::Relu(map) | Self::Silu(map) | Self::Gelu(map) | Self::GeluTanh(map) => {
                words(map.width)
            }
            Self::RmsNorm(norm) => words(norm.n),
            Self::LayerNorm(norm) => words(norm.n),
            Self::Softmax(softmax) => words(softmax.n),
            Self::Rope(rope) if number == 0 => words(rope.head).saturating_mul(rope.heads.into()),
            Self::Rope(rope) => words(rope.head),
            Self::Scores(scores) if number == 0 => scores.cache.query_bytes(),
            Self::Scores(scores) => scores.cache.filled_bytes(),
            Self::Mix(mix) if number == 0 => words(mix.cache.filled),
            Self::Mix(mix) => mix.cache.filled_bytes(),
            Self::Embed(embed) if number == 0 => matrix_bytes(&embed.matrix),
            Self::Embed(_) => WORD,
            Self::ArgMax(argmax) => words(argmax.n),
            Self::Sample(sample) if number == 0 => words(sample.n),
            Self::Sample(_) => super::text::REQUEST_HEADER,
            Self::FromBytes(bytes) => u64::from(bytes.offset).saturating_add(bytes.n.into()),
            Self::Emit(emit) => emit.n.into(),
            Self::Encode(encode) if number == 0 => {
                super::text::REQUEST_HEADER.saturating_add(encode.n.into())
            }
            Self::Encode(encode) => words(encode.table),
            Self::Next(next) => match number {
                0 => next.prompt_bytes(),
                1 => WORD,
                _ => super::text::REQUEST_HEADER,
            },
            Self::Decode(decode) => match number {
                0 => decode.history_bytes(),
                1 => WORD,
                _ => words(decode.table),
            },
            Self::Conv(conv) | Self::ConvAdd(conv) => match number {
                0 => matrix_bytes(&conv.matrix),
                1 => conv.x_bytes(),
                2 => words(conv.out.channels),
                _ => conv.residual_bytes(),
            },
            Self::Attend(attend) => attend.reads(number),
            Self::Moments(moments) => moments.x_bytes(),
            Self::GroupAffine(groups) if number == 0 => groups.moments_bytes(),
            Self::GroupAffine(groups) => words(groups.blocks.channels),
            Self::Affine(rows) | Self::Pack(rows) | Self::AffinePack(rows) if number == 0 => {
                rows.x_bytes()
            }
            Self::Affine(rows) | Self::Pack(rows) | Self::AffinePack(rows) => {
                words(rows.out.channels).saturating_mul(2)
            }
            Self::NormRows(rows) if number == 0 => rows.x_bytes(),
            Self::NormRows(rows) => words(rows.out.channels),
            Self::Resample(resample) => resample.x_bytes(),
            Self::Concat(concat) => concat.reads(number),
            Self::Blend(_) if number == 3 => words(3),
            Self::Blend(vector) => words(vector.n),
            Self::Noise(_) if number == 0 => super::text::REQUEST_HEADER,
            Self::Noise(_) => words(1 << 16),
            Self::ToBytes(bytes) => bytes.x_bytes(),
        }
    }
}

fn matrix_bytes(matrix: &Matrix) -> u64 {
    matrix.kind.matrix_bytes(matrix.rows, matrix.k)
}
