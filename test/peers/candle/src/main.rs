//! candle's quantized Llama, as a peer to compare with.
//!
//! * `peer-candle speed MODEL.gguf`: tokens a second, prefill of 512 tokens at once, then 128 one by one.
//! * `peer-candle perplexity MODEL.gguf TOKENS`: perplexity of a text given as little-endian 32-bit token
//!   numbers, in windows of 512 tokens, each from an empty cache; the first token of a window is given.
//! * `peer-candle logits MODEL.gguf TOKENS LOGITS`: compares logits that `offchain/import`'s example `perplexity`
//!   wrote; with `CANDLE_DEQUANTIZE_ALL=1` candle computes in floating point.
//!
//! `RUSTFLAGS="-C target-cpu=native" cargo build --release`; threads by `RAYON_NUM_THREADS`.

mod compare;

use std::fs::File;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use candle_core::quantized::gguf_file::Content;
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;

const PREFILL: usize = 512;
const DECODE: usize = 128;
const RUNS: usize = 5;
const WINDOW: usize = 512;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["speed", model] => speed(model),
        ["perplexity", model, tokens] => perplexity(model, tokens),
        ["logits", model, tokens, logits] => compare::logits(load(model)?, &read(tokens)?, logits),
        _ => bail!("usage: peer-candle speed MODEL.gguf | perplexity MODEL.gguf TOKENS | logits MODEL.gguf TOKENS LOGITS"),
    }
}

fn load(path: &str) -> Result<ModelWeights> {
    let mut file = File::open(path).with_context(|| path.to_owned())?;
    let content = Content::read(&mut file)?;
    Ok(ModelWeights::from_gguf(content, &mut file, &Device::Cpu)?)
}

fn speed(path: &str) -> Result<()> {
    let mut prefill = Vec::new();
    let mut decode = Vec::new();
    for _ in 0..RUNS {
        let mut model = load(path)?;
        let tokens: Vec<u32> = (0..PREFILL as u32).map(|index| 1000 + index * 7).collect();
        let start = Instant::now();
        let mut logits = model.forward(&tensor(&tokens)?, 0)?;
        prefill.push(PREFILL as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        for position in 0..DECODE {
            let token = logits.squeeze(0)?.argmax(0)?.to_scalar::<u32>()?;
            logits = model.forward(&tensor(&[token])?, PREFILL + position)?;
        }
        decode.push(DECODE as f64 / start.elapsed().as_secs_f64());
    }
    println!("prefill {:.1} decode {:.1}", median(prefill), median(decode));
    Ok(())
}

fn perplexity(path: &str, tokens: &str) -> Result<()> {
    let mut model = load(path)?;
    let tokens = read(tokens)?;
    let (mut loss, mut count) = (0.0_f64, 0_u32);
    for window in tokens.chunks_exact(WINDOW) {
        for (position, pair) in window.windows(2).enumerate() {
            let logits = model.forward(&tensor(&pair[..1])?, position)?.squeeze(0)?;
            loss += surprise(&logits.to_vec1::<f32>()?, pair[1] as usize);
            count += 1;
        }
    }
    println!("tokens {count} perplexity {:.4}", (loss / f64::from(count)).exp());
    Ok(())
}

fn read(tokens: &str) -> Result<Vec<u32>> {
    let bytes = std::fs::read(tokens).with_context(|| tokens.to_owned())?;
    let words = bytes.chunks_exact(4);
    Ok(words.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect())
}

/// Minus the logarithm of the probability of `token`.
fn surprise(logits: &[f32], token: usize) -> f64 {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|logit| f64::from(logit - greatest).exp()).sum();
    sum.ln() - f64::from(logits[token] - greatest)
}

fn tensor(tokens: &[u32]) -> Result<Tensor> {
    Ok(Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
