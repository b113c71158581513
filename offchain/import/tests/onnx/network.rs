//! A small consistency network: the structure of a real one, with weights out of nothing.

use crate::file::{Attribute, File};
use crate::reference::{Image, linear, silu};

/// Pixels of a side, channels before and behind the pool, groups of a normalisation.
pub const SIDE: usize = 16;
const NARROW: usize = 32;
const WIDE: usize = 64;
const GROUPS: usize = 8;
/// Channels of the embedding.
const EMBEDDING: usize = 32;
/// Of queries and of keys.
const SCALE: f32 = 0.420_448_2;
/// What the noise is multiplied by before the network, and beside it.
const SKIP: f32 = 0.05;
const OUT: f32 = 0.3;

/// Weights by name.
struct Weights<'a> {
    file: &'a mut File,
    state: u64,
    known: Vec<(String, Vec<f32>)>,
}

impl Weights<'_> {
    /// Numbers around 0 of the size that keeps a sum of `terms` products at 1.
    fn random(&mut self, name: &str, shape: &[usize], terms: usize) {
        let size = (3.0 / terms as f32).sqrt();
        let count = shape.iter().product();
        let values = (0..count).map(|_| {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((self.state >> 40) as f32 / (1 << 23) as f32 - 1.0) * size
        });
        let values: Vec<f32> = values.collect();
        self.file.numbers(name, shape, &values);
        self.known.push((name.to_owned(), values));
    }

    /// A filter and its bias.
    fn filter(&mut self, name: &str, [outputs, inputs, size]: [usize; 3]) {
        let terms = inputs * size * size;
        self.random(&format!("{name}.w"), &[outputs, inputs, size, size], terms);
        self.random(&format!("{name}.b"), &[outputs], 30);
    }

    /// A linear layer.
    fn layer(&mut self, name: &str, [outputs, inputs]: [usize; 2]) {
        self.random(&format!("{name}.w"), &[outputs, inputs], inputs);
        self.random(&format!("{name}.b"), &[outputs], 30);
    }

    /// Scale and shift of a normalisation.
    fn affine(&mut self, name: &str, channels: usize) {
        self.random(&format!("{name}.scale"), &[channels, 1, 1], 1);
        self.random(&format!("{name}.shift"), &[channels, 1, 1], 10);
    }
}

/// The network's file, and a function that computes it plainly: of noise and difficulty.
pub fn network() -> (File, impl Fn(&[f32], f32) -> Vec<f32>) {
    let mut file = File::new(&["noisy", "sigma", "difficulty"]);
    let mut weights = Weights { file: &mut file, state: 7, known: Vec::new() };
    weights.filter("in", [NARROW, 1, 3]);
    weights.layer("label", [EMBEDDING, 1]);
    weights.layer("film", [2 * NARROW, EMBEDDING]);
    weights.affine("norm1", NARROW);
    weights.filter("body", [NARROW, NARROW, 3]);
    weights.filter("widen", [WIDE, NARROW, 3]);
    weights.affine("norm2", WIDE);
    weights.filter("qkv", [3 * WIDE, WIDE, 1]);
    weights.filter("proj", [WIDE, WIDE, 1]);
    weights.affine("norm3", NARROW + WIDE);
    weights.filter("out", [1, NARROW + WIDE, 3]);
    let known = weights.known;
    graph(&mut file);
    let of = move |name: &str| -> Vec<f32> {
        known.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone()).unwrap_or_default()
    };
    (file, move |noise: &[f32], difficulty: f32| plain(&of, noise, difficulty))
}

