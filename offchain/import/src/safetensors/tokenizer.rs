//! The table of the text kernel for CLIP's tokenizer.
//!
//! CLIP cuts a text into words, in lower case, and marks the last byte of each. The kernel's words have
//! no such mark, so the text is not cut (split 3): a space behind a byte makes it the marked one, and is
//! gone. Marked tokens are joined with nothing behind them, so words stay apart. Digits are words of
//! their own, so theirs are the marked ones to begin with. What is not at a space is made out by a first
//! pass over the text ([`super::edges`]).

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use super::DiffusionError;
use super::edges::{EDGE, is_mark, is_space};

/// Marks a special token among bytes.
pub(super) const SPECIAL: u32 = 1 << 31;
/// Words in front of the table's sections.
const HEADER: usize = 16;
/// What marks the last byte of a word.
const MARK: &str = "</w>";
/// The kernel's number for texts that are not cut.
const WHOLE: u32 = 3;

/// Tokens are numbers below this: the table has a place for each.
const MOST_TOKENS: u32 = 1 << 22;

/// A tokenizer: its table, and tokens that a program needs to know.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    /// Table of the encoder.
    pub table: Vec<u32>,
    /// The token that begins a text.
    pub begin: u32,
    /// The token that ends it.
    pub end: u32,
    /// The token that fills it up.
    pub fill: u32,
}

/// Tokens by their texts.
pub type Vocabulary = HashMap<String, u32>;

/// Right token and rank by left token and right token, and what ranks make.
#[derive(Default)]
pub(super) struct Joins {
    pairs: BTreeMap<(u32, u32), u32>,
    results: Vec<u32>,
}

impl Joins {
    /// Notes that the two become the third, after all that were noted before.
    pub(super) fn push(&mut self, left: u32, right: u32, result: u32) {
        let rank = word(self.results.len());
        self.pairs.entry((left, right)).or_insert(rank);
        self.results.push(result);
    }
}

impl Tokenizer {
    /// The tokenizer in a folder: `vocab.json`, `merges.txt` and, for the token that fills up, one of the
    /// files that name it.
    pub fn read(folder: &Path) -> Result<Self, DiffusionError> {
        let path = |name: &str| folder.join(name);
        let read = |name: &str| {
            fs::read_to_string(path(name))
                .map_err(|source| DiffusionError::Io { path: path(name), source })
        };
        let vocabulary: Vocabulary = serde_json::from_str(&read("vocab.json")?)
            .map_err(|source| DiffusionError::Json { path: path("vocab.json"), source })?;
        let merges = read("merges.txt")?;
        let files = ["special_tokens_map.json", "tokenizer_config.json"];
        let fill = files.iter().find_map(|name| fill(&read(name).ok()?));
        Self::new(&vocabulary, &merges, fill.as_deref().unwrap_or("<|endoftext|>"))
    }

    /// A tokenizer of tokens and of pairs of them, a line each, in the order in which they are joined.
    pub fn new(vocabulary: &Vocabulary, merges: &str, fill: &str) -> Result<Self, DiffusionError> {
        let find = |token: &str| {
            let missing = || DiffusionError::Token { token: token.to_owned() };
            vocabulary.get(token).copied().ok_or_else(missing)
        };
        let [begin, end, fill] = [find("<|startoftext|>")?, find("<|endoftext|>")?, find(fill)?];
        let behind = vocabulary.values().max().map_or(0, |last| last.saturating_add(1));
        if behind > MOST_TOKENS {
            return Err(DiffusionError::Property { key: "vocab.json", value: behind.to_string() });
        }
        let between = Between::behind(behind);
        let bytes = bytes(vocabulary, between);
        let joins = joins(vocabulary, merges, (&bytes, between))?;
        let (before, after) = ([begin | SPECIAL], [end | SPECIAL]);
        let lists = Lists { before: &before, after: &after };
        let table = table((&bytes, between.inner + 1), &joins, (end, lists));
        Ok(Self { table, begin, end, fill })
    }
}

/// The text of the token that fills up, as a string or as an object's content.
fn fill(text: &str) -> Option<String> {
    let map: serde_json::Value = serde_json::from_str(text).ok()?;
    let token = map.get("pad_token")?;
    token.as_str().or_else(|| token.get("content")?.as_str()).map(str::to_owned)
}

/// Tokens of what stands between words, which are none of the vocabulary's.
#[derive(Clone, Copy)]
struct Between {
    space: u32,
    /// Beside punctuation.
    edge: u32,
    /// Between two bytes of punctuation.
    inner: u32,
}

impl Between {
    const fn behind(first: u32) -> Self {
        Self { space: first, edge: first + 1, inner: first + 2 }
    }
}

