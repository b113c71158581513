//! A folder of Stable Diffusion: configurations, vocabulary, merges and files of tensors, each with edits. Nothing panics, and
//! nothing takes more memory than a small folder may.
#![no_main]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::fuzz_target;
use opml_import::safetensors::{
    Config, DiffusionError, Network, Options, Schedule, Stored, Tensors, Tokenizer, picture,
    program,
};
use opml_operator::WeightType;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input};
use serde_json::{Value, json};

#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "support/scratch.rs"]
mod scratch;

use draw::Draw;

fuzz_target!(|data: &[u8]| {
    let mut draw = Draw::new(data);
    let folder = scratch::folder();
    for name in ["text_encoder", "unet", "vae", "scheduler", "tokenizer"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    match draw.below(8) {
        0 | 1 => tensors(folder, &mut draw),
        2 | 3 => tokenizer(folder, &mut draw),
        _ => network(folder, &mut draw),
    }
});

/// A file of tensors, and questions for some of them.
fn tensors(folder: &Path, draw: &mut Draw<'_>) {
    let header = json!({
        "a": { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] },
        "b": { "dtype": "BF16", "shape": [4], "data_offsets": [24, 32] },
        "c": { "dtype": "F16", "shape": [2, 2, 1, 1], "data_offsets": [32, 40] },
    });
    let header = edited(&header, draw);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([7; 40]);
    while !draw.is_empty() {
        draw.edit(&mut bytes);
    }
    fs::write(folder.join("vae/model.safetensors"), bytes).unwrap();
    let Ok(stored) = Stored::open(&folder.join("vae")) else { return };
    for (name, shape) in
        [("a", &[2, 3][..]), ("a", &[2, 3, 1, 1]), ("b", &[4]), ("c", &[2, 2, 1, 1])]
    {
        if let Ok(numbers) = stored.numbers(name, shape) {
            assert_eq!(numbers.len(), shape.iter().product::<usize>());
        }
    }
}