fn graph(file: &mut File) {
    let padded = [("pads", Attribute::Integers(&[1, 1, 1, 1]))];
    let conv = |file: &mut File, output: &str, input: &str, name: &str, size: usize| {
        let [w, b] = ["w", "b"].map(|part| format!("{name}.{part}"));
        let attributes = if size == 3 { &padded[..] } else { &[] };
        file.node(("Conv", &[input, &w, &b], &[output]), attributes);
    };
    file.integers("groups", &[0, GROUPS as i64, -1]);
    file.numbers("ones", &[GROUPS], &[1.0; GROUPS]);
    file.numbers("zeros", &[GROUPS], &[0.0; GROUPS]);
    file.numbers("one", &[], &[1.0]);
    file.numbers("minus", &[], &[-1.0]);
    file.numbers("half", &[], &[0.5]);
    file.numbers("skip", &[], &[SKIP]);
    file.numbers("outfactor", &[1, 1, 1, 1], &[OUT]);
    file.numbers("scale", &[], &[SCALE]);
    file.integers("axis1", &[1]);
    file.integers("axes23", &[2, 3]);
    file.numbers("twice", &[4], &[1.0, 1.0, 2.0, 2.0]);

    // The noise is divided by its level, which is known: 1 / (2 sigma) * 2 = 1 / sigma.
    file.node(("Reciprocal", &["sigma"], &["inverse"]), &[]);
    file.node(("Mul", &["inverse", "noisy"], &["x0"]), &[]);
    conv(file, "h0", "x0", "in", 3);
    file.node(("Unsqueeze", &["difficulty", "axis1"], &["d"]), &[]);
    let transposed = [("transB", Attribute::Integer(1))];
    file.node(("Gemm", &["d", "label.w", "label.b"], &["e"]), &transposed);
    file.node(("Sigmoid", &["e"], &["es"]), &[]);
    file.node(("Mul", &["e", "es"], &["embedding"]), &[]);
    file.node(("Gemm", &["embedding", "film.w", "film.b"], &["f"]), &transposed);
    file.node(("Unsqueeze", &["f", "axes23"], &["f4"]), &[]);
    let axis = [("axis", Attribute::Integer(1))];
    file.node(("Split", &["f4"], &["f.scale", "f.shift"]), &axis);
    file.node(("Add", &["f.scale", "one"], &["f.gain"]), &[]);
    norm(file, "n1", "h0", "norm1");
    file.node(("Mul", &["n1", "f.gain"], &["n1.a"]), &[]);
    file.node(("Add", &["n1.a", "f.shift"], &["n1.b"]), &[]);
    file.node(("Sigmoid", &["n1.b"], &["n1.s"]), &[]);
    file.node(("Mul", &["n1.b", "n1.s"], &["n1.c"]), &[]);
    conv(file, "h1", "n1.c", "body", 3);
    file.node(("Add", &["h0", "h1"], &["skip1"]), &[]);
    let squares =
        [("kernel_shape", Attribute::Integers(&[2, 2])), ("strides", Attribute::Integers(&[2, 2]))];
    file.node(("AveragePool", &["skip1"], &["small"]), &squares);
    conv(file, "h2", "small", "widen", 3);
    attention(file);
    conv(file, "proj", "mixed", "proj", 1);
    file.node(("Add", &["h2", "proj"], &["h3"]), &[]);
    let nearest = [
        ("mode", Attribute::Text("nearest")),
        ("coordinate_transformation_mode", Attribute::Text("asymmetric")),
        ("nearest_mode", Attribute::Text("floor")),
    ];
    file.node(("Resize", &["h3", "", "twice"], &["large"]), &nearest);
    file.node(("Concat", &["large", "skip1"], &["both"]), &axis);
    norm(file, "n3", "both", "norm3");
    file.node(("Sigmoid", &["n3"], &["n3.s"]), &[]);
    file.node(("Mul", &["n3", "n3.s"], &["n3.c"]), &[]);
    conv(file, "f0", "n3.c", "out", 3);
    file.node(("Mul", &["outfactor", "f0"], &["f1"]), &[]);
    file.node(("Mul", &["skip", "noisy"], &["f2"]), &[]);
    file.node(("Add", &["f1", "f2"], &["sum"]), &[]);
    file.node(("Clip", &["sum", "minus", "one"], &["denoised"]), &[]);
}

/// A normalisation of groups, as it is exported: reshaped, normalised, reshaped back, scaled, shifted.
fn norm(file: &mut File, output: &str, input: &str, name: &str) {
    let part = |part: &str| format!("{output}.{part}");
    let (groups, normed, shape, back, scaled) =
        (part("groups"), part("normed"), part("shape"), part("back"), part("scaled"));
    file.node(("Reshape", &[input, "groups"], &[&groups]), &[]);
    let epsilon = [("epsilon", Attribute::Number(1e-5))];
    file.node(("InstanceNormalization", &[&groups, "ones", "zeros"], &[&normed]), &epsilon);
    file.node(("Shape", &[input], &[&shape]), &[]);
    file.node(("Reshape", &[&normed, &shape], &[&back]), &[]);
    file.node(("Mul", &[&back, &format!("{name}.scale")], &[&scaled]), &[]);
    file.node(("Add", &[&scaled, &format!("{name}.shift")], &[output]), &[]);
}

