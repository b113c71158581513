//! CLIP's tokens of words between spaces.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The tokens of a text, filled up to `count`.
pub fn tokens(folder: &Path, text: &str, count: usize) -> Result<Vec<u32>> {
    let ids: HashMap<String, u32> = serde_json::from_slice(&fs::read(folder.join("vocab.json"))?)?;
    let merges = fs::read_to_string(folder.join("merges.txt"))?;
    let merges: Vec<(&str, &str)> =
        merges.lines().skip(1).filter_map(|line| line.split_once(' ')).collect();
    let id = |token: &str| ids.get(token).copied().with_context(|| format!("no token {token}"));
    let mut tokens = vec![id("<|startoftext|>")?];
    for word in text.to_lowercase().split_whitespace() {
        for part in join(word, &merges) {
            tokens.push(id(&part)?);
        }
    }
    tokens.truncate(count - 1);
    tokens.resize(count, id("<|endoftext|>")?);
    Ok(tokens)
}

/// The letters of a word, joined in the order of the merges.
fn join(word: &str, merges: &[(&str, &str)]) -> Vec<String> {
    let mut parts: Vec<String> = word.chars().map(String::from).collect();
    if let Some(last) = parts.last_mut() {
        last.push_str("</w>");
    }
    let at = |parts: &[String], (left, right): (&str, &str)| {
        parts.windows(2).position(|pair| pair[0] == left && pair[1] == right)
    };
    while let Some(place) = merges.iter().find_map(|pair| at(&parts, *pair)) {
        let right = parts.remove(place + 1);
        parts[place].push_str(&right);
    }
    parts
}
