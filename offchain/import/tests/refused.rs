//! What cannot be imported is named.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod common;

use common::{File, Random, Value, byte_level, matrix, model};
use opml_import::{ImportError, Options, import};

fn refused(change: impl FnOnce(&mut File)) -> ImportError {
    let (tokenizer, tokens) = byte_level();
    let mut file = model(&tokenizer, tokens, true);
    change(&mut file);
    let folder = tempfile::tempdir().unwrap();
    let path = file.write(folder.path());
    let target = folder.path().join("bundle");
    let error = import(&path, &target, &Options::default(), &mut |_| {}).unwrap_err();
    assert!(!target.join("manifest.json").exists(), "no bundle is left behind");
    error
}

#[test]
fn other_architectures_are_named() {
    let error = refused(|file| file.set("general.architecture", Value::Text("mamba".into())));
    assert!(matches!(error, ImportError::Architecture { name } if name == "mamba"));
    let error = refused(|file| file.set("llama.expert_count", Value::Integer(8)));
    assert!(matches!(error, ImportError::Property { key, .. } if key == "llama.expert_count"));
}

#[test]
fn what_the_program_would_not_compute_is_named() {
    let refusal = |key: &str, value: Value| {
        let key = format!("llama.{key}");
        let error = refused(|file| file.set(&key, value));
        assert!(matches!(&error, ImportError::Property { key: named, .. } if *named == key));
        error.to_string()
    };
    let number = Value::Number;
    assert_eq!(
        refusal("rope.scaling.type", Value::Text("longrope".into())),
        "llama.rope.scaling.type = \"longrope\" is not supported"
    );
    assert_eq!(
        refusal("attention.scale", number(0.5)),
        "llama.attention.scale = 0.5 is not supported"
    );
    refusal("rope.scaling.attn_factor", number(1.25));
    refusal("final_logit_softcapping", number(30.0));
    refusal("attention.causal", Value::Flag(false));
    refusal("attention.value_length", Value::Integer(64));
    refusal("rope.dimension_count", Value::Integer(16));
    refusal("vocab_size", Value::Integer(7));
    // Nobody knows what this would do.
    refusal("attention.temperature_scale", number(0.1));
}

#[test]
fn a_sliding_window_is_no_matter_where_it_reaches_all_positions() {
    let import_with = |window: u32, positions: u32| {
        let (tokenizer, tokens) = byte_level();
        let mut file = model(&tokenizer, tokens, true);
        file.set("llama.attention.sliding_window", Value::Integer(window));
        let folder = tempfile::tempdir().unwrap();
        let path = file.write(folder.path());
        let options = Options { positions, ..Options::default() };
        import(&path, &folder.path().join("bundle"), &options, &mut |_| {})
    };
    import_with(64, 64).unwrap();
    import_with(32, 32).unwrap();
    import_with(0, 64).unwrap();
    let error = import_with(63, 64).unwrap_err();
    let named = matches!(error, ImportError::SlidingWindow { window: 63, positions: 64 });
    assert!(named, "{error}");
}

#[test]
fn other_tokenizers_are_named() {
    let error = refused(|file| file.set("tokenizer.ggml.pre", Value::Text("qwen2".into())));
    assert!(matches!(error, ImportError::Tokenizer { pre, .. } if pre == "qwen2"));
    let error = refused(|file| file.set("tokenizer.ggml.model", Value::Text("bert".into())));
    assert!(matches!(error, ImportError::Tokenizer { model, .. } if model == "bert"));
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let replace = |file: &mut File, name: &str, shape, kind| {
        let place = file.tensors.iter().position(|tensor| tensor.0 == name).unwrap();
        file.tensors[place] = matrix(name, shape, kind, &mut Random(1));
    };
    let query = "blk.0.attn_q.weight";
    let error = refused(|file| replace(file, query, [64, 64], 11));
    assert!(
        matches!(error, ImportError::TensorType { name, kind } if name == query && kind == "Q3_K")
    );
    let error = refused(|file| replace(file, query, [64, 32], 8));
    assert!(matches!(error, ImportError::Shape { actual, .. } if actual == [64, 32]));
    let error = refused(|file| file.tensors.retain(|tensor| tensor.0 != query));
    assert!(matches!(error, ImportError::MissingTensor { name } if name == query));
    let error = refused(|file| {
        file.tensors.push(matrix("blk.0.ffn_gate_inp.weight", [64, 32], 0, &mut Random(1)));
    });
    assert!(matches!(error, ImportError::UnknownTensor { name } if name.contains("gate_inp")));
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let (tokenizer, tokens) = byte_level();
    let folder = tempfile::tempdir().unwrap();
    let path = model(&tokenizer, tokens, true).write(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 3, 7, 20, 200, 3_000, 20_000, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let target = folder.path().join("bundle");
        let error = import(&path, &target, &Options::default(), &mut |_| {}).unwrap_err();
        assert!(
            matches!(
                error,
                ImportError::NotGguf | ImportError::Damaged { .. } | ImportError::Io { .. }
            ),
            "{length}: {error}"
        );
    }
}
