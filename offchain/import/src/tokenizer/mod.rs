//! Tables of the text kernels, from a file's metadata. Their layout is `docs/spec.md`, "Text".

mod bytes;
mod classes;
mod joins;
mod reach;
mod template;

use std::collections::HashMap;

use crate::gguf::Gguf;
use crate::{ImportError, WholeWords};
use joins::Joins;
use template::Lists;

/// Marks a special token among bytes.
const SPECIAL: u32 = 1 << 31;
/// In place of the token of a byte that has none.
const NO_TOKEN: u32 = u32::MAX;
/// Words in front of the table's sections.
const HEADER: usize = 16;
/// Texts of tokens that end an answer, where the metadata names none.
const ENDS: [&str; 6] =
    ["<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "</s>"];

/// Kinds of tokens, as ggml numbers them.
mod kind {
    pub const NORMAL: u32 = 1;
    pub const CONTROL: u32 = 3;
    pub const USER_DEFINED: u32 = 4;
    pub const BYTE: u32 = 6;
}

/// How text is cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    Gpt2 = 0,
    Digits = 1,
    Llama3 = 2,
    Whole = 3,
}

/// Tables and what else a program needs to know of a tokenizer.
#[derive(Debug)]
pub struct Tokenizer {
    /// Table of the encoder.
    pub table: Vec<u32>,
    /// Table of the decoder.
    pub vocabulary: Vec<u32>,
    /// Tokens that end a text.
    pub stops: Vec<u32>,
    /// Most bytes and special tokens around a message.
    pub longest_frame: u32,
}

/// The vocabulary of a file.
struct Source<'a> {
    gguf: &'a Gguf,
    split: Split,
    tokens: Vec<&'a str>,
    kinds: Vec<u32>,
    ids: HashMap<&'a str, u32>,
}

impl Tokenizer {
    /// The tokenizer of a file.
    pub fn read(gguf: &Gguf, whole_words: WholeWords) -> Result<Self, ImportError> {
        let source = Source::new(gguf)?;
        let lists = Lists::read(&source)?;
        let table = source.table(&lists)?;
        // The one whose other implementations look for whole words first.
        if source.split == Split::Llama3 && whole_words == WholeWords::Refused {
            reach::check(&source, &table, lists.before().len())?;
        }
        Ok(Self {
            table,
            vocabulary: source.vocabulary(),
            stops: source.stops()?,
            longest_frame: lists.longest_frame(),
        })
    }
}

impl<'a> Source<'a> {
    fn new(gguf: &'a Gguf) -> Result<Self, ImportError> {
        let split = split(gguf)?;
        let tokens = gguf.texts("tokenizer.ggml.tokens")?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 6")]
        let kinds = match gguf.numbers("tokenizer.ggml.token_type") {
            Ok(kinds) => kinds.into_iter().map(|kind| kind as u32).collect(),
            Err(_) => vec![kind::NORMAL; tokens.len()],
        };
        let ids = (0..).zip(&tokens).map(|(id, token)| (*token, id)).collect();
        Ok(Self { gguf, split, tokens, kinds, ids })
    }

    fn kind(&self, id: usize) -> u32 {
        self.kinds.get(id).copied().unwrap_or(kind::NORMAL)
    }

    fn is_special(&self, id: usize) -> bool {
        matches!(self.kind(id), kind::CONTROL | kind::USER_DEFINED)
    }

    fn id(&self, key: &str) -> Result<Option<u32>, ImportError> {
        self.gguf.integer(&format!("tokenizer.ggml.{key}_token_id"))
    }

    fn flag(&self, key: &str, default: bool) -> Result<bool, ImportError> {
        let value = self.gguf.integer(&format!("tokenizer.ggml.{key}"))?;
        Ok(value.map_or(default, |value| value != 0))
    }

    /// The token that begins a text, if one does.
    fn begin(&self) -> Result<Option<u32>, ImportError> {
        let default = matches!(self.split, Split::Whole | Split::Llama3);
        let wanted = self.flag("add_bos_token", default)?;
        Ok(self.id("bos")?.filter(|_| wanted))
    }

    /// Whether a space stands in front of a text.
    fn leading_space(&self) -> Result<bool, ImportError> {
        self.flag("add_space_prefix", self.split == Split::Whole)
    }

