//! What the demonstration is about: a model, what it is asked, and how its answers read.

use std::path::Path;

use alloy_primitives::B256;
use anyhow::{Context as _, Result};
use opml_client::contracts::IHub;
use opml_core::graph::{REQUEST_PARAMS, Request};
use opml_runtime::Bundle;
use opml_runtime::bundle::manifest::{Input, ResultKind};
use opml_runtime::text::TextProgram;
use opml_runtime::tile::KernelImage;
use opml_runtime::tree::words_root;

use super::picture::{self, Picture};
use crate::model::source;

/// What a request costs, in wei, besides the work burn and the delivery.
const FEE: u128 = 1_000_000_000_000_000;
/// What it costs on top for each token.
const TOKEN_FEE: u128 = 10_000_000_000_000;
/// Most tokens that a request can ask for.
const MOST_TOKENS: u32 = 256;

/// A model, and what is asked of it.
pub struct Subject {
    pub name: String,
    pub kind: Kind,
    pub bundle: Bundle,
    /// To an honest server first, then to one that lies.
    pub questions: [Question; 2],
}

/// What a model makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A digit out of a picture.
    Digit,
    /// Text out of text.
    Text,
    /// A picture out of a seed, or out of a text and a seed.
    Picture,
}

/// How a model is to answer, as `OpmlRequest.Settings` has it.
#[derive(Clone, Copy, Default)]
pub struct Choice {
    pub seed: u64,
    /// Bits of a number; zero is greedy.
    pub temperature: u32,
    pub top_k: u32,
    /// Most new tokens.
    pub iterations: u32,
    /// Bits of a number.
    pub top_p: u32,
}

/// What is asked.
pub struct Question {
    /// As it is told.
    pub what: String,
    pub input: Vec<u8>,
    pub choice: Choice,
    /// The right answer, where a person sees it.
    pub expected: Option<String>,
}

/// What a language model is asked, besides the text.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Tokens of the answer.
    pub tokens: u32,
    /// Seed of the second answer, which is drawn; of the first of two pictures.
    pub seed: u64,
}

impl Subject {
    /// The model of a name: `digits`, a language model, or one of pictures.
    pub fn open(name: &Path, prompts: &[String; 2], wish: Wish) -> Result<Self> {
        let bundle = source::open(name)?;
        let kind = match (TextProgram::of(&bundle), &bundle.manifest().result) {
            // Programs of pictures may work on text too.
            (_, ResultKind::Heights { .. } | ResultKind::Picture { .. }) => Kind::Picture,
            (Some(_), _) => Kind::Text,
            (None, _) => Kind::Digit,
        };
        let questions = match kind {
            Kind::Digit => {
                [Question::picture(&picture::SEVEN)?, Question::picture(&picture::THREE)?]
            }
            Kind::Text => {
                let [first, second] = prompts;
                [Question::greedy(first, wish), Question::drawn(second, wish)]
            }
            Kind::Picture => {
                let [first, second] = match bundle.manifest().result {
                    ResultKind::Picture { .. } => prompts.each_ref().map(String::as_str),
                    _ => ["", ""],
                };
                [(first, wish.seed), (second, wish.seed.wrapping_add(1))].map(Question::drawing)
            }
        };
        Ok(Self { name: name.display().to_string(), kind, bundle, questions })
    }

    /// The model as the hub registers it.
    pub fn registration(&self, steps_log2: u8) -> Result<IHub::Model> {
        let manifest = self.bundle.manifest();
        let max_input = match manifest.input {
            Input::Grey { width, height } => width.checked_mul(height).context("too large")?,
            Input::Bytes { max } => max,
        };
        let (iteration_fee, max_iterations) = match self.kind {
            Kind::Digit | Kind::Picture => (0, 0),
            Kind::Text => (TOKEN_FEE, MOST_TOKENS),
        };
        Ok(IHub::Model {
            programRoot: manifest.program_root,
            weightsRoot: manifest.weights_root,
            imageRoot: KernelImage::released()?.root(),
            outputBase: manifest.output.base,
            outputLog2: manifest.output.log2_size,
            stepsLog2: steps_log2,
            maxInput: max_input,
            fee: FEE,
            iterationFee: iteration_fee,
            maxIterations: max_iterations,
        })
    }

    /// An answer as a person reads it.
    pub fn say(&self, output: &[u8]) -> String {
        match self.kind {
            Kind::Digit => output.first().copied().unwrap_or_default().to_string(),
            Kind::Text => String::from_utf8_lossy(output).into_owned(),
            Kind::Picture => Self::say_root(output.len(), self.output_root(output)),
        }
    }

    /// The hub's result as a person reads it: long outputs are kept as their root.
    pub fn say_result(&self, result: &IHub::Outcome) -> String {
        match self.kind {
            Kind::Picture => {
                let length = usize::try_from(result.outputLength).unwrap_or_default();
                Self::say_root(length, result.outputRoot)
            }
            Kind::Digit | Kind::Text => self.say(&result.output),
        }
    }

    fn say_root(length: usize, root: B256) -> String {
        format!("{length} bytes of pixels with the root {root}")
    }

    /// Root of the output region with these bytes in it.
    fn output_root(&self, output: &[u8]) -> B256 {
        let length = u32::try_from(output.len()).unwrap_or_default();
        let mut bytes = [0; 32].to_vec();
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        bytes.extend(output);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let words = bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word));
        words_root(&words.collect::<Vec<_>>(), self.bundle.manifest().output.log2_size)
    }
}

impl Question {
    fn picture(picture: &Picture) -> Result<Self> {
        Ok(Self {
            what: format!("{}: which digit is it?", picture.name),
            input: picture.input()?,
            choice: Choice::default(),
            expected: Some(picture.digit.to_string()),
        })
    }

    fn text(prompt: &str, choice: Choice) -> Self {
        let what = format!("{prompt:?}");
        Self { what, input: prompt.as_bytes().to_vec(), choice, expected: None }
    }

    fn drawing((prompt, seed): (&str, u64)) -> Self {
        let what = match prompt {
            "" => format!("a picture of seed {seed}"),
            _ => format!("{prompt:?}, drawn from seed {seed}"),
        };
        Self { what, ..Self::text(prompt, Choice { seed, ..Choice::default() }) }
    }

    fn greedy(prompt: &str, wish: Wish) -> Self {
        Self::text(prompt, Choice { iterations: wish.tokens, ..Choice::default() })
    }

    fn drawn(prompt: &str, wish: Wish) -> Self {
        let choice = Choice {
            seed: wish.seed,
            temperature: 0.8_f32.to_bits(),
            top_k: 40,
            iterations: wish.tokens,
            top_p: 0.95_f32.to_bits(),
        };
        Self::text(prompt, choice)
    }

    /// Header and input, as the hub takes them.
    pub fn request(&self) -> Result<Vec<u8>> {
        let Choice { seed, temperature, top_k, iterations, top_p } = self.choice;
        let mut params = [0; REQUEST_PARAMS];
        params[..4].copy_from_slice(&[temperature, top_k, iterations, top_p]);
        let request = Request::new(&self.input, seed, params)?;
        Ok([&request.header()[..], request.input()].concat())
    }
}
