//! A language model of random weights, in the shape of the Llama family: tokens in, tokens out.
#![allow(dead_code, clippy::unwrap_used, reason = "shared by tests and a measurement")]
#![allow(clippy::many_single_char_names, reason = "names of the field")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]

use opml_core::graph::Request;
use opml_operator::geometry::{Matrix, Pairing};
use opml_operator::{REQUEST_BASE, WeightType};
use opml_runtime::Bundle;
use opml_runtime::build::{Attention, Builder, Cache, Place, Prompt, Vector, Weights};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

/// Where the prompt lies in the request's input: at an aligned region's beginning.
const PROMPT_OFFSET: usize = 4096 - 128;

/// Sizes of a model.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub layers: u32,
    pub hidden: u32,
    pub attention: Attention,
    pub feed_forward: u32,
    pub vocabulary: u32,
    /// Type of the layers' matrices.
    pub kind: WeightType,
    /// Type of the embedding table, which is the output head too.
    pub head_kind: WeightType,
}

impl Shape {
    /// SmolLM2-135M, for 1,024 positions.
    pub const fn smollm2(kind: WeightType) -> Self {
        let attention = Attention { head: 64, heads: 9, kv_heads: 3, capacity: 1024 };
        Self {
            layers: 30,
            hidden: 576,
            attention,
            feed_forward: 1536,
            vocabulary: 49_152,
            kind,
            head_kind: WeightType::Q8_0,
        }
    }
}

/// Weights that nobody trained.
struct Random(u64);

impl Random {
    fn word(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    /// Two half-precision numbers of magnitude around 2^-7.
    fn halves(&mut self) -> u32 {
        self.word() & 0x83ff_83ff | 0x2000_2000
    }

    /// A group of 16 rows.
    fn group(&mut self, matrix: &Matrix, bytes: &mut Vec<u8>) {
        let blocks = matrix.k / 32 * 8;
        let (integers, halves) = match matrix.kind {
            WeightType::Q8_0 => (16 * blocks, blocks),
            WeightType::Q4_0 => (8 * blocks, blocks),
            WeightType::Q4_1 => (8 * blocks, 2 * blocks),
            other => panic!("{other:?}"),
        };
        bytes.extend((0..integers).flat_map(|_| self.word().to_le_bytes()));
        bytes.extend((0..halves).flat_map(|_| self.halves().to_le_bytes()));
    }

    fn numbers(&mut self, count: u32) -> Vec<f32> {
        (0..count).map(|_| self.word() as f32 / u32::MAX as f32 + 0.5).collect()
    }
}

struct Model {
    build: Builder,
    random: Random,
    kind: WeightType,
}

impl Model {
    fn matrix(&mut self, rows: u32, k: u32) -> Weights {
        let matrix = Matrix { k, rows, kind: self.kind };
        let random = &mut self.random;
        let pack = |rows: std::ops::Range<u32>| {
            let mut bytes = Vec::new();
            (0..rows.len().div_ceil(16)).for_each(|_| random.group(&matrix, &mut bytes));
            bytes
        };
        self.build.matrix_of("matrix", matrix, pack).unwrap()
    }

    fn gain(&mut self, n: u32) -> Vector {
        let gain = self.random.numbers(n);
        self.build.vector("gain", &gain).unwrap()
    }

    /// Cosines and sines by position.
    fn table(&mut self, shape: &Attention) -> Vector {
        let pairs = shape.head / 2;
        let angle = |position: u32, pair: u32| {
            position as f32 / 10_000_f32.powf(pair as f32 / pairs as f32)
        };
        let row = |position| {
            let cosines = (0..pairs).map(move |pair| angle(position, pair).cos());
            cosines.chain((0..pairs).map(move |pair| angle(position, pair).sin()))
        };
        let table: Vec<f32> = (0..shape.capacity).flat_map(row).collect();
        self.build.vector("rope", &table).unwrap()
    }

