//! A GGUF file of a small model with random weights, of every tensor type and either tokenizer.
#![allow(dead_code, reason = "not every test uses all of it")]
#![allow(clippy::needless_for_each, reason = "a line a field")]

use std::path::{Path, PathBuf};

/// Sizes of a model, and how its matrices are stored.
#[derive(Clone, Copy)]
pub struct Shape {
    pub width: u64,
    pub inner: u64,
    pub heads: u32,
    pub kv_heads: u32,
    /// ggml's types of the embedding and of an output head.
    pub ends: [u32; 2],
    /// Type of the matrix at a place of a layer.
    pub kind: fn(u32, u32) -> u32,
}

/// All types of blocks of 32 in every layer, each in another place.
pub const SMALL: Shape = Shape {
    width: 64,
    inner: 96,
    heads: 2,
    kv_heads: 1,
    ends: [8, 3],
    kind: |layer, place| [0, 1, 2, 3, 8][((place + layer) % 5) as usize],
};

/// K-quants as llama.cpp's `Q4_K_M` mixes them: 6 bits for values, for what leads out of half of the feed-forward
/// blocks, and for the head; 4 bits for the rest.
pub const MIXED: Shape = Shape {
    width: 256,
    inner: 512,
    heads: 4,
    kv_heads: 2,
    ends: [12, 14],
    kind: |layer, place| if place == 2 || place == 6 && layer == 0 { 14 } else { 12 },
};

const LAYERS: u32 = 2;

/// A value of the metadata.
#[derive(Clone)]
pub enum Value {
    Integer(u32),
    Number(f32),
    Flag(bool),
    Text(String),
    Texts(Vec<String>),
    Integers(Vec<i32>),
    Numbers(Vec<f32>),
}

/// A tensor: name, shape, ggml's type, bytes.
pub type Tensor = (String, Vec<u64>, u32, Vec<u8>);

/// A file in the making.
#[derive(Clone)]
pub struct File {
    pub metadata: Vec<(String, Value)>,
    pub tensors: Vec<Tensor>,
}

impl File {
    pub fn set(&mut self, key: &str, value: Value) {
        self.metadata.retain(|(known, _)| known != key);
        self.metadata.push((key.into(), value));
    }

    pub fn write(&self, folder: &Path) -> PathBuf {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.metadata.len() as u64).to_le_bytes());
        for (key, value) in &self.metadata {
            text(&mut out, key);
            write_value(&mut out, value);
        }
        let mut offset = 0u64;
        for (name, shape, kind, bytes) in &self.tensors {
            text(&mut out, name);
            out.extend((shape.len() as u32).to_le_bytes());
            shape.iter().for_each(|size| out.extend(size.to_le_bytes()));
            out.extend(kind.to_le_bytes());
            out.extend(offset.to_le_bytes());
            offset += (bytes.len() as u64).next_multiple_of(32);
        }
        for (.., bytes) in &self.tensors {
            out.resize(out.len().next_multiple_of(32), 0);
            out.extend(bytes);
        }
        let path = folder.join("model.gguf");
        std::fs::write(&path, out).unwrap();
        path
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    let list = |out: &mut Vec<u8>, kind: u32, count: usize| {
        out.extend(9u32.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend((count as u64).to_le_bytes());
    };
    match value {
        Value::Integer(value) => {
            out.extend(4u32.to_le_bytes());
            out.extend(value.to_le_bytes());
        }
        Value::Number(value) => {
            out.extend(6u32.to_le_bytes());
            out.extend(value.to_le_bytes());
        }
        Value::Flag(value) => {
            out.extend(7u32.to_le_bytes());
            out.push(u8::from(*value));
        }
        Value::Text(value) => {
            out.extend(8u32.to_le_bytes());
            text(out, value);
        }
        Value::Texts(values) => {
            list(out, 8, values.len());
            values.iter().for_each(|value| text(out, value));
        }
        Value::Integers(values) => {
            list(out, 5, values.len());
            values.iter().for_each(|value| out.extend(value.to_le_bytes()));
        }
        Value::Numbers(values) => {
            list(out, 6, values.len());
            values.iter().for_each(|value| out.extend(value.to_le_bytes()));
        }
    }
}

