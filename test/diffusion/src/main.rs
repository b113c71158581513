//! The picture that candle's Stable Diffusion makes of the small network of `offchain/import`'s tests,
//! and how far another one is from it.
//!
//! ```text
//! peer-diffusion FOLDER PROMPT SEED STEPS GUIDANCE OUTPUT [OTHER]
//! ```
//!
//! FOLDER is laid out as diffusers does. Words of the prompt are letters and single digits between
//! spaces. OUTPUT gets three bytes a pixel; OTHER is a file of the same kind.

mod noise;
mod tokens;
mod weights;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::{Device, Tensor};
use candle_transformers::models::clip::text_model::{
    Activation, ClipTextConfig, ClipTextTransformer,
};
use candle_transformers::models::stable_diffusion::ddim::DDIMSchedulerConfig;
use candle_transformers::models::stable_diffusion::schedulers::SchedulerConfig;
use candle_transformers::models::stable_diffusion::unet_2d::{
    BlockConfig, UNet2DConditionModel, UNet2DConditionModelConfig,
};
use candle_transformers::models::stable_diffusion::vae::{AutoEncoderKL, AutoEncoderKLConfig};
use serde_json::Value;

/// What is to be drawn.
struct Task {
    folder: PathBuf,
    prompt: String,
    seed: u64,
    steps: usize,
    guidance: f64,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, prompt, seed, steps, guidance, output, other @ ..] = &arguments[..] else {
        bail!("FOLDER PROMPT SEED STEPS GUIDANCE OUTPUT [OTHER]");
    };
    let task = Task {
        folder: folder.into(),
        prompt: prompt.clone(),
        seed: seed.parse()?,
        steps: steps.parse()?,
        guidance: guidance.parse()?,
    };
    let picture = task.draw()?;
    fs::write(output, &picture)?;
    for other in other {
        println!("{:.2} dB", psnr(&picture, &fs::read(other)?)?);
    }
    Ok(())
}

/// Of bytes.
fn psnr(a: &[u8], b: &[u8]) -> Result<f64> {
    if a.len() != b.len() {
        bail!("{} bytes against {}", a.len(), b.len());
    }
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let mean = a.iter().zip(b).map(square).sum::<f64>() / a.len() as f64;
    Ok(10.0 * (255.0f64.powi(2) / mean).log10())
}

fn number(config: &Value, key: &str) -> Result<usize> {
    let value = config[key].as_u64().with_context(|| format!("no {key}"))?;
    Ok(value as usize)
}

fn numbers(config: &Value, key: &str) -> Result<Vec<usize>> {
    let values = config[key].as_array().with_context(|| format!("no {key}"))?;
    Ok(values.iter().filter_map(Value::as_u64).map(|value| value as usize).collect())
}

fn config(folder: &Path) -> Result<Value> {
    Ok(serde_json::from_slice(&fs::read(folder.join("config.json"))?)?)
}

impl Task {
    fn draw(&self) -> Result<Vec<u8>> {
        let texts = self.texts()?;
        let latent = self.denoise(&texts)?;
        let image = self.decode(&(latent / 0.18215)?)?;
        let image = ((image / 2.)? + 0.5)?.clamp(0f32, 1f32)?;
        let pixels = image.squeeze(0)?.permute((1, 2, 0))?.flatten_all()?.to_vec1::<f32>()?;
        Ok(pixels.into_iter().map(|x| (x * 255.0).round_ties_even() as u8).collect())
    }

    /// Rows of the prompt and of an empty text.
    fn texts(&self) -> Result<[Tensor; 2]> {
        let folder = self.folder.join("text_encoder");
        let config = config(&folder)?;
        let positions = number(&config, "max_position_embeddings")?;
        let shape = ClipTextConfig {
            vocab_size: number(&config, "vocab_size")?,
            embed_dim: number(&config, "hidden_size")?,
            activation: Activation::QuickGelu,
            intermediate_size: number(&config, "intermediate_size")?,
            max_position_embeddings: positions,
            pad_with: None,
            num_hidden_layers: number(&config, "num_hidden_layers")?,
            num_attention_heads: number(&config, "num_attention_heads")?,
            projection_dim: number(&config, "hidden_size")?,
        };
        let weights = weights::open(&folder.join("model.safetensors"))?;
        let encoder = ClipTextTransformer::new(weights.pp("text_model"), &shape)?;
        let rows = |text: &str| -> Result<Tensor> {
            let tokens = tokens::tokens(&self.folder.join("tokenizer"), text, positions)?;
            let tokens = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
            Ok(encoder.forward_with_mask(&tokens, usize::MAX)?)
        };
        Ok([rows(&self.prompt)?, rows("")?])
    }

    fn denoise(&self, [prompt, nothing]: &[Tensor; 2]) -> Result<Tensor> {
        let folder = self.folder.join("unet");
        let config = config(&folder)?;
        let heads = number(&config, "attention_head_dim")?;
        let types = config["down_block_types"].as_array().context("no down_block_types")?.clone();
        let blocks = numbers(&config, "block_out_channels")?.into_iter().zip(types);
        let blocks = blocks.map(|(out_channels, name)| BlockConfig {
            out_channels,
            use_cross_attn: (name == "CrossAttnDownBlock2D").then_some(1),
            attention_head_dim: heads,
        });
        let shape = UNet2DConditionModelConfig {
            blocks: blocks.collect(),
            layers_per_block: number(&config, "layers_per_block")?,
            norm_num_groups: number(&config, "norm_num_groups")?,
            cross_attention_dim: number(&config, "cross_attention_dim")?,
            ..UNet2DConditionModelConfig::default()
        };
        let weights = weights::open(&folder.join("model.safetensors"))?;
        let unet = UNet2DConditionModel::new(weights, 4, 4, false, shape)?;
        let side = number(&config, "sample_size")?;
        let noise = noise::image(self.seed, side * side * 4);
        let mut latent = Tensor::from_vec(noise, (1, side, side, 4), &Device::Cpu)?
            .permute((0, 3, 1, 2))?
            .contiguous()?;
        let mut sampler = DDIMSchedulerConfig::default().build(self.steps)?;
        for timestep in sampler.timesteps().to_vec() {
            let predict = |text| unet.forward(&latent, timestep as f64, text);
            let (with, without) = (predict(prompt)?, predict(nothing)?);
            let guided = (&without + ((with - &without)? * self.guidance)?)?;
            latent = sampler.step(&guided, timestep, &latent)?;
        }
        Ok(latent)
    }

    fn decode(&self, latent: &Tensor) -> Result<Tensor> {
        let folder = self.folder.join("vae");
        let config = config(&folder)?;
        let shape = AutoEncoderKLConfig {
            block_out_channels: numbers(&config, "block_out_channels")?,
            layers_per_block: number(&config, "layers_per_block")?,
            latent_channels: number(&config, "latent_channels")?,
            norm_num_groups: number(&config, "norm_num_groups")?,
            use_quant_conv: true,
            use_post_quant_conv: true,
        };
        let weights = weights::open(&folder.join("model.safetensors"))?;
        Ok(AutoEncoderKL::new(weights, 3, 3, shape)?.decode(latent)?)
    }
}
