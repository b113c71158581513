//! Sizes of a model, from the metadata.

use opml_runtime::build::Attention;

use super::{Options, properties};
use crate::ImportError;
use crate::gguf::Gguf;

/// The one architecture.
const ARCHITECTURE: &str = "llama";

/// Widest head: those of all known models have 256 elements at most.
const WIDEST_HEAD: u32 = 1024;

/// Sizes and constants.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Layers.
    pub layers: u32,
    /// Elements of the residual stream.
    pub width: u32,
    /// Elements inside a feed-forward block.
    pub inner: u32,
    /// Tokens.
    pub vocabulary: u32,
    /// Heads.
    pub attention: Attention,
    /// Added to mean squares.
    pub epsilon: f32,
    /// Base of the rotary position embedding, and what positions are divided by.
    pub rope: (f64, f64),
}

impl Config {
    pub fn read(gguf: &Gguf, options: &Options) -> Result<Self, ImportError> {
        let name = gguf.text("general.architecture").unwrap_or_default();
        if name != ARCHITECTURE {
            return Err(ImportError::Architecture { name: name.to_owned() });
        }
        let get = |key: &str| gguf.required(&format!("{ARCHITECTURE}.{key}"));
        let maybe = |key: &str| gguf.integer(&format!("{ARCHITECTURE}.{key}"));
        let number = |key: &str| gguf.number(&format!("{ARCHITECTURE}.{key}"));
        properties::check(gguf, ARCHITECTURE)?;

        let (width, heads) = (get("embedding_length")?, get("attention.head_count")?);
        let head = maybe("attention.key_length")?.unwrap_or(width / heads.max(1));
        let turned = maybe("rope.dimension_count")?.unwrap_or(head);
        if turned != head || head == 0 || head > WIDEST_HEAD || !head.is_multiple_of(32) {
            let key = format!("{ARCHITECTURE}.rope.dimension_count");
            return Err(ImportError::Property { key, value: format!("{turned}, heads of {head}") });
        }
        let kv_heads = maybe("attention.head_count_kv")?.unwrap_or(heads);
        expect(gguf, "attention.value_length", head)?;
        let positions = get("context_length")?.min(options.positions).max(8);
        let capacity = 1 << positions.ilog2();
        // Of so many positions the last one sees the first.
        if let Some(window @ 1..) = maybe("attention.sliding_window")?
            && window < capacity
        {
            return Err(ImportError::SlidingWindow { window, positions: capacity });
        }
        let tokens = gguf.texts("tokenizer.ggml.tokens")?.len();
        let vocabulary = u32::try_from(tokens).unwrap_or(u32::MAX);
        expect(gguf, "vocab_size", vocabulary)?;
        #[allow(clippy::cast_possible_truncation, reason = "it was written as an f32")]
        let epsilon = number("attention.layer_norm_rms_epsilon")?.unwrap_or(1e-5) as f32;
        let base = number("rope.freq_base")?.unwrap_or(10_000.0);
        let factor = match number("rope.scaling.factor")? {
            None => number("rope.scale_linear")?,
            factor => factor,
        };
        let unscaled = gguf.text(&format!("{ARCHITECTURE}.rope.scaling.type")) == Some("none");
        let scale = factor.filter(|factor| *factor != 0.0 && !unscaled).unwrap_or(1.0);
        Ok(Self {
            layers: get("block_count")?,
            width,
            inner: get("feed_forward_length")?,
            vocabulary,
            attention: Attention { head, heads, kv_heads, capacity },
            epsilon,
            rope: (base, scale),
        })
    }
}

/// An error if the entry is there and not `expected`.
fn expect(gguf: &Gguf, key: &str, expected: u32) -> Result<(), ImportError> {
    let key = format!("{ARCHITECTURE}.{key}");
    match gguf.integer(&key)? {
        Some(value) if value != expected => {
            Err(ImportError::Property { key, value: format!("{value}, not {expected}") })
        }
        _ => Ok(()),
    }
}