    fn stops(&self) -> Result<Vec<u32>, ImportError> {
        let named = [self.id("eos")?, self.id("eot")?, self.id("eom")?].into_iter().flatten();
        let known = ENDS.iter().filter_map(|text| self.ids.get(text).copied());
        let known = known.filter(|id| self.kind(*id as usize) == kind::CONTROL);
        let mut stops: Vec<u32> = Vec::new();
        for id in named.chain(known) {
            if !stops.contains(&id) && stops.len() < 4 {
                stops.push(id);
            }
        }
        Ok(stops)
    }

    /// The encoder's table: a header of places, then sections.
    fn table(&self, lists: &Lists) -> Result<Vec<u32>, ImportError> {
        let joins = Joins::read(self)?;
        let mut table = vec![0; HEADER];
        table[0] = self.split as u32;
        table[1] = self.id("bos")?.unwrap_or(0);
        let mut section = |number: usize, words: &[u32]| {
            table[number] = word(table.len());
            table.extend(words);
            word(words.len())
        };
        section(3, &self.byte_tokens());
        let characters = section(4, &self.characters()) / 2;
        section(6, &joins.starts);
        section(8, &joins.pairs);
        section(9, &joins.results);
        section(2, &classes::table());
        table[5] = characters;
        table[7] = word(joins.starts.len() - 1);
        table[10] = word(table.len());
        let first = table[10] + word(lists.all.len()) + 1;
        let mut end = first;
        table.push(end);
        for list in &lists.all {
            end += word(list.len());
            table.push(end);
        }
        table.extend(lists.all.iter().flatten());
        Ok(table)
    }

    /// Token of every byte; a byte without one is left out of texts.
    fn byte_tokens(&self) -> Vec<u32> {
        let token = |byte: u8| {
            let name = match self.split {
                Split::Whole => format!("<0x{byte:02X}>"),
                _ => bytes::letter(byte).to_string(),
            };
            self.ids.get(name.as_str()).copied().unwrap_or(NO_TOKEN)
        };
        (0..=u8::MAX).map(token).collect()
    }

    /// Characters that are tokens, ascending, each with its token.
    fn characters(&self) -> Vec<u32> {
        if self.split != Split::Whole {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (id, token) in (0..).zip(&self.tokens) {
            let mut characters = token.chars();
            if let (Some(one), None) = (characters.next(), characters.next())
                && self.kind(id as usize) == kind::NORMAL
            {
                found.push((u32::from(one), id));
                if one == bytes::SPACE {
                    found.push((u32::from(' '), id));
                }
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(character, _)| *character);
        found.into_iter().flat_map(|(character, id)| [character, id]).collect()
    }

    /// The decoder's table: number of tokens, where their bytes begin, bytes.
    fn vocabulary(&self) -> Vec<u32> {
        let texts: Vec<Vec<u8>> = (0..self.tokens.len()).map(|id| self.text(id)).collect();
        let mut table = vec![word(self.tokens.len())];
        let mut place = word((texts.len() + 2) * 4);
        table.push(place);
        for text in &texts {
            place += word(text.len());
            table.push(place);
        }
        let all: Vec<u8> = texts.into_iter().flatten().collect();
        table.extend(
            all.chunks(4)
                .map(|four| four.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))),
        );
        table
    }

    /// What a token adds to a text.
    fn text(&self, id: usize) -> Vec<u8> {
        let token = self.tokens.get(id).copied().unwrap_or_default();
        match self.kind(id) {
            kind::CONTROL => Vec::new(),
            kind::USER_DEFINED => token.as_bytes().to_vec(),
            kind::BYTE => {
                let digits = token.trim_start_matches("<0x").trim_end_matches('>');
                u8::from_str_radix(digits, 16).into_iter().collect()
            }
            _ if self.split == Split::Whole => token.replace(bytes::SPACE, " ").into_bytes(),
            _ => token.chars().flat_map(bytes::bytes_of).collect(),
        }
    }
}

fn split(gguf: &Gguf) -> Result<Split, ImportError> {
    let model = gguf.text("tokenizer.ggml.model").unwrap_or_default();
    let pre = gguf.text("tokenizer.ggml.pre").unwrap_or_default();
    match (model, pre) {
        ("llama", _) => Ok(Split::Whole),
        ("gpt2", "smollm") => Ok(Split::Digits),
        ("gpt2", "gpt-2" | "gpt2") => Ok(Split::Gpt2),
        ("gpt2", "llama-bpe" | "llama-v3" | "llama3") => Ok(Split::Llama3),
        _ => Err(ImportError::Tokenizer { model: model.to_owned(), pre: pre.to_owned() }),
    }
}

/// A length as a word; tables are far below 2^32 words.
fn word(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