fn attention(file: &mut File) {
    let (side, channels) = (SIDE as i64 / 2, WIDE as i64);
    let pixels = side * side;
    file.integers("rows", &[1, -1, pixels]);
    file.integers("heads", &[channels / 32, 32, pixels]);
    file.integers("back", &[1, channels, side, side]);
    norm(file, "n2", "h2", "norm2");
    file.node(("Conv", &["n2", "qkv.w", "qkv.b"], &["qkv"]), &[]);
    file.node(("Reshape", &["qkv", "rows"], &["flat"]), &[]);
    file.node(("Split", &["flat"], &["q", "k", "v"]), &[("axis", Attribute::Integer(1))]);
    file.node(("Mul", &["q", "scale"], &["q1"]), &[]);
    file.node(("Mul", &["k", "scale"], &["k1"]), &[]);
    file.node(("Reshape", &["q1", "heads"], &["q2"]), &[]);
    file.node(("Reshape", &["k1", "heads"], &["k2"]), &[]);
    file.node(("Reshape", &["v", "heads"], &["v2"]), &[]);
    let scores = [("equation", Attribute::Text("bct,bcs->bts"))];
    file.node(("Einsum", &["q2", "k2"], &["scores"]), &scores);
    file.node(("Softmax", &["scores"], &["shares"]), &[("axis", Attribute::Integer(-1))]);
    let mix = [("equation", Attribute::Text("bts,bcs->bct"))];
    file.node(("Einsum", &["shares", "v2"], &["mix"]), &mix);
    file.node(("Reshape", &["mix", "rows"], &["mixrows"]), &[]);
    file.node(("Reshape", &["mixrows", "back"], &["mixed"]), &[]);
}

fn plain(of: &dyn Fn(&str) -> Vec<f32>, noise: &[f32], difficulty: f32) -> Vec<f32> {
    let filter = |name: &str| (of(&format!("{name}.w")), of(&format!("{name}.b")));
    let conv = |x: &Image, name: &str, size| {
        let (w, b) = filter(name);
        x.conv((&w, &b), size)
    };
    let (gamma, beta) =
        (|name: &str| of(&format!("{name}.scale")), |name: &str| of(&format!("{name}.shift")));
    let noise = Image { channels: 1, side: SIDE, values: noise.to_vec() };
    let h0 = conv(&noise, "in", 3);
    let (w, b) = filter("label");
    let embedding: Vec<f32> = linear(&[difficulty], &w, &b).into_iter().map(silu).collect();
    let (w, b) = filter("film");
    let film = linear(&embedding, &w, &b);
    let (scale, shift) = film.split_at(NARROW);
    let gains: Vec<f32> = scale.iter().map(|s| s + 1.0).collect();
    let shifts: Vec<f32> =
        beta("norm1").iter().zip(&gains).zip(shift).map(|((b, g), t)| b * g + t).collect();
    let gains: Vec<f32> = gamma("norm1").iter().zip(&gains).map(|(a, g)| a * g).collect();
    let n1 = h0.group_norm(GROUPS, (&gains, &shifts)).map(silu);
    let skip = h0.add(&conv(&n1, "body", 3));
    let h2 = conv(&skip.pool(), "widen", 3);
    let n2 = h2.group_norm(GROUPS, (&gamma("norm2"), &beta("norm2")));
    let mixed = conv(&n2, "qkv", 1).attention(32, SCALE * SCALE);
    let h3 = h2.add(&conv(&mixed, "proj", 1));
    let both = h3.upsample().concat(&skip);
    let n3 = both.group_norm(GROUPS, (&gamma("norm3"), &beta("norm3"))).map(silu);
    let f = conv(&n3, "out", 3);
    let sum = f.values.iter().zip(&noise.values).map(|(f, x)| OUT * f + SKIP * SIGMA * x);
    sum.map(|x| x.clamp(-1.0, 1.0)).collect()
}

/// Level of the noise.
pub const SIGMA: f32 = 4.0;