/// The splitmix64 generator.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }

    /// About -0.25 to 0.25.
    fn number(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 25) as f32 - 0.25
    }
}

/// A half of about `value`, which is a power of two from 2^-14 on.
fn half(value: f32) -> [u8; 2] {
    (((value.to_bits() >> 23) as u16 - 112) << 10).to_le_bytes()
}

/// A matrix of a type with random elements.
pub fn matrix(name: &str, [k, rows]: [u64; 2], kind: u32, random: &mut Random) -> Tensor {
    let (elements, blocks) = (k * rows, k * rows / 32);
    let mut bytes = Vec::new();
    match kind {
        0 => (0..elements).for_each(|_| bytes.extend(random.number().to_le_bytes())),
        1 => (0..elements).for_each(|_| {
            let sign = u16::from(random.byte() & 1) << 15;
            let exponent = 9 + u16::from(random.byte() % 4);
            bytes.extend((sign | exponent << 10 | u16::from(random.byte()) << 2).to_le_bytes());
        }),
        2 | 3 | 8 => (0..blocks).for_each(|_| {
            let (scale, count) = if kind == 8 { (1.0 / 512.0, 32) } else { (1.0 / 32.0, 16) };
            bytes.extend(half(scale));
            if kind == 3 {
                bytes.extend([half(0.25)[0], half(0.25)[1] | 0x80]);
            }
            (0..count).for_each(|_| bytes.push(random.byte()));
        }),
        // Of 256 elements: 4 bits with halves in front, 6 bits with a half at the end.
        12 => (0..elements / 256).for_each(|_| {
            bytes.extend([half(1.0 / 1024.0), half(1.0 / 1024.0)].concat());
            (0..140).for_each(|_| bytes.push(random.byte()));
        }),
        14 => (0..elements / 256).for_each(|_| {
            (0..208).for_each(|_| bytes.push(random.byte()));
            bytes.extend(half(1.0 / 16384.0));
        }),
        // Of a type without a kernel nothing is read.
        _ => bytes.resize(elements as usize, 0),
    }
    (name.into(), vec![k, rows], kind, bytes)
}

fn gains(name: &str, width: u64, random: &mut Random) -> Tensor {
    let bytes = (0..width).flat_map(|_| (1.0 + random.number()).to_le_bytes()).collect();
    (name.into(), vec![width], 0, bytes)
}

/// The small model; `tied`: without an output head of its own.
pub fn model(tokenizer: &[(&str, Value)], tokens: u64, tied: bool) -> File {
    model_of(SMALL, tokenizer, (tokens, tied))
}

/// A model of a shape, of so many tokens.
pub fn model_of(shape: Shape, tokenizer: &[(&str, Value)], (tokens, tied): (u64, bool)) -> File {
    let random = &mut Random(7);
    let Shape { width, inner, heads, kv_heads, ends, kind } = shape;
    let cached = width / u64::from(heads) * u64::from(kv_heads);
    let mut tensors = vec![matrix("token_embd.weight", [width, tokens], ends[0], random)];
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        let kind = |place: u32| kind(layer, place);
        tensors.extend([
            gains(&name("attn_norm"), width, random),
            matrix(&name("attn_q"), [width, width], kind(0), random),
            matrix(&name("attn_k"), [width, cached], kind(1), random),
            matrix(&name("attn_v"), [width, cached], kind(2), random),
            matrix(&name("attn_output"), [width, width], kind(3), random),
            gains(&name("ffn_norm"), width, random),
            matrix(&name("ffn_gate"), [width, inner], kind(4), random),
            matrix(&name("ffn_up"), [width, inner], kind(5), random),
            matrix(&name("ffn_down"), [inner, width], kind(6), random),
        ]);
    }
    tensors.push(gains("output_norm.weight", width, random));
    if !tied {
        tensors.push(matrix("output.weight", [width, tokens], ends[1], random));
    }
    let sizes = [
        ("block_count", LAYERS),
        ("context_length", 64),
        ("embedding_length", width as u32),
        ("feed_forward_length", inner as u32),
        ("attention.head_count", heads),
        ("attention.head_count_kv", kv_heads),
    ];
    let mut metadata = vec![
        ("general.architecture".into(), Value::Text("llama".into())),
        ("general.name".into(), Value::Text("small".into())),
        ("llama.attention.layer_norm_rms_epsilon".into(), Value::Number(1e-5)),
        ("llama.rope.freq_base".into(), Value::Number(10_000.0)),
    ];
    metadata.extend(sizes.map(|(key, size)| (format!("llama.{key}"), Value::Integer(size))));
    metadata
        .extend(tokenizer.iter().map(|(key, value)| (format!("tokenizer.{key}"), value.clone())));
    File { metadata, tensors }
}