    fn layer(&mut self, shape: &Shape, (x, table): (Vector, Vector), caches: [Cache; 2]) {
        let Shape { hidden, attention, feed_forward, .. } = *shape;
        let width = attention.head * attention.heads;
        let kv_width = attention.head * attention.kv_heads;
        let [wq, wk, wv] = [width, kv_width, kv_width].map(|rows| self.matrix(rows, hidden));
        let wo = self.matrix(hidden, width);
        let [gate, up] = [feed_forward; 2].map(|rows| self.matrix(rows, hidden));
        let down = self.matrix(hidden, feed_forward);
        let gains = [hidden; 2].map(|n| self.gain(n));
        let build = &mut self.build;
        let mark = build.mark();
        let h = build.rms_norm(x, gains[0], 1e-5).unwrap();
        let h = build.quantize(h).unwrap();
        let [q, k, v] = [wq, wk, wv].map(|w| build.matmul(w, h).unwrap());
        let turn = (table, attention.head);
        let [q, k] = [q, k].map(|x| build.rope_at(x, turn, Pairing::Halves).unwrap());
        build.remember(k, caches[0]).unwrap();
        build.remember(v, caches[1]).unwrap();
        let q = build.quantize(q).unwrap();
        let mixed = build.attend(attention, q, caches).unwrap();
        let mixed = build.quantize(mixed).unwrap();
        let out = build.matmul(wo, mixed).unwrap();
        build.add_into([x, out], x).unwrap();
        let h = build.rms_norm(x, gains[1], 1e-5).unwrap();
        let h = build.quantize(h).unwrap();
        let [gate, up] = [gate, up].map(|w| build.matmul(w, h).unwrap());
        let gate = build.silu(gate).unwrap();
        let h = build.mul(gate, up).unwrap();
        let h = build.quantize(h).unwrap();
        let out = build.matmul(down, h).unwrap();
        build.add_into([x, out], x).unwrap();
        build.release(mark);
    }
}

/// The model as a bundle in memory.
pub fn model(shape: &Shape) -> Bundle {
    let about = About { name: "random".into(), ..About::default() };
    let capacity = shape.attention.capacity;
    let input = Input::Bytes { max: 4096 + 4 * capacity };
    let build = Builder::new(about, input, ResultKind::Class { labels: Vec::new() });
    let mut model = Model { build, random: Random(88_172_645_463_325_252), kind: shape.head_kind };
    let embedding = model.matrix(shape.vocabulary, shape.hidden);
    model.kind = shape.kind;
    let table = model.table(&shape.attention);
    let log2_size = ((8 + capacity) * 4).next_power_of_two().ilog2().clamp(5, 12);
    let prompt =
        Prompt { place: Place { base: REQUEST_BASE + 4096, log2_size }, n: capacity.min(1000) };

    let (history, choice) = model.build.history(capacity).unwrap();
    // Memory for the numbers that all layers add to.
    let (stream, _) = model.build.history(shape.hidden.div_ceil(16)).unwrap();
    let cache = |_| [(); 2].map(|()| model.build.cache(shape.attention).unwrap());
    let caches: Vec<[Cache; 2]> = (0..shape.layers).map(cache).collect();
    model.build.begin_loop(capacity);
    let token = model.build.next_token(history, (prompt, choice), &[]).unwrap();
    let x = Vector { place: stream.place, n: shape.hidden };
    model.build.embed_into(embedding, token, x).unwrap();
    for caches in caches {
        model.layer(shape, (x, table), caches);
    }
    let gain = model.gain(shape.hidden);
    let build = &mut model.build;
    let h = build.rms_norm(x, gain, 1e-5).unwrap();
    let h = build.quantize(h).unwrap();
    let logits = build.matmul(embedding, h).unwrap();
    build.sample(logits, choice).unwrap();
    build.end_loop().unwrap();
    let tokens = Vector { place: history.place, n: 16 * capacity };
    build.emit(tokens, 64 * capacity).unwrap();
    model.build.finish().unwrap().bundle().unwrap()
}

/// Bytes of an input: a prompt.
pub fn prompt(tokens: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0; PROMPT_OFFSET];
    bytes.extend((tokens.len() as u32).to_le_bytes());
    bytes.extend([0; 28]);
    bytes.extend(tokens.iter().flat_map(|token| token.to_le_bytes()));
    bytes
}

/// A request for `most` tokens behind a prompt, drawn at a temperature that fits weights that nobody
/// trained.
pub fn request(input: &[u8], most: u32) -> Request<'_> {
    let mut params = [0; 28];
    (params[0], params[1], params[2]) = (100.0_f32.to_bits(), 40, most);
    Request::new(input, 7, params).unwrap()
}
