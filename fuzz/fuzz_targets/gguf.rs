//! A GGUF file. Nothing panics and nothing takes more memory than a small file may; what is imported opens and is what its
//! manifest says.
#![no_main]
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use opml_import::llama::{Options, WholeWords, import};
use opml_runtime::Bundle;

#[path = "../../offchain/import/tests/common/mod.rs"]
#[allow(dead_code)]
mod common;
#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "support/scratch.rs"]
mod scratch;

use common::{File, Shape, Value, byte_level, characters, model_of};
use draw::Draw;

/// As small as heads may be.
const SHAPE: Shape = Shape {
    width: 32,
    inner: 32,
    heads: 1,
    kv_heads: 1,
    ends: [8, 3],
    kind: |layer, place| [0, 1, 2, 3, 8][((place + layer) % 5) as usize],
};

thread_local! {
    /// Models with either tokenizer: to make one takes longer than to import it.
    static MODELS: RefCell<Option<[File; 2]>> = const { RefCell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    let mut draw = Draw::new(data);
    let folder = scratch::folder();
    let path = folder.join("model.gguf");
    if draw.below(4) == 0 {
        std::fs::write(&path, draw.rest()).unwrap();
    } else {
        described(&mut draw).write(folder);
        let mut bytes = std::fs::read(&path).unwrap();
        while !draw.is_empty() {
            draw.edit(&mut bytes);
        }
        std::fs::write(&path, bytes).unwrap();
    }
    imported(&path, &folder.join("bundle"));
});

fn imported(file: &Path, target: &Path) {
    let whole_words = WholeWords::Split;
    let options = Options { positions: 64, prompt_bytes: 64, output_bytes: 64, whole_words };
    match import(file, target, &options, &mut |_| {}) {
        Err(error) => drop(error.to_string()),
        Ok(()) => Bundle::open(target).unwrap().verify(|_| {}).unwrap(),
    }
}

/// A right model with other metadata and tensors.
fn described(draw: &mut Draw<'_>) -> File {
    let which = draw.below(2);
    let mut file = MODELS.with_borrow_mut(|models| {
        let models = models.get_or_insert_with(|| {
            [byte_level(), characters()]
                .map(|(values, tokens)| model_of(SHAPE, &values, (tokens, false)))
        });
        models[which].clone()
    });
    for _ in 0..draw.below(6) {
        if draw.below(3) == 0 {
            tensor(&mut file, draw);
        } else {
            metadata(&mut file, draw);
        }
    }
    file
}

const KEYS: [&str; 19] = [
    "general.architecture",
    "general.alignment",
    "llama.expert_count",
    "llama.rope.scaling.type",
    "llama.rope.scaling.factor",
    "llama.rope.freq_base",
    "llama.rope.dimension_count",
    "llama.attention.key_length",
    "llama.attention.head_count",
    "llama.attention.head_count_kv",
    "llama.attention.layer_norm_rms_epsilon",
    "llama.block_count",
    "llama.context_length",
    "llama.embedding_length",
    "llama.feed_forward_length",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.chat_template",
];

const TEMPLATE: [&str; 12] = [
    "{% for m in messages %}",
    "{% endfor %}",
    "{{ m.content }}",
    "{{ m.role }}",
    "{% if add_generation_prompt %}",
    "{% endif %}",
    "<|user|>",
    "<|end|>",
    "{% for i in range(90000) %}",
    "{{ 'ab' * 30000 }}",
    "{{ messages[0] }}",
    "{% set x = messages | join %}{{ x }}",
];

fn metadata(file: &mut File, draw: &mut Draw<'_>) {
    let known: Vec<String> = file.metadata.iter().map(|(key, _)| key.clone()).collect();
    let key = match draw.below(4) {
        0 => draw.pick(&known).clone(),
        _ => (*draw.pick(&KEYS)).to_owned(),
    };
    let value = match draw.below(8) {
        0 => Value::Number(f32::from_bits(draw.number() as u32)),
        1 => Value::Flag(draw.below(2) == 0),
        2 => Value::Text(String::from_utf8_lossy(draw.take(24)).into_owned()),
        3 => Value::Text((0..draw.below(9)).map(|_| *draw.pick(&TEMPLATE)).collect()),
        4 => return list(file, draw),
        _ => Value::Integer(draw.number() as u32),
    };
    file.set(&key, value);
}

/// An element of one of the tokenizer's lists is another, or gone.
fn list(file: &mut File, draw: &mut Draw<'_>) {
    let is_list =
        |value: &Value| matches!(value, Value::Texts(_) | Value::Integers(_) | Value::Numbers(_));
    let lists: Vec<usize> =
        (0..file.metadata.len()).filter(|at| is_list(&file.metadata[*at].1)).collect();
    let Some(at) = (!lists.is_empty()).then(|| *draw.pick(&lists)) else { return };
    match &mut file.metadata[at].1 {
        Value::Texts(texts) => {
            let at = draw.below(texts.len() + 1);
            let text = String::from_utf8_lossy(draw.take(12)).into_owned();
            match texts.get_mut(at) {
                Some(place) => *place = text,
                None => texts.clear(),
            }
        }
        Value::Integers(numbers) => {
            let at = draw.below(numbers.len() + 1);
            match numbers.get_mut(at) {
                Some(place) => *place = draw.number() as i32,
                None => numbers.truncate(3),
            }
        }
        Value::Numbers(numbers) => {
            let at = draw.below(numbers.len() + 1);
            match numbers.get_mut(at) {
                Some(place) => *place = f32::from_bits(draw.number() as u32),
                None => numbers.truncate(3),
            }
        }
        _ => {}
    }
}

fn tensor(file: &mut File, draw: &mut Draw<'_>) {
    let at = draw.below(file.tensors.len());
    let other = draw.below(file.tensors.len());
    let [name, second] = [at, other].map(|at| file.tensors[at].0.clone());
    match draw.below(6) {
        0 => file.tensors[at].0 = second,
        1 => file.tensors[at].0 = format!("{}.bias", name.trim_end_matches(".weight")),
        2 => file.tensors[at].2 = draw.below(32) as u32,
        3 => drop(file.tensors.remove(at)),
        4 => file.tensors[at].0 = "rope_freqs.weight".into(),
        _ => {
            let shape = &mut file.tensors[at].1;
            let axis = draw.below(shape.len() + 1);
            match shape.get_mut(axis) {
                Some(place) => *place = draw.number(),
                None => shape.push(draw.number()),
            }
        }
    }
}
