//! Small networks that are imported: between them every operator that the importer knows.

use std::path::Path;

use opml_import::onnx::{Binding, OnnxError, Options, import};
use opml_operator::WeightType;
use opml_runtime::build::{Builder, Parts};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

use crate::file::{Attribute, File};

/// What a file is imported to, with the three inputs that the networks have.
pub fn imported(path: &Path) -> Result<Parts, OnnxError> {
    let inputs = [
        ("noisy", Binding::Noise { size: (8, 8), factor: 4.0 }),
        ("sigma", Binding::Number(4.0)),
        ("choice", Binding::Choice(vec![0.5, -1.0])),
    ];
    let inputs = inputs.map(|(name, binding)| (name.to_owned(), binding)).to_vec();
    let options = Options { inputs, weights: WeightType::Q8_0 };
    let kinds = (Input::Bytes { max: 1 }, ResultKind::Heights { width: 8, height: 8 });
    let builder = Builder::new(About::default(), kinds.0, kinds.1);
    Ok(import(path, builder, &options, &mut |_, _| {})?.finish()?)
}

/// The networks' files.
pub fn all() -> Vec<Vec<u8>> {
    vec![gated(), pooled(), conditioned(), attentive()]
}

fn begun() -> File {
    let mut file = File::new(&["noisy", "sigma", "choice"]);
    constants(&mut file);
    file
}

fn ended(mut file: File, last: &str) -> Vec<u8> {
    file.node(("Clip", &[last, "minus", "one"], &["out"]), &[]);
    file.bytes("out")
}

/// Constants that every network has, whether it needs them or not.
pub fn constants(file: &mut File) {
    file.numbers("filter", &[2, 1, 3, 3], &[0.25; 18]);
    file.numbers("back", &[1, 2, 1, 1], &[0.5, -0.5]);
    file.numbers("bias", &[2], &[1.0, -1.0]);
    file.numbers("layer", &[2, 1], &[1.0, -1.0]);
    file.numbers("one", &[], &[1.0]);
    file.numbers("minus", &[], &[-1.0]);
    file.numbers("twice", &[4], &[1.0, 1.0, 2.0, 2.0]);
    file.integers("axis", &[1]);
    file.integers("flat", &[0, 2, -1]);
}

const PADDED: [(&str, Attribute<'static>); 1] = [("pads", Attribute::Integers(&[1, 1, 1, 1]))];

/// A filter, a normalisation, a gate and limits.
fn gated() -> Vec<u8> {
    let mut file = begun();
    file.node(("Conv", &["noisy", "filter", "bias"], &["a"]), &PADDED);
    file.node(("InstanceNormalization", &["a", "bias", "bias"], &["b"]), &[]);
    file.node(("Sigmoid", &["b"], &["c"]), &[]);
    file.node(("Mul", &["b", "c"], &["d"]), &[]);
    file.node(("Conv", &["d", "back"], &["e"]), &[]);
    ended(file, "e")
}

/// Half the size and back, beside what was there before.
fn pooled() -> Vec<u8> {
    let mut file = begun();
    file.numbers("three", &[1, 3, 1, 1], &[0.5, -0.5, 0.25]);
    file.node(("Reciprocal", &["sigma"], &["inverse"]), &[]);
    file.node(("Mul", &["inverse", "noisy"], &["scaled"]), &[]);
    file.node(("Conv", &["scaled", "filter", "bias"], &["a"]), &PADDED);
    let squares =
        [("kernel_shape", Attribute::Integers(&[2, 2])), ("strides", Attribute::Integers(&[2, 2]))];
    file.node(("AveragePool", &["a"], &["b"]), &squares);
    let nearest = [
        ("mode", Attribute::Text("nearest")),
        ("coordinate_transformation_mode", Attribute::Text("asymmetric")),
        ("nearest_mode", Attribute::Text("floor")),
    ];
    file.node(("Resize", &["b", "", "twice"], &["c"]), &nearest);
    file.node(("Concat", &["c", "noisy"], &["d"]), &[("axis", Attribute::Integer(1))]);
    file.node(("Conv", &["d", "three"], &["e"]), &[]);
    ended(file, "e")
}

/// A choice that scales and shifts normalised groups.
fn conditioned() -> Vec<u8> {
    let mut file = begun();
    file.integers("last", &[2, 3]);
    file.numbers("wide", &[4, 1], &[1.0, -1.0, 0.5, 0.25]);
    file.numbers("zeros", &[4], &[0.0; 4]);
    file.node(("Unsqueeze", &["choice", "axis"], &["a"]), &[]);
    let transposed = [("transB", Attribute::Integer(1))];
    file.node(("Gemm", &["a", "wide", "zeros"], &["b"]), &transposed);
    file.node(("Unsqueeze", &["b", "last"], &["c"]), &[]);
    file.node(("Split", &["c"], &["scale", "shift"]), &[("axis", Attribute::Integer(1))]);
    file.node(("Conv", &["noisy", "filter", "bias"], &["d"]), &PADDED);
    file.node(("Reshape", &["d", "flat"], &["e"]), &[]);
    let epsilon = [("epsilon", Attribute::Number(1e-5))];
    file.node(("InstanceNormalization", &["e", "bias", "bias"], &["f"]), &epsilon);
    file.node(("Shape", &["d"], &["shape"]), &[]);
    file.node(("Reshape", &["f", "shape"], &["g"]), &[]);
    file.node(("Mul", &["g", "scale"], &["h"]), &[]);
    file.node(("Add", &["h", "shift"], &["i"]), &[]);
    file.node(("Conv", &["i", "back"], &["j"]), &[]);
    ended(file, "j")
}

/// One head of 32 channels, the least there is.
fn attentive() -> Vec<u8> {
    let mut file = begun();
    file.numbers("qkv", &[96, 1, 1, 1], &[0.5; 96]);
    file.numbers("join", &[1, 32, 1, 1], &[0.125; 32]);
    file.integers("rows", &[1, -1, 64]);
    file.integers("heads", &[1, 32, 64]);
    file.integers("square", &[1, 32, 8, 8]);
    file.node(("Conv", &["noisy", "qkv"], &["a"]), &[]);
    file.node(("Reshape", &["a", "rows"], &["b"]), &[]);
    file.node(("Split", &["b"], &["q", "k", "v"]), &[("axis", Attribute::Integer(1))]);
    for (from, to) in [("q", "qh"), ("k", "kh"), ("v", "vh")] {
        file.node(("Reshape", &[from, "heads"], &[to]), &[]);
    }
    let scores = [("equation", Attribute::Text("bct,bcs->bts"))];
    file.node(("Einsum", &["qh", "kh"], &["scores"]), &scores);
    file.node(("Softmax", &["scores"], &["shares"]), &[("axis", Attribute::Integer(-1))]);
    let mix = [("equation", Attribute::Text("bts,bcs->bct"))];
    file.node(("Einsum", &["shares", "vh"], &["mix"]), &mix);
    file.node(("Reshape", &["mix", "square"], &["c"]), &[]);
    file.node(("Conv", &["c", "join"], &["d"]), &[]);
    ended(file, "d")
}
