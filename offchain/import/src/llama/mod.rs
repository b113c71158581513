//! Language models of the Llama family: Llama 2 and 3, Mistral, `SmolLM2` and others that carry the same
//! architecture name.

mod config;
mod program;
mod properties;
mod rearrange;
mod rope;
mod weights;

use std::path::Path;

use opml_runtime::build::{Builder, Vector};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

use crate::ImportError;
use crate::gguf::Gguf;
use crate::tokenizer::Tokenizer;

use config::Config;
use program::Program;
use weights::Source;

/// What a file does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// Positions of the model: prompt and answer together. A power of two, at most what the model was
    /// trained with; lower ones are rounded down.
    pub positions: u32,
    /// Longest text of a request, in bytes.
    pub prompt_bytes: u32,
    /// Longest answer, in bytes.
    pub output_bytes: u32,
    /// What becomes of tokens that only a search for whole words finds.
    pub whole_words: WholeWords,
}

/// What becomes of tokens that no merges form, which other implementations take where a word is one of them
/// (`ignore_merges`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WholeWords {
    /// The file is refused: texts would be read as other tokens than the model was trained on.
    #[default]
    Refused,
    /// They are not used. Such a word is read as the tokens that merges lead to, which spell it as well.
    Split,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            positions: 2048,
            prompt_bytes: 4096,
            output_bytes: 8160,
            whole_words: WholeWords::Refused,
        }
    }
}

/// Tables that the text operators read.
struct Tables {
    tokenizer: Vector,
    vocabulary: Vector,
}

/// Writes the model of a GGUF file as a bundle to `folder`. `progress` is told every tensor.
pub fn import(
    file: &Path,
    folder: &Path,
    options: &Options,
    progress: &mut dyn FnMut(&str),
) -> Result<(), ImportError> {
    let gguf = Gguf::open(file)?;
    let config = Config::read(&gguf, options)?;
    let tokenizer = Tokenizer::read(&gguf, options.whole_words)?;
    let input = Input::Bytes { max: options.prompt_bytes };
    let about = about(&gguf, file);
    let mut builder = Builder::in_folder(about, (input, ResultKind::Text), folder)?;

    let tables = Tables {
        tokenizer: builder.words("tokenizer", &tokenizer.table)?,
        vocabulary: builder.words("vocabulary", &tokenizer.vocabulary)?,
    };
    let mut source = Source::new(&gguf, &mut builder, progress);
    let weights = source.weights(&config)?;
    let prompt = options.prompt_bytes.saturating_add(tokenizer.longest_frame);
    let stops = &tokenizer.stops;
    Program { config, weights, tables, prompt, stops, output: options.output_bytes }
        .build(&mut builder)?;
    Ok(builder.finish_folder()?)
}

fn about(gguf: &Gguf, file: &Path) -> About {
    let text = |key: &str| gguf.text(key).unwrap_or_default().to_owned();
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = text("general.name");
    About {
        name: if name.is_empty() { stem.clone() } else { name },
        description: "Language model: text in, text out".into(),
        licence: text("general.license"),
        source: format!("{stem}, a GGUF file by {}", or_unknown(text("general.organization"))),
        figures: Vec::new(),
    }
}

fn or_unknown(text: String) -> String {
    if text.is_empty() { "an unknown author".into() } else { text }
}
