//! Sizes of a network, from the `config.json` of its parts as diffusers writes them.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::DiffusionError;

/// All parts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of the text encoder.
    pub text: Text,
    /// Of the network that removes noise.
    pub unet: Unet,
    /// Of the decoder from latent images to pixels.
    pub vae: Vae,
    /// Of the sampler.
    pub sampler: Sampler,
}

/// The text encoder of CLIP.
#[derive(Clone, Debug, Deserialize)]
pub struct Text {
    /// Tokens.
    pub vocab_size: u32,
    /// Elements of a token's row.
    pub hidden_size: u32,
    /// Elements inside a feed-forward block.
    pub intermediate_size: u32,
    /// Layers.
    pub num_hidden_layers: u32,
    /// Heads of attention.
    pub num_attention_heads: u32,
    /// Tokens of a text.
    #[serde(default = "positions")]
    pub max_position_embeddings: u32,
    /// The function between the two halves of a feed-forward block.
    #[serde(default = "quick_gelu")]
    pub hidden_act: String,
    /// Added to variances.
    #[serde(default = "epsilon_5")]
    pub layer_norm_eps: f32,
}

/// The network that removes noise.
#[derive(Clone, Debug, Deserialize)]
pub struct Unet {
    /// Channels of the latent image.
    pub in_channels: u32,
    /// Channels of what it answers.
    pub out_channels: u32,
    /// Channels at each resolution.
    pub block_out_channels: Vec<u32>,
    /// Which of the resolutions have attention.
    pub down_block_types: Vec<String>,
    /// Residual blocks at each resolution.
    pub layers_per_block: u32,
    /// Heads at each resolution: one number for all, or one each.
    pub attention_head_dim: Heads,
    /// Elements of a token's row.
    pub cross_attention_dim: u32,
    /// Groups of channels that are normalised together.
    #[serde(default = "groups")]
    pub norm_num_groups: u32,
    /// Added to variances.
    #[serde(default = "epsilon_5")]
    pub norm_eps: f32,
    /// Height and width of the latent image.
    pub sample_size: u32,
    /// Whether cosines stand in front of sines.
    #[serde(default = "yes")]
    pub flip_sin_to_cos: bool,
    /// Subtracted from the number of frequencies.
    #[serde(default)]
    pub freq_shift: f64,
}

/// Heads at each resolution.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Heads {
    /// The same at all.
    One(u32),
    /// Each its own.
    Each(Vec<u32>),
}

/// The decoder from latent images to pixels.
#[derive(Clone, Debug, Deserialize)]
pub struct Vae {
    /// Channels of the latent image.
    pub latent_channels: u32,
    /// Channels of pixels.
    #[serde(default = "colours")]
    pub out_channels: u32,
    /// Channels at each resolution, the finest first.
    pub block_out_channels: Vec<u32>,
    /// Residual blocks at each resolution, but for one more when decoding.
    pub layers_per_block: u32,
    /// Groups of channels that are normalised together.
    #[serde(default = "groups")]
    pub norm_num_groups: u32,
    /// What the latent image was multiplied by.
    #[serde(default = "scaling")]
    pub scaling_factor: f32,
}

/// The sampler: its noise levels and what the network predicts.
#[derive(Clone, Debug, Deserialize)]
pub struct Sampler {
    /// Name of the class in diffusers.
    #[serde(rename = "_class_name", default)]
    pub class: String,
    /// Steps of training.
    pub num_train_timesteps: u32,
    /// First noise of a step of training.
    pub beta_start: f64,
    /// Last one.
    pub beta_end: f64,
    /// How it grows.
    pub beta_schedule: String,
    /// Added to steps with the spacing "leading".
    #[serde(default)]
    pub steps_offset: u32,
    /// Whether nothing is left of the noise behind the last step.
    #[serde(default)]
    pub set_alpha_to_one: bool,
    /// "epsilon" or "`v_prediction`".
    #[serde(default = "noise")]
    pub prediction_type: String,
    /// "leading", "trailing" or "linspace".
    #[serde(default = "leading")]
    pub timestep_spacing: String,
}

/// Most residual blocks at a resolution; networks have two or three.
const MOST_BLOCKS: u32 = 64;

impl Config {
    /// The configuration in a folder of diffusers.
    pub fn read(folder: &Path) -> Result<Self, DiffusionError> {
        let config = Self {
            text: read(&folder.join("text_encoder/config.json"))?,
            unet: read(&folder.join("unet/config.json"))?,
            vae: read(&folder.join("vae/config.json"))?,
            sampler: read(&folder.join("scheduler/scheduler_config.json"))?,
        };
        // They are listed before the first of their tensors is looked for.
        let blocks = config.unet.layers_per_block.max(config.vae.layers_per_block);
        if blocks > MOST_BLOCKS {
            let value = blocks.to_string();
            return Err(DiffusionError::Property { key: "layers_per_block", value });
        }
        Ok(config)
    }
}

impl Unet {
    /// Heads at a resolution.
    pub fn heads(&self, level: usize) -> u32 {
        match &self.attention_head_dim {
            Heads::One(heads) => *heads,
            Heads::Each(heads) => heads.get(level).copied().unwrap_or(1),
        }
    }

    /// Whether a resolution has attention.
    pub fn attends(&self, level: usize) -> bool {
        self.down_block_types.get(level).is_some_and(|name| name.starts_with("CrossAttn"))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, DiffusionError> {
    let text =
        fs::read(path).map_err(|source| DiffusionError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&text)
        .map_err(|source| DiffusionError::Json { path: path.to_owned(), source })
}

const fn positions() -> u32 {
    77
}

fn quick_gelu() -> String {
    "quick_gelu".into()
}

const fn epsilon_5() -> f32 {
    1e-5
}

const fn groups() -> u32 {
    32
}

const fn yes() -> bool {
    true
}

const fn colours() -> u32 {
    3
}

const fn scaling() -> f32 {
    0.18215
}

fn noise() -> String {
    "epsilon".into()
}

fn leading() -> String {
    "leading".into()
}
