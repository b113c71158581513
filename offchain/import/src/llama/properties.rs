//! What the metadata may say of the architecture. An entry that the program does not follow would be
//! computed without, so it is refused unless it changes nothing.

use crate::ImportError;
use crate::gguf::{Gguf, Value};

/// Entries that the program follows, or that nothing is computed from.
const FOLLOWED: [&str; 18] = [
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.layer_norm_rms_epsilon",
    "attention.sliding_window",
    "attention.value_length",
    "block_count",
    "context_length",
    "embedding_length",
    "feed_forward_length",
    "rope.dimension_count",
    "rope.freq_base",
    "rope.scale_linear",
    "rope.scaling.factor",
    "rope.scaling.finetuned",
    "rope.scaling.original_context_length",
    "tensor_data_layout",
    "vocab_size",
];

/// An entry, and whether a value of it changes nothing.
type Neutral = (&'static str, fn(&Value) -> bool);

/// Entries of other architectures that converters write into this one too.
const NEUTRAL: [Neutral; 16] = [
    ("attention.causal", |value| *value == Value::Integer(1)),
    ("attention.clamp_kqv", is_zero),
    ("attention.max_alibi_bias", is_zero),
    ("attention.scale", is_zero),
    ("attn_logit_softcapping", is_zero),
    ("embedding_scale", is_zero_or_one),
    ("expert_count", is_zero),
    ("expert_used_count", is_zero),
    ("final_logit_softcapping", is_zero),
    ("logit_scale", is_zero_or_one),
    ("pooling_type", is_zero),
    ("residual_scale", is_zero_or_one),
    ("rope.scaling.alpha", is_zero),
    ("rope.scaling.attn_factor", is_one),
    (
        "rope.scaling.type",
        |value| matches!(value, Value::Text(kind) if kind == "none" || kind == "linear"),
    ),
    ("use_parallel_residual", is_zero),
];

fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Integer(0)) || *value == Value::Number(0.0)
}

fn is_one(value: &Value) -> bool {
    *value == Value::Number(1.0)
}

fn is_zero_or_one(value: &Value) -> bool {
    is_zero(value) || is_one(value)
}

/// An error that names an entry of the architecture that the program would not follow.
pub fn check(gguf: &Gguf, architecture: &str) -> Result<(), ImportError> {
    for (key, value) in gguf.entries() {
        let entry = key.strip_prefix(architecture).and_then(|rest| rest.strip_prefix('.'));
        let Some(entry) = entry.filter(|entry| !FOLLOWED.contains(entry)) else { continue };
        let neutral = NEUTRAL.iter().find(|(known, _)| *known == entry);
        if !neutral.is_some_and(|(_, neutral)| neutral(value)) {
            return Err(ImportError::Property { key: key.to_owned(), value: value.to_string() });
        }
    }
    Ok(())
}
