//! Text that a language model writes, shown while it comes into being.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use opml_core::graph::{GraphStatus, REQUEST_PARAMS};
use opml_runtime::bundle::manifest::ResultKind;
use opml_runtime::text::{Answer, TextProgram};
use opml_runtime::{Bundle, Executor};

/// The program of a model that writes text. Programs of pictures may work on text too.
pub fn text_program(bundle: &Bundle) -> Option<TextProgram> {
    match bundle.manifest().result {
        ResultKind::Picture { .. } | ResultKind::Heights { .. } => None,
        _ => TextProgram::of(bundle),
    }
}

/// How a language model chooses its words.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Sampling {
    /// How freely words are chosen; 0 takes the likeliest.
    #[arg(long, default_value_t = 0.0)]
    temperature: f32,
    /// Words that are chosen from, 256 at most.
    #[arg(long, default_value_t = 40)]
    top_k: u32,
    /// Share of the likelihood that is chosen from.
    #[arg(long, default_value_t = 0.95)]
    top_p: f32,
    /// Most tokens of the answer; 0 as many as there is room for.
    #[arg(long, default_value_t = 256)]
    max_tokens: u32,
    /// Continue the text as it is, without the chat template.
    #[arg(long)]
    raw: bool,
}

/// How the text of a request is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One message.
    Message = 0,
    /// A text to continue.
    Raw = 1,
    /// Turns with their speakers.
    Conversation = 2,
}

impl Sampling {
    /// The request's parameters.
    pub fn params(&self) -> [u32; REQUEST_PARAMS] {
        self.params_of(if self.raw { Layout::Raw } else { Layout::Message })
    }

    /// The same for a text of another layout.
    pub fn params_of(&self, layout: Layout) -> [u32; REQUEST_PARAMS] {
        let mut params = [0; REQUEST_PARAMS];
        let head = [self.temperature.to_bits(), self.top_k, self.max_tokens, self.top_p.to_bits()];
        params[..4].copy_from_slice(&head);
        params[4] = layout as u32;
        params
    }
}

/// What was generated, and how fast.
pub struct Generated {
    /// The text.
    pub answer: Answer,
    /// Until the first token of the answer.
    pub prefill: Duration,
    /// From there on.
    pub decode: Duration,
}

impl Generated {
    /// Tokens a second of both parts.
    pub fn summary(&self) -> String {
        let Answer { prompt, tokens, .. } = &self.answer;
        let new = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
        let rate = |count: u32, time: Duration| f64::from(count) / time.as_secs_f64().max(1e-9);
        format!(
            "{prompt} tokens read, {:.1} a second; {new} written, {:.1} a second",
            rate(*prompt, self.prefill),
            rate(new.saturating_sub(1), self.decode),
        )
    }
}

/// Runs `machine` to its end and prints whole characters as they come.
pub fn stream(text: &TextProgram, machine: &mut Executor) -> Result<Generated> {
    let start = Instant::now();
    let mut shown = 0;
    let mut prefill = None;
    // The prompt at once: its positions can be computed together.
    let mut position = text.read_prompt(machine)?;
    loop {
        let status = text.advance(machine)?;
        position += 1;
        let answer = text.answer(machine, position);
        if !answer.tokens.is_empty() && prefill.is_none() {
            prefill = Some(start.elapsed());
        }
        let whole =
            if status == GraphStatus::Running { whole(&answer.text) } else { answer.text.len() };
        if whole > shown {
            print!("{}", String::from_utf8_lossy(&answer.text[shown..whole]));
            std::io::stdout().flush()?;
            shown = whole;
        }
        if status != GraphStatus::Running {
            println!();
            let prefill = prefill.unwrap_or_else(|| start.elapsed());
            return Ok(Generated {
                answer,
                prefill,
                decode: start.elapsed().saturating_sub(prefill),
            });
        }
    }
}

/// Bytes up to the last character that is complete, or cannot be completed.
fn whole(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) | Err(_) => text.len(),
    }
}
