//! Tokens of texts by the tokenizers of several families, worked out by hand.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod common;

use common::{File, Value, byte_level, characters, model};
use opml_core::graph::{GraphStep, REQUEST_PARAMS, Request};
use opml_import::{ImportError, Options, WholeWords, import};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};

/// A byte-level tokenizer with more merges, by the rules of a pre-tokenizer.
fn byte_level_by(pre: &str, merges: &[&str], others: &[&str]) -> File {
    let (mut tokenizer, mut count) = byte_level();
    for (key, value) in &mut tokenizer {
        match (*key, value) {
            ("ggml.pre", value) => *value = Value::Text(pre.into()),
            ("ggml.tokens", Value::Texts(tokens)) => {
                tokens.extend(merges.iter().map(|merge| merge.replace(' ', "")));
                tokens.extend(others.iter().map(ToString::to_string));
                count = tokens.len() as u64;
            }
            ("ggml.token_type", Value::Integers(kinds)) => {
                kinds.resize(kinds.len() + merges.len() + others.len(), 1);
            }
            ("ggml.merges", Value::Texts(all)) => {
                all.extend(merges.iter().map(ToString::to_string));
            }
            _ => {}
        }
    }
    model(&tokenizer, count, true)
}

/// Texts of the tokens of `text`, which is continued as it is.
fn tokens(file: &File, text: &str) -> Result<Vec<String>, ImportError> {
    tokens_by(&Options { positions: 64, ..Options::default() }, file, text)
}

fn tokens_by(options: &Options, file: &File, text: &str) -> Result<Vec<String>, ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("bundle");
    let path = file.write(folder.path());
    import(&path, &target, options, &mut |_| {})?;
    let bundle = Bundle::open(&target).unwrap();
    let mut params = [0; REQUEST_PARAMS];
    params[4] = 1;
    let request = Request::new(text.as_bytes(), 0, params).unwrap();
    let mut machine = Executor::new(&bundle, &request, Settings::default()).unwrap();
    let GraphStep::Tile(tile) = machine.next_step() else { panic!("no tokenizer") };
    machine.step().unwrap();
    let words = machine.read(tile.output);
    let vocabulary = file.metadata.iter().find(|(key, _)| key == "tokenizer.ggml.tokens");
    let Some((_, Value::Texts(vocabulary))) = vocabulary else { panic!("no vocabulary") };
    let ids = &words[8..8 + words[0] as usize];
    Ok(ids.iter().map(|id| vocabulary[*id as usize].clone()).collect())
}

const DIGITS: [&str; 3] = ["1 2", "12 3", "123 4"];

#[test]
fn pre_tokenizers_cut_numbers_each_in_its_way() {
    let by = |pre| tokens(&byte_level_by(pre, &DIGITS, &[]), "the 1234").unwrap();
    assert_eq!(by("gpt-2"), ["the", "Ġ", "1234"]);
    assert_eq!(by("smollm"), ["the", "Ġ", "1", "2", "3", "4"]);
    // Up to three digits a word.
    assert_eq!(by("llama-bpe"), ["the", "Ġ", "123", "4"]);
}

#[test]
fn llama_3_begins_with_its_token_and_cuts_by_its_own_rules() {
    let mut file = byte_level_by("llama-bpe", &["' T", "'T H"], &[]);
    assert_eq!(tokens(&file, "the").unwrap(), ["the"]);
    file.set("tokenizer.ggml.bos_token_id", Value::Integer(1));
    // Contractions in either case, and a letter's own sign in front of it.
    assert_eq!(tokens(&file, "x'THE the").unwrap()[..2], ["<|user|>", "x"]);
    assert_eq!(tokens(&file, "'THE the").unwrap(), ["<|user|>", "'T", "H", "E", "Ġthe"]);
    file.set("tokenizer.ggml.add_bos_token", Value::Flag(false));
    assert_eq!(tokens(&file, "the").unwrap(), ["the"]);
}

#[test]
fn a_token_that_no_merges_form_is_named() {
    // With `ignore_merges` a word "xyz" would be this token; joining gives three.
    let file = byte_level_by("llama-bpe", &[], &["xyz"]);
    let error = tokens(&file, "xyz").unwrap_err();
    assert!(
        matches!(&error, ImportError::Unreached { token, count: 1 } if token == "xyz"),
        "{error}"
    );
    assert_eq!(tokens(&byte_level_by("gpt-2", &[], &["xyz"]), "xyz").unwrap(), ["x", "y", "z"]);
    // Accepted, it is what joining gives.
    let whole_words = WholeWords::Split;
    let options = Options { positions: 64, whole_words, ..Options::default() };
    assert_eq!(tokens_by(&options, &file, "xyz").unwrap(), ["x", "y", "z"]);
}

#[test]
fn sentence_piece_joins_by_score_behind_a_space() {
    let (tokenizer, count) = characters();
    let file = model(&tokenizer, count, true);
    // "▁the" has a lower score than "th" and "▁th", which come first and lead there.
    assert_eq!(tokens(&file, "the").unwrap(), ["<s>", "▁the"]);
    assert_eq!(tokens(&file, "thé the").unwrap(), ["<s>", "▁th", "é", "▁the"]);
    // What is no token is its bytes.
    assert_eq!(tokens(&file, "q").unwrap(), ["<s>", "▁", "<0x71>"]);
    assert_eq!(tokens(&file, "ß").unwrap(), ["<s>", "▁", "<0xC3>", "<0x9F>"]);
}
