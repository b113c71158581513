//! The demonstration on a small language model with random weights: a lie in a tile, in the tokenizer and in sampling.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

#[path = "../../import/tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{byte_level, characters, model};
use opml_import::{Options, import};
use serde_json::Value;

const OPML: &str = env!("CARGO_BIN_EXE_opml");

/// A bundle in `folder`, by one of the two kinds of tokenizers.
fn bundle(folder: &Path, sentence_piece: bool) -> PathBuf {
    let (tokenizer, tokens) = if sentence_piece { characters() } else { byte_level() };
    let file = model(&tokenizer, tokens, true).write(folder);
    let target = folder.join("bundle");
    let options =
        Options { positions: 64, prompt_bytes: 100, output_bytes: 200, ..Options::default() };
    import(&file, &target, &options, &mut |_| {}).unwrap();
    target
}

/// The demonstration's report.
fn demo(model: &Path, lie: &[&str]) -> Value {
    let model = model.to_str().unwrap();
    let output = Command::new(OPML)
        .args(["demo", "--json", "--tokens", "16", "--model", model])
        .args(["--prompt", "the é in abc", "--other-prompt", "the end of it", "--lie"])
        .args(lie)
        .output()
        .unwrap();
    let story = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{lie:?}: {story}");
    // Once by the honest server, once after the lie.
    assert_eq!(story.matches("PromptConsumer is told").count(), 2, "{story}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn decided_by_one_instruction(report: &Value) {
    let last = report["moves"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["kind"], &last["side"]), (&"prove".into(), &"verifier".into()), "{report}");
    assert!(report["instruction"]["text"].is_string(), "{report}");
}

#[test]
fn a_lie_in_the_tokenizer_is_caught() {
    for sentence_piece in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let report = demo(&bundle(folder.path(), sentence_piece), &["tokenizer"]);
        decided_by_one_instruction(&report);
        assert_eq!(report["disputed"], "step 0, Encode");
    }
}

#[test]
fn a_lie_in_sampling_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let report = demo(&bundle(folder.path(), false), &["sampling"]);
    decided_by_one_instruction(&report);
    assert!(report["disputed"].as_str().unwrap().ends_with(", Sample"), "{report}");
}

#[test]
fn lies_in_tiles_that_are_drawn_are_caught() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = bundle(folder.path(), false);
    for draw in 0..6 {
        let report = demo(&bundle, &["tile", "--draw", &draw.to_string()]);
        decided_by_one_instruction(&report);
    }
}