/// A byte-level tokenizer: three special tokens, the bytes' letters, a few joined ones.
pub fn byte_level() -> (Vec<(&'static str, Value)>, u64) {
    let plain = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let mut hidden = 0x100;
    let mut tokens: Vec<String> = ["<|end|>", "<|user|>", "<|model|>"].map(String::from).into();
    for byte in 0..=255u8 {
        let code = if plain(byte) { u32::from(byte) } else { hidden };
        hidden += u32::from(!plain(byte));
        tokens.push(char::from_u32(code).unwrap().to_string());
    }
    let merges = ["t h", "th e", "Ġ the", "i n", "a b", "ab c", "Ã ©"];
    tokens.extend(merges.map(|merge| merge.replace(' ', "")));
    let kinds = (0..tokens.len()).map(|id| if id < 3 { 3 } else { 1 }).collect();
    let count = tokens.len() as u64;
    let template = "{% for m in messages %}<|{{ 'user' if m.role == 'user' else 'model' }}|>\n\
                    {{ m.content }}<|end|>{% endfor %}\
                    {% if add_generation_prompt %}<|model|>\n{% endif %}";
    let values = vec![
        ("ggml.model", Value::Text("gpt2".into())),
        ("ggml.pre", Value::Text("smollm".into())),
        ("ggml.tokens", Value::Texts(tokens)),
        ("ggml.token_type", Value::Integers(kinds)),
        ("ggml.merges", Value::Texts(merges.map(String::from).into())),
        ("ggml.eos_token_id", Value::Integer(0)),
        ("chat_template", Value::Text(template.into())),
    ];
    (values, count)
}

/// A tokenizer of characters with scores and bytes for all else.
pub fn characters() -> (Vec<(&'static str, Value)>, u64) {
    let mut tokens: Vec<String> = ["<unk>", "<s>", "</s>"].map(String::from).into();
    tokens.extend((0..=255).map(|byte| format!("<0x{byte:02X}>")));
    let words = ["▁", "t", "h", "e", "a", "é", "th", "▁t", "▁th", "▁the", "the", "ea"];
    tokens.extend(words.map(String::from));
    let kinds = (0..tokens.len()).map(|id| match id {
        0 => 2,
        1 | 2 => 3,
        3..=258 => 6,
        _ => 1,
    });
    let kinds = kinds.collect();
    let scores = (0..tokens.len()).map(|id| if id < 259 { 0.0 } else { -(id as f32) }).collect();
    let count = tokens.len() as u64;
    let values = vec![
        ("ggml.model", Value::Text("llama".into())),
        ("ggml.tokens", Value::Texts(tokens)),
        ("ggml.token_type", Value::Integers(kinds)),
        ("ggml.scores", Value::Numbers(scores)),
        ("ggml.bos_token_id", Value::Integer(1)),
        ("ggml.eos_token_id", Value::Integer(2)),
        ("ggml.add_bos_token", Value::Flag(true)),
    ];
    (values, count)
}
