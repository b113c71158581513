//! A network of Stable Diffusion's parts with random weights, of any size, and its files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use opml_import::safetensors::{
    Config, DiffusionError, Network, Options, Tensors, Tokenizer, picture, program,
};
use opml_operator::WeightType;
use opml_runtime::Bundle;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input};
use serde_json::{Value, json};

/// What the small network draws.
pub const PROMPT: &str = "a Cat on 2 maps";
/// From what noise.
pub const SEED: u64 = 7;
/// Longest text of a request, in bytes.
pub const PROMPT_BYTES: u32 = 64;
/// In so many steps.
pub const STEPS: u32 = 3;

/// Weights that depend on their names alone. Remembers what it was asked for.
#[derive(Default)]
pub struct Random {
    asked: RefCell<BTreeMap<String, Vec<usize>>>,
}

impl Tensors for Random {
    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, DiffusionError> {
        self.asked.borrow_mut().insert(name.to_owned(), shape.to_vec());
        let inputs: usize = shape.iter().skip(1).product();
        let count: usize = shape.iter().product();
        let (middle, width) = match shape {
            [_] if name.contains("norm") && name.ends_with("weight") => (1.0, 0.2),
            [_] => (0.0, 0.1),
            _ if name.contains("embedding.weight") => (0.0, 1.0),
            _ => (0.0, (3.0 / inputs as f32).sqrt()),
        };
        let start = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        Ok((0..count as u64).map(|index| middle + width * uniform(start ^ index)).collect())
    }

    fn has(&self, name: &str) -> bool {
        let second =
            name.contains("transformer_blocks.") && !name.contains("transformer_blocks.0.");
        let cross = name.contains("attn1.") || name.contains("attn2.");
        let unbiased = cross && !name.contains("to_out") && name.ends_with("bias");
        !second && !unbiased
    }
}

/// A number between -1 and 1.
fn uniform(index: u64) -> f32 {
    let mut z = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 40) as f32 / (1u32 << 23) as f32 - 1.0
}

impl Random {
    /// What it was asked for: names and shapes.
    pub fn asked(&self) -> BTreeMap<String, Vec<usize>> {
        self.asked.borrow().clone()
    }
}

/// Two resolutions of 32 and 64 channels, texts of 16 tokens of 64 elements, pictures of 32 x 32 pixels.
pub fn configuration(sampler: &Value) -> [Value; 4] {
    [
        json!({
            "vocab_size": 520, "hidden_size": 64, "intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 16,
            "hidden_act": "quick_gelu",
        }),
        json!({
            "in_channels": 4, "out_channels": 4, "block_out_channels": [32, 64],
            "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "layers_per_block": 1,
            "attention_head_dim": 2, "cross_attention_dim": 64, "norm_num_groups": 32,
            "sample_size": 16,
        }),
        json!({
            "latent_channels": 4, "block_out_channels": [32, 64], "layers_per_block": 1,
            "norm_num_groups": 8, "scaling_factor": 0.18215,
        }),
        sampler.clone(),
    ]
}

/// The sampler of Stable Diffusion 1.5 without noise of its own.
pub fn ddim() -> Value {
    json!({
        "_class_name": "DDIMScheduler", "num_train_timesteps": 1000, "beta_start": 0.00085,
        "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1,
        "prediction_type": "epsilon", "timestep_spacing": "leading",
    })
}

/// Bytes and marked bytes, a few joined ones, and the special tokens.
pub fn vocabulary() -> (Value, &'static str) {
    let letters = |byte: u8| byte.is_ascii_graphic();
    let mut tokens: Vec<String> = Vec::new();
    for mark in ["", "</w>"] {
        tokens
            .extend((0..128).filter(|byte| letters(*byte)).map(|b| format!("{}{mark}", b as char)));
    }
    tokens.extend(["ca", "cat</w>", "on</w>"].map(str::to_owned));
    tokens.extend(["<|startoftext|>", "<|endoftext|>"].map(str::to_owned));
    tokens.extend(["'s</w>", ",.</w>"].map(str::to_owned));
    let map: BTreeMap<String, usize> = tokens.into_iter().zip(0..).collect();
    (json!(map), "#version: 0.2\nc a\nca t</w>\no n</w>\n' s</w>\n, .</w>\n")
}

/// Writes the folder of a network but for its tensors.
pub fn write_configuration(folder: &Path, parts: &[Value; 4]) {
    let names = ["text_encoder", "unet", "vae", "scheduler", "tokenizer"];
    for name in names {
        fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    for (name, part) in names.iter().zip(parts) {
        let file = if *name == "scheduler" { "scheduler_config.json" } else { "config.json" };
        fs::write(folder.join(name).join(file), part.to_string()).expect("written");
    }
    let (tokens, merges) = vocabulary();
    let tokenizer = folder.join("tokenizer");
    fs::write(tokenizer.join("vocab.json"), tokens.to_string()).expect("written");
    fs::write(tokenizer.join("merges.txt"), merges).expect("written");
}

/// Three steps with guidance.
pub fn options(weights: WeightType) -> Options {
    Options { steps: STEPS, prompt_bytes: PROMPT_BYTES, weights, ..Options::default() }
}

/// A small network without files of its tensors: its bundle, in `folder/bundle`.
pub fn random(folder: &Path, weights: WeightType) -> Bundle {
    let options = &options(weights);
    write_configuration(folder, &configuration(&ddim()));
    let config = Config::read(folder).expect("a configuration");
    let tensors = Random::default();
    let network = Network {
        config: &config,
        tokenizer: &Tokenizer::read(&folder.join("tokenizer")).expect("imported"),
        text: &tensors,
        unet: &tensors,
        vae: &tensors,
    };
    let (input, target) = (Input::Bytes { max: PROMPT_BYTES }, folder.join("bundle"));
    let builder = Builder::in_folder(About::default(), (input, picture(&config)), &target);
    let builder = program(builder.expect("a folder"), &network, options, &|_| {});
    builder.expect("imported").finish_folder().expect("imported");
    Bundle::open(&target).expect("imported")
}
