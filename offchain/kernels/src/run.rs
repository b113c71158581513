//! One tile of any operator.

use opml_operator::{Operator, Place};

use crate::{
    add, affine, affine_pack, argmax, attend, blend, concat, conv, conv_add, decode, embed, emit,
    encode, from_bytes, gelu, gelu_tanh, group_affine, layer_norm, matmul, mix, moments, mul, next,
    noise, norm_rows, pack, quantize, relu, resample, rms_norm, rope, sample, scores, silu,
    softmax, to_bytes,
};

/// Computes the tile at `place` of `operator`: `output` is overwritten.
///
/// `inputs` and `output` are the words of the tile's regions, as [`opml_operator::legal`] gives
/// them. Never panics for those.
pub fn run(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    output.fill(0);
    run_on_zeros(operator, place, inputs, output);
}

/// [`run`] on an output that is all zeros already, as the MIPS machine's is.
pub fn run_on_zeros(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    let Place { iteration, row, column } = place;
    let input = |number: usize| inputs.get(number).copied().unwrap_or_default();
    let [a, b] = [input(0), input(1)];
    match operator {
        Operator::Quantize(shape) => quantize(shape, a, output),
        Operator::Matmul(shape) => matmul(shape, column, [a, b], output),
        Operator::Add(shape) => add(shape, column, [a, b], output),
        Operator::Mul(shape) => mul(shape, column, [a, b], output),
        Operator::Relu(shape) => relu(shape, column, a, output),
        Operator::Silu(shape) => silu(shape, column, a, output),
        Operator::Gelu(shape) => gelu(shape, column, a, output),
        Operator::GeluTanh(shape) => gelu_tanh(shape, column, a, output),
        Operator::RmsNorm(shape) => rms_norm(shape, a, b, output),
        Operator::LayerNorm(shape) => layer_norm(shape, [a, b, input(2)], output),
        Operator::Softmax(shape) => softmax(shape, a, output),
        Operator::Rope(shape) => rope(shape, a, b, output),
        Operator::Scores(shape) => scores(shape, (row, column), [a, b], output),
        Operator::Mix(shape) => mix(shape, (row, column), [a, b], output),
        Operator::Embed(shape) => embed(shape, (row, column), [a, b], output),
        Operator::ArgMax(shape) => argmax(shape, a, output),
        Operator::Sample(shape) => sample(shape, iteration, [a, b], output),
        Operator::FromBytes(shape) => from_bytes(shape, column, a, output),
        Operator::Emit(shape) => emit(shape, a, output),
        Operator::Encode(shape) => encode(shape, [a, b], output),
        Operator::Next(shape) => next(shape, iteration, [a, b, input(2)], output),
        Operator::Decode(shape) => decode(shape, [a, b, input(2)], output),
        Operator::Conv(shape) => conv(shape, row, [a, b, input(2)], output),
        Operator::ConvAdd(shape) => conv_add(shape, row, [a, b, input(2), input(3)], output),
        Operator::Attend(shape) => attend(shape, row, [a, b, input(2)], output),
        Operator::Moments(shape) => moments(shape, row, a, output),
        Operator::GroupAffine(shape) => group_affine(shape, [a, b, input(2)], output),
        Operator::Affine(shape) => affine(shape, row, [a, b], output),
        Operator::Pack(shape) => pack(shape, row, a, output),
        Operator::AffinePack(shape) => affine_pack(shape, row, [a, b], output),
        Operator::NormRows(shape) => norm_rows(shape, row, [a, b, input(2)], output),
        Operator::Resample(shape) => resample(shape, row, a, output),
        Operator::Concat(shape) => concat(shape, row, [a, b], output),
        Operator::Blend(shape) => blend(shape, row, [a, b, input(2), input(3)], output),
        Operator::Noise(shape) => noise(shape, (row, iteration), [a, b], output),
        Operator::ToBytes(shape) => to_bytes(shape, row, a, output),
    }
}