/// Vocabulary and merges.
fn tokenizer(folder: &Path, draw: &mut Draw<'_>) {
    let folder = folder.join("tokenizer");
    let mut vocabulary = json!({
        "a": 0, "b": 1, "c": 2, "a</w>": 3, "b</w>": 4, "1</w>": 5, "ab": 6, "abc</w>": 7, "c</w>": 8,
        "<|startoftext|>": 9, "<|endoftext|>": 10, "!": 11,
    });
    for _ in 0..draw.below(4) {
        let keys: Vec<String> = vocabulary.as_object().unwrap().keys().cloned().collect();
        vocabulary[draw.pick(&keys)] = json!(draw.number());
    }
    let mut merges = b"#version: 0.2\na b\nab c</w>\n".to_vec();
    let mut map = br#"{"pad_token": {"content": "!"}}"#.to_vec();
    let mut text = vocabulary.to_string().into_bytes();
    while !draw.is_empty() {
        match draw.below(3) {
            0 => draw.edit(&mut merges),
            1 => draw.edit(&mut map),
            _ => draw.edit(&mut text),
        }
    }
    for (name, bytes) in
        [("vocab.json", text), ("merges.txt", merges), ("special_tokens_map.json", map)]
    {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let _ = Tokenizer::read(&folder);
}

/// Tensors that are asked for, as long as a small folder can hold them.
struct Any(AtomicUsize);

/// Elements of all tensors; each counts as some more.
const ROOM: usize = 1 << 21;

impl Any {
    const fn new() -> Self {
        Self(AtomicUsize::new(ROOM))
    }
}

impl Tensors for Any {
    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, DiffusionError> {
        let count = shape.iter().try_fold(1usize, |count, side| count.checked_mul(*side));
        let left = self.0.load(Ordering::Relaxed);
        match count.and_then(|count| left.checked_sub(count)?.checked_sub(1 << 11)) {
            Some(left) => {
                self.0.store(left, Ordering::Relaxed);
                Ok(vec![0.25; count.unwrap_or(0)])
            }
            None => Err(DiffusionError::Missing { name: name.to_owned() }),
        }
    }

    fn has(&self, name: &str) -> bool {
        // A network goes on as long as there is another block.
        let is_first = name.contains("transformer_blocks.0.");
        let is_bias = name.contains(".attn") && name.ends_with("bias") && !name.contains("to_out");
        !is_bias && (is_first || !name.contains("transformer_blocks."))
    }
}

/// The configurations of a network, and its program.
fn network(folder: &Path, draw: &mut Draw<'_>) {
    let names = [
        "text_encoder/config.json",
        "unet/config.json",
        "vae/config.json",
        "scheduler/scheduler_config.json",
    ];
    for (name, part) in names.iter().zip(configuration()) {
        fs::write(folder.join(name), edited(&part, draw)).unwrap();
    }
    let Ok(config) = Config::read(folder) else { return };
    let steps = draw.number() as u32;
    let _ = Schedule::new(&config.sampler, steps);
    let vocabulary =
        [("<|startoftext|>".to_owned(), 0), ("<|endoftext|>".to_owned(), 1)].into_iter().collect();
    let network = Network {
        config: &config,
        tokenizer: &Tokenizer::new(&vocabulary, "", "<|endoftext|>").unwrap(),
        text: &Any::new(),
        unet: &Any::new(),
        vae: &Any::new(),
    };
    let options =
        Options { steps: steps % 4, guidance: 1.0, prompt_bytes: 8, weights: WeightType::Q8_0 };
    let builder = Builder::new(About::default(), Input::Bytes { max: 8 }, picture(&config));
    match program(builder, &network, &options, &|_| {}) {
        Err(error) => drop(error.to_string()),
        Ok(builder) => drop(builder.finish()),
    }
}

/// The least network there is.
fn configuration() -> [Value; 4] {
    [
        json!({
            "vocab_size": 2, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 1, "max_position_embeddings": 4, "hidden_act": "quick_gelu",
            "layer_norm_eps": 1e-5,
        }),
        json!({
            "in_channels": 4, "out_channels": 4, "block_out_channels": [32],
            "down_block_types": ["CrossAttnDownBlock2D"], "layers_per_block": 1,
            "attention_head_dim": 1, "cross_attention_dim": 32, "norm_num_groups": 8,
            "norm_eps": 1e-5, "sample_size": 4, "freq_shift": 0,
        }),
        json!({
            "latent_channels": 4, "out_channels": 3, "block_out_channels": [32], "layers_per_block": 1,
            "norm_num_groups": 8, "scaling_factor": 0.18215,
        }),
        json!({
            "_class_name": "DDIMScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085,
            "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1,
            "prediction_type": "epsilon", "timestep_spacing": "leading",
        }),
    ]
}

const WORDS: [&str; 8] = [
    "v_prediction",
    "linear",
    "trailing",
    "linspace",
    "EulerDiscreteScheduler",
    "PNDMScheduler",
    "gelu",
    "DownBlock2D",
];

/// A text of JSON in which some numbers and words are others, and some lists longer or shorter.
fn edited(value: &Value, draw: &mut Draw<'_>) -> String {
    let mut value = value.clone();
    for _ in 0..draw.below(3) {
        if let Some(part) = part(&mut value, draw) {
            *part = match draw.below(8) {
                0 => json!(WORDS[draw.below(8)]),
                1 => json!([draw.number(), draw.number()]),
                2 => json!([32, 32]),
                3 => json!(f64::from_bits(draw.any())),
                4 => Value::Null,
                _ => json!(draw.number()),
            };
        }
    }
    value.to_string()
}

/// Any value inside.
fn part<'v>(value: &'v mut Value, draw: &mut Draw<'_>) -> Option<&'v mut Value> {
    let inside = match value {
        Value::Object(map) => map.len(),
        Value::Array(list) => list.len(),
        _ => 0,
    };
    if inside == 0 || value.is_array() && draw.below(4) == 0 {
        return Some(value);
    }
    let at = draw.below(inside);
    match value {
        Value::Object(map) => part(map.values_mut().nth(at)?, draw),
        Value::Array(list) => part(list.get_mut(at)?, draw),
        _ => None,
    }
}
