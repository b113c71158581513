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

#[test]
fn a_resolution_has_some_blocks_and_not_billions() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: serde_json::Value| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    };
    let text = json!({
        "vocab_size": 2, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 1,
    });
    write("text_encoder/config.json", text);
    let sampler = json!({
        "num_train_timesteps": 9, "beta_start": 0.1, "beta_end": 0.2, "beta_schedule": "linear",
    });
    write("scheduler/scheduler_config.json", sampler);
    let unet = |blocks: u32| {
        json!({
            "in_channels": 4, "out_channels": 4, "block_out_channels": [32],
            "down_block_types": ["DownBlock2D"], "layers_per_block": blocks,
            "attention_head_dim": 1, "cross_attention_dim": 32, "sample_size": 4,
        })
    };
    let vae = |blocks: u32| json!({ "latent_channels": 4, "block_out_channels": [32], "layers_per_block": blocks });
    for (first, second) in [(1 << 28, 1), (1, u32::MAX)] {
        write("unet/config.json", unet(first));
        write("vae/config.json", vae(second));
        let error = Config::read(folder.path()).unwrap_err();
        let is_named = matches!(error, DiffusionError::Property { key: "layers_per_block", .. });
        assert!(is_named, "{error}");
    }
    write("unet/config.json", unet(2));
    write("vae/config.json", vae(3));
    Config::read(folder.path()).unwrap();
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
