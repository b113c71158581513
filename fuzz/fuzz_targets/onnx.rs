//! An ONNX file: bytes as they stand, right networks with edits, or a graph of drawn operators. Nothing panics, and nothing takes
//! more memory than a small file may; what is imported is a bundle.
#![no_main]
#![allow(clippy::unwrap_used)]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "../../offchain/import/tests/onnx/file.rs"]
#[allow(dead_code, clippy::needless_for_each)]
mod file;
#[path = "support/networks.rs"]
mod networks;
#[path = "support/scratch.rs"]
mod scratch;

use draw::Draw;
use file::{Attribute, File};
use networks::{constants, imported};

fuzz_target!(|data: &[u8]| {
    let mut draw = Draw::new(data);
    let bytes = match draw.below(4) {
        0 => draw.rest().to_vec(),
        1 => {
            let mut bytes = draw.pick(right()).clone();
            while !draw.is_empty() {
                draw.edit(&mut bytes);
            }
            bytes
        }
        _ => drawn(&mut draw),
    };
    let path = scratch::folder().join("network.onnx");
    std::fs::write(&path, bytes).unwrap();
    match imported(&path) {
        Err(error) => drop(error.to_string()),
        Ok(parts) => parts.bundle().unwrap().verify(|_| {}).unwrap(),
    }
});

/// The networks to begin with.
fn right() -> &'static [Vec<u8>] {
    static RIGHT: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    RIGHT.get_or_init(networks::all)
}

const KNOWN: [&str; 12] = [
    "noisy", "sigma", "choice", "filter", "back", "bias", "layer", "one", "minus", "twice", "axis",
    "flat",
];
const MADE: [&str; 16] = [
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "va", "vb", "vc", "vd", "ve", "vf",
];
const OPERATORS: [&str; 34] = [
    "Conv",
    "Gemm",
    "InstanceNormalization",
    "Sigmoid",
    "Mul",
    "Add",
    "Clip",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Concat",
    "AveragePool",
    "Resize",
    "Einsum",
    "Softmax",
    "Shape",
    "Split",
    "Identity",
    "Constant",
    "Sub",
    "Div",
    "Pow",
    "Neg",
    "Reciprocal",
    "Sqrt",
    "Exp",
    "Log",
    "Sin",
    "Cos",
    "Mul",
    "Add",
    "Conv",
    "Reshape",
    "Tanh",
];
const ATTRIBUTES: [&str; 22] = [
    "axis",
    "allowzero",
    "alpha",
    "beta",
    "transA",
    "transB",
    "group",
    "strides",
    "pads",
    "dilations",
    "kernel_shape",
    "ceil_mode",
    "auto_pad",
    "epsilon",
    "mode",
    "coordinate_transformation_mode",
    "nearest_mode",
    "equation",
    "start",
    "end",
    "value",
    "strides",
];
const TEXTS: [&str; 6] =
    ["bct,bcs->bts", "bts,bcs->bct", "nearest", "asymmetric", "floor", "NOTSET"];

/// A graph of operators, inputs and attributes drawn from lists.
fn drawn(draw: &mut Draw<'_>) -> Vec<u8> {
    let mut file = File::new(&["noisy", "sigma", "choice"]);
    constants(&mut file);
    for name in &MADE[..draw.below(5)] {
        constant(&mut file, name, draw);
    }
    let nodes = 1 + draw.below(14);
    let mut last = "noisy";
    for number in 0..nodes {
        let made = MADE[number % MADE.len()];
        let inputs: Vec<&str> = (0..1 + draw.below(4))
            .map(|at| match draw.below(3) {
                0 if at == 0 => last,
                1 => *draw.pick(&MADE[..=number.min(15)]),
                _ => *draw.pick(&KNOWN),
            })
            .collect();
        let outputs = &[made, *draw.pick(&MADE), *draw.pick(&MADE)][..1 + draw.below(8) / 6];
        let integers: Vec<i64> = (0..draw.below(5)).map(|_| integer(draw)).collect();
        let mut attributes = Vec::new();
        for _ in 0..draw.below(4) {
            let value = match draw.below(4) {
                0 => Attribute::Integer(integer(draw)),
                1 => Attribute::Number(f32::from_bits(draw.number() as u32)),
                2 => Attribute::Text(*draw.pick(&TEXTS)),
                _ => Attribute::Integers(&integers),
            };
            attributes.push((*draw.pick(&ATTRIBUTES), value));
        }
        file.node((*draw.pick(&OPERATORS), &inputs, outputs), &attributes);
        last = made;
    }
    file.node(("Clip", &[last, "minus", "one"], &["out"]), &[]);
    file.bytes("out")
}

fn integer(draw: &mut Draw<'_>) -> i64 {
    match draw.below(4) {
        0 => draw.number() as i64,
        _ => draw.below(12) as i64 - 3,
    }
}

/// A constant whose shape fits its elements; one without elements may have any other sides.
fn constant(file: &mut File, name: &str, draw: &mut Draw<'_>) {
    if draw.below(3) == 0 {
        let values: Vec<i64> = (0..draw.below(6)).map(|_| integer(draw)).collect();
        return file.integers(name, &values);
    }
    let empty = draw.below(6) == 0;
    let sides = if empty { 1 << 48 } else { 5 };
    let mut shape: Vec<usize> =
        (0..draw.below(5)).map(|_| 1 + draw.number() as usize % sides).collect();
    if empty {
        shape = shape.into_iter().take(1).chain([0]).collect();
    }
    let count = shape.iter().product();
    file.numbers(name, &shape, &vec![f32::from(draw.byte()) / 64.0 - 1.0; count]);
}
