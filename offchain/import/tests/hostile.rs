//! Small files that ask for much: each is refused before it takes memory or time.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod common;

use common::{File, Value, byte_level, model};
use opml_import::image::{FilterShape, Graph, ImageError};
use opml_import::safetensors::config::Sampler;
use opml_import::safetensors::{Config, DiffusionError, Schedule, Tokenizer, Vocabulary};
use opml_import::{ImportError, Options, import};
use opml_operator::WeightType;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};
use serde_json::json;

fn refused(change: impl FnOnce(&mut File)) -> ImportError {
    let (tokenizer, tokens) = byte_level();
    let mut file = model(&tokenizer, tokens, true);
    change(&mut file);
    let folder = tempfile::tempdir().unwrap();
    let path = file.write(folder.path());
    import(&path, &folder.path().join("bundle"), &Options::default(), &mut |_| {}).unwrap_err()
}

#[test]
fn heads_wider_than_any_are_refused_before_their_table_is_made() {
    let error = refused(|file| file.set("llama.attention.key_length", Value::Integer(1 << 31)));
    assert!(matches!(error, ImportError::Property { .. }), "{error}");
}

#[test]
fn a_template_that_does_not_end_is_refused() {
    let template = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}";
    let error = refused(|file| file.set("tokenizer.chat_template", Value::Text(template.into())));
    assert!(matches!(error, ImportError::Template(_)), "{error}");
}

#[test]
fn a_sampler_is_trained_in_some_steps_and_not_in_billions() {
    for steps in [0, u32::MAX] {
        let sampler = json!({
            "num_train_timesteps": steps, "beta_start": 0.1, "beta_end": 0.2, "beta_schedule": "linear",
        });
        let sampler: Sampler = serde_json::from_value(sampler).unwrap();
        let error = Schedule::new(&sampler, 20).unwrap_err();
        assert!(
            matches!(error, DiffusionError::Property { key: "num_train_timesteps", .. }),
            "{error}"
        );
    }
}

/// The configurations of a small Stable Diffusion, by their files.
fn configurations() -> [(&'static str, serde_json::Value); 4] {
    let text = json!({
        "vocab_size": 2, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 1, "max_position_embeddings": 77,
    });
    let unet = json!({
        "in_channels": 4, "out_channels": 4, "block_out_channels": [32],
        "down_block_types": ["DownBlock2D"], "layers_per_block": 2, "attention_head_dim": 1,
        "cross_attention_dim": 32, "norm_num_groups": 32, "sample_size": 4,
    });
    let vae = json!({
        "latent_channels": 4, "out_channels": 3, "block_out_channels": [32], "layers_per_block": 2,
        "norm_num_groups": 32,
    });
    let sampler = json!({
        "num_train_timesteps": 9, "beta_start": 0.1, "beta_end": 0.2, "beta_schedule": "linear",
    });
    [
        ("text_encoder/config.json", text),
        ("unet/config.json", unet),
        ("vae/config.json", vae),
        ("scheduler/scheduler_config.json", sampler),
    ]
}

/// What comes of reading them.
fn read(files: &[(&str, serde_json::Value)]) -> Result<Config, DiffusionError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    }
    Config::read(folder.path())
}

/// Products of sizes wrap around, and lists are made before the first tensor is looked for.
#[test]
fn sizes_that_no_network_has_are_named() {
    let files = configurations();
    read(&files).unwrap();
    for file in 0..3 {
        for key in files[file].1.as_object().unwrap().keys() {
            let mut changed = files.clone();
            let value = &mut changed[file].1[key];
            *value = match value {
                serde_json::Value::Number(_) => json!(u32::MAX / 4 + 1),
                serde_json::Value::Array(list) if list[0].is_number() => json!([32, 1 << 30]),
                _ => continue,
            };
            let error = read(&changed).unwrap_err();
            let named =
                matches!(&error, DiffusionError::Property { key: named, .. } if named == key);
            assert!(named, "{key}: {error}");
        }
    }
    for (file, key) in
        [(1, "block_out_channels"), (1, "attention_head_dim"), (2, "block_out_channels")]
    {
        let mut changed = files.clone();
        changed[file].1[key] = json!(vec![32; 17]);
        let error = read(&changed).unwrap_err();
        assert!(error.to_string().contains(key), "{key}: {error}");
    }
}

#[test]
fn numbers_of_tokens_are_places_of_a_table() {
    let tokens = [("<|startoftext|>", 0), ("<|endoftext|>", u32::MAX)];
    let tokens: Vocabulary = tokens.map(|(token, id)| (token.to_owned(), id)).into_iter().collect();
    let error = Tokenizer::new(&tokens, "", "<|endoftext|>").unwrap_err();
    assert!(matches!(error, DiffusionError::Property { .. }), "{error}");
}

#[test]
fn a_filter_of_nothing_is_named() {
    let builder = Builder::new(About::default(), Input::Bytes { max: 1 }, ResultKind::Bytes);
    let mut graph = Graph::new(builder);
    for (outputs, inputs, size) in [(1, 0, 1), (0, 1, 1), (1, 1, 0)] {
        let bias = graph.zeros(outputs.max(1)).unwrap();
        let shape = FilterShape { outputs, inputs, size, kind: WeightType::F32 };
        let error = graph.filter("fc1", shape, (&[], bias)).unwrap_err();
        assert!(matches!(&error, ImageError::Empty { name } if name == "fc1"), "{error}");
    }
}
