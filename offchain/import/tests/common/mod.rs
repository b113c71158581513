//! A GGUF file of a small model with random weights, of every tensor type and either tokenizer.
#![allow(dead_code, reason = "not every test uses all of it")]
#![allow(clippy::needless_for_each, reason = "a line a field")]

use std::path::{Path, PathBuf};

/// Sizes of the model.
pub const WIDTH: u64 = 64;
pub const INNER: u64 = 96;
pub const HEADS: u32 = 2;
pub const KV_HEADS: u32 = 1;
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
        // Of a type without a kernel nothing is read.
        _ => bytes.resize(elements as usize, 0),
    }
    (name.into(), vec![k, rows], kind, bytes)
}

fn gains(name: &str, random: &mut Random) -> Tensor {
    let bytes = (0..WIDTH).flat_map(|_| (1.0 + random.number()).to_le_bytes()).collect();
    (name.into(), vec![WIDTH], 0, bytes)
}

/// The model; `tied`: without an output head of its own.
pub fn model(tokenizer: &[(&str, Value)], tokens: u64, tied: bool) -> File {
    let random = &mut Random(7);
    let cached = WIDTH / u64::from(HEADS) * u64::from(KV_HEADS);
    let mut tensors = vec![matrix("token_embd.weight", [WIDTH, tokens], 8, random)];
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        // All types in every layer, each in another place.
        let kind = |place: u32| [0, 1, 2, 3, 8][((place + layer) % 5) as usize];
        tensors.extend([
            gains(&name("attn_norm"), random),
            matrix(&name("attn_q"), [WIDTH, WIDTH], kind(0), random),
            matrix(&name("attn_k"), [WIDTH, cached], kind(1), random),
            matrix(&name("attn_v"), [WIDTH, cached], kind(2), random),
            matrix(&name("attn_output"), [WIDTH, WIDTH], kind(3), random),
            gains(&name("ffn_norm"), random),
            matrix(&name("ffn_gate"), [WIDTH, INNER], kind(4), random),
            matrix(&name("ffn_up"), [WIDTH, INNER], kind(5), random),
            matrix(&name("ffn_down"), [INNER, WIDTH], kind(6), random),
        ]);
    }
    tensors.push(gains("output_norm.weight", random));
    if !tied {
        tensors.push(matrix("output.weight", [WIDTH, tokens], 3, random));
    }
    let sizes = [
        ("block_count", LAYERS),
        ("context_length", 64),
        ("embedding_length", WIDTH as u32),
        ("feed_forward_length", INNER as u32),
        ("attention.head_count", HEADS),
        ("attention.head_count_kv", KV_HEADS),
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