/// Token of every byte: of its lower case, and for digits the marked one. Zeros are nothing.
fn bytes(vocabulary: &Vocabulary, between: Between) -> Vec<u32> {
    let token = |byte: u8| {
        match byte {
            0 => return u32::MAX,
            EDGE => return between.edge,
            _ if is_space(byte) => return between.space,
            _ => {}
        }
        let letter = letter(byte.to_ascii_lowercase()).to_string();
        let marked = if byte.is_ascii_digit() { format!("{letter}{MARK}") } else { letter };
        vocabulary.get(&marked).copied().unwrap_or(u32::MAX)
    };
    (0..=u8::MAX).map(token).collect()
}

/// What is between words first, so that it is gone before anything else is joined.
fn joins(
    vocabulary: &Vocabulary,
    merges: &str,
    (bytes, between): (&[u32], Between),
) -> Result<Joins, DiffusionError> {
    let mut joins = Joins::default();
    let letters = (0..=u8::MAX).map(|byte| (byte, letter(byte).to_string()));
    let marked: Vec<(u8, u32, u32)> = letters
        .filter_map(|(byte, letter)| {
            let plain = vocabulary.get(&letter)?;
            Some((byte, *plain, *vocabulary.get(&format!("{letter}{MARK}"))?))
        })
        .collect();
    let Between { space, edge, inner } = between;
    // A run of punctuation is one word.
    joins.push(edge, edge, inner);
    for (_, plain, _) in marked.iter().filter(|(byte, ..)| is_mark(*byte)) {
        joins.push(*plain, inner, *plain);
    }
    for end in [edge, space] {
        for (_, plain, marked) in &marked {
            joins.push(*plain, end, *marked);
        }
    }
    for (.., marked) in &marked {
        joins.push(*marked, space, *marked);
    }
    for (left, right) in [(space, space), (space, edge), (edge, space)] {
        joins.push(left, right, space);
    }
    for start in [space, edge] {
        for token in bytes.iter().chain(marked.iter().map(|(.., marked)| marked)) {
            joins.push(start, *token, *token);
        }
    }
    let lines = merges.lines().filter(|line| !line.starts_with("#version"));
    for (left, right) in lines.filter_map(|line| line.split_once(' ')) {
        let find = |token: &str| {
            let missing = || DiffusionError::Token { token: token.to_owned() };
            vocabulary.get(token).copied().ok_or_else(missing)
        };
        joins.push(find(left)?, find(right)?, find(&format!("{left}{right}"))?);
    }
    Ok(joins)
}

/// The table: a header of places, then sections (`docs/spec.md`, "Text").
pub(super) fn table(
    (bytes, tokens): (&[u32], u32),
    joins: &Joins,
    (default, lists): (u32, Lists<'_>),
) -> Vec<u32> {
    let mut table = vec![0; HEADER];
    table[0] = WHOLE;
    table[1] = default;
    let mut starts = Vec::with_capacity(tokens as usize + 1);
    let mut pairs = Vec::with_capacity(joins.pairs.len() * 2);
    for ((left, right), rank) in &joins.pairs {
        while starts.len() <= *left as usize {
            starts.push(word(pairs.len() / 2));
        }
        pairs.extend([*right, *rank]);
    }
    starts.resize(tokens as usize + 1, word(pairs.len() / 2));
    table[7] = tokens;
    // No class and no character has a token of its own: the text is bytes.
    for (number, words) in [(3, bytes), (6, &starts), (8, &pairs), (9, &joins.results)] {
        table[number] = word(table.len());
        table.extend(words);
    }
    table[2] = word(table.len());
    table[4] = word(table.len());
    lists.push(&mut table);
    table
}

/// What stands around a text, in any layout of a request.
#[derive(Clone, Copy)]
pub(super) struct Lists<'a> {
    pub before: &'a [u32],
    pub after: &'a [u32],
}

impl Lists<'_> {
    fn push(self, table: &mut Vec<u32>) {
        let list = |number: usize| -> &[u32] {
            match number {
                // In front of the text, and behind it: as a text, as a message, as a turn.
                0..=2 | 16 => self.before,
                3 | 7 | 11 | 15 | 17 => self.after,
                _ => &[],
            }
        };
        let lists: Vec<&[u32]> = (0..18).map(list).collect();
        table[10] = word(table.len());
        let mut at = table[10] + 19;
        table.push(at);
        for list in &lists {
            at += word(list.len());
            table.push(at);
        }
        table.extend(lists.into_iter().flatten());
    }
}

/// The character that stands for a byte in a vocabulary.
fn letter(byte: u8) -> char {
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let byte = u32::from(byte);
    if printable(byte) {
        return char::from_u32(byte).unwrap_or_default();
    }
    let before = (0..byte).filter(|other| !printable(*other)).count();
    char::from_u32(256 + word(before)).unwrap_or_default()
}

/// A length as a word; tables are far below 2^32 words.
pub(super) fn word(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
