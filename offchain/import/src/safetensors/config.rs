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

/// Most residual blocks at a resolution; networks have two or three. They are listed before the first of their tensors is
/// looked for.
const MOST_BLOCKS: u32 = 64;
/// Most resolutions; networks have four.
const MOST_LEVELS: usize = 16;
/// Most layers of the text encoder; those of 2.1 are 23.
const MOST_LAYERS: u32 = 256;
/// Most channels, elements of a row, positions or pixels of a side, so that products of two of them and a filter's nine
/// places are numbers of 32 bits.
const WIDEST: u32 = 1 << 14;
/// Most tokens.
const MOST_TOKENS: u32 = 1 << 20;

impl Config {
    /// The configuration in a folder of diffusers.
    pub fn read(folder: &Path) -> Result<Self, DiffusionError> {
        let config = Self {
            text: read(&folder.join("text_encoder/config.json"))?,
            unet: read(&folder.join("unet/config.json"))?,
            vae: read(&folder.join("vae/config.json"))?,
            sampler: read(&folder.join("scheduler/scheduler_config.json"))?,
        };
        config.text.check()?;
        config.unet.check()?;
        config.vae.check()?;
        Ok(config)
    }
}

/// Refuses a property that is larger than any network's.
fn at_most(most: u32, properties: &[(&'static str, u32)]) -> Result<(), DiffusionError> {
    let refused = |(key, value): &(&'static str, u32)| DiffusionError::Property {
        key,
        value: value.to_string(),
    };
    properties.iter().find(|(_, value)| *value > most).map_or(Ok(()), |found| Err(refused(found)))
}

/// The same of properties that each resolution has.
fn levels(key: &'static str, values: &[u32]) -> Result<(), DiffusionError> {
    if values.len() > MOST_LEVELS {
        let value = format!("{} of them", values.len());
        return Err(DiffusionError::Property { key, value });
    }
    let values: Vec<(&'static str, u32)> = values.iter().map(|value| (key, *value)).collect();
    at_most(WIDEST, &values)
}

impl Text {
    fn check(&self) -> Result<(), DiffusionError> {
        at_most(MOST_TOKENS, &[("vocab_size", self.vocab_size)])?;
        at_most(MOST_LAYERS, &[("num_hidden_layers", self.num_hidden_layers)])?;
        let sizes = [
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_attention_heads", self.num_attention_heads),
            ("max_position_embeddings", self.max_position_embeddings),
        ];
        at_most(WIDEST, &sizes)
    }
}

impl Vae {
    fn check(&self) -> Result<(), DiffusionError> {
        at_most(MOST_BLOCKS, &[("layers_per_block", self.layers_per_block)])?;
        levels("block_out_channels", &self.block_out_channels)?;
        let sizes = [
            ("latent_channels", self.latent_channels),
            ("out_channels", self.out_channels),
            ("norm_num_groups", self.norm_num_groups),
        ];
        at_most(WIDEST, &sizes)
    }
}

impl Unet {
    fn check(&self) -> Result<(), DiffusionError> {
        at_most(MOST_BLOCKS, &[("layers_per_block", self.layers_per_block)])?;
        levels("block_out_channels", &self.block_out_channels)?;
        let heads = match &self.attention_head_dim {
            Heads::One(heads) => std::slice::from_ref(heads),
            Heads::Each(heads) => heads,
        };
        levels("attention_head_dim", heads)?;
        let sizes = [
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("cross_attention_dim", self.cross_attention_dim),
            ("norm_num_groups", self.norm_num_groups),
            ("sample_size", self.sample_size),
        ];
        at_most(WIDEST, &sizes)
    }

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
