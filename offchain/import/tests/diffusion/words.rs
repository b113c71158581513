//! Tokens of texts with punctuation, as CLIP has them.

use std::collections::HashMap;

use opml_core::graph::{GraphStep, REQUEST_PARAMS, Request};
use opml_operator::{Kernel, WeightType};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};

use crate::network::{PROMPT_BYTES, random, vocabulary};

/// Words in front of a row of tokens.
const HEADER: usize = 8;

/// What the program makes of a text: the output of its second encoder.
fn tokens(bundle: &Bundle, text: &str) -> Vec<u32> {
    let request = Request::new(text.as_bytes(), 0, [0; REQUEST_PARAMS]).unwrap();
    let mut machine = Executor::new(bundle, &request, Settings::default()).unwrap();
    let mut encoders = 0;
    while let GraphStep::Tile(tile) = machine.next_step() {
        machine.run(1).unwrap();
        encoders += u32::from(tile.operator.kernel() == Kernel::Encode);
        if encoders == 2 {
            let words = machine.read(tile.output);
            return words[HEADER..HEADER + words[0] as usize].to_vec();
        }
    }
    panic!("the program stops")
}

/// Length of the word at the beginning of a text:
/// `'s|'t|'re|'ve|'m|'ll|'d|[letters]+|[digit]|[others]+`, white space aside.
fn word(text: &str) -> usize {
    let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(found) = contractions.iter().find(|found| text.starts_with(**found)) {
        return found.len();
    }
    let run = |inside: fn(&char) -> bool| text.chars().take_while(inside).map(char::len_utf8).sum();
    match text.chars().next() {
        Some(first) if first.is_alphabetic() => run(|c| c.is_alphabetic()),
        Some(first) if first.is_ascii_digit() => 1,
        _ => run(|c| !c.is_alphanumeric() && !c.is_whitespace()),
    }
}

/// The tokens of a text by CLIP's rules, written down once more.
fn expected(text: &str) -> Vec<u32> {
    let (vocabulary, merges) = vocabulary();
    let vocabulary: HashMap<String, u32> = serde_json::from_value(vocabulary).unwrap();
    let merges: Vec<_> = merges.lines().skip(1).filter_map(|line| line.split_once(' ')).collect();
    let lower = text.to_ascii_lowercase();
    let (mut rest, mut tokens) = (lower.trim(), vec![vocabulary["<|startoftext|>"]]);
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(word(rest));
        let mut parts: Vec<String> = word.chars().map(String::from).collect();
        parts.last_mut().unwrap().push_str("</w>");
        let place = |parts: &[String], (left, right): (&str, &str)| {
            parts.windows(2).position(|pair| pair[0] == left && pair[1] == right)
        };
        while let Some(at) = merges.iter().find_map(|pair| place(&parts, *pair)) {
            let right = parts.remove(at + 1);
            parts[at].push_str(&right);
        }
        tokens.extend(parts.iter().map(|part| vocabulary[part]));
        rest = behind.trim_start();
    }
    tokens.push(vocabulary["<|endoftext|>"]);
    tokens
}

#[test]
fn words_end_at_punctuation_and_digits_as_clips_do() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = random(folder.path(), WeightType::Q8_0);
    for text in [
        "a cat, sitting",
        "Cat's on,. 2CATS; (on) it's!!",
        "",
        "  ",
        "!'s 'S we'RE i'll don't 'sound' 42nd 3.5",
        "x",
        ",",
        ",cat,on",
    ] {
        assert_eq!(tokens(&bundle, text), expected(text), "{text:?}");
    }
}

#[test]
fn words_of_random_texts_are_clips() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = random(folder.path(), WeightType::Q8_0);
    let alphabet: Vec<char> = "catonsre,.!'2 7\tCT".chars().collect();
    let mut state = 1_u64;
    for _ in 0..200 {
        let mut text = String::new();
        for _ in 0..PROMPT_BYTES {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            text.push(alphabet[(state >> 33) as usize % alphabet.len()]);
        }
        text.truncate((state >> 58) as usize);
        // Three of them in front of a letter are the one case that is left undone.
        let text = text.replace("''", "'");
        assert_eq!(tokens(&bundle, &text), expected(&text), "{text:?}");
    }
}
