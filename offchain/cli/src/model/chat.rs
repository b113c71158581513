//! `opml chat`.

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use opml_core::graph::Request;
use opml_runtime::executor::Settings;
use opml_runtime::text::TextProgram;
use opml_runtime::{Bundle, Executor};

use super::source;
use super::text::{Layout, Sampling, stream, text_program};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of a language model's bundle.
    #[arg(long, value_name = "BUNDLE")]
    model: PathBuf,
    /// What the model is told before the conversation.
    #[arg(long)]
    system: Option<String>,
    /// Seed of the first answer; each further one takes the next.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    sampling: Sampling,
}

/// Who speaks, as requests number them.
const SYSTEM: u8 = 0;
const USER: u8 = 1;
const ASSISTANT: u8 = 2;

impl Args {
    /// Answers line by line until the input ends.
    pub fn execute(&self) -> Result<()> {
        let bundle = source::open(&self.model)?;
        let text = text_program(&bundle).context("the model writes no text")?;
        let mut turns = Vec::new();
        if let Some(system) = &self.system {
            push(&mut turns, SYSTEM, system.as_bytes());
        }
        let mut lines = std::io::stdin().lock().lines();
        for seed in self.seed.. {
            print!("> ");
            std::io::stdout().flush()?;
            let Some(line) = lines.next().transpose()? else { break };
            push(&mut turns, USER, line.as_bytes());
            let answer = self.answer((&bundle, &text), &turns, seed)?;
            push(&mut turns, ASSISTANT, &answer);
        }
        Ok(())
    }

    fn answer(
        &self,
        (bundle, text): (&Bundle, &TextProgram),
        turns: &[u8],
        seed: u64,
    ) -> Result<Vec<u8>> {
        let expected = &bundle.manifest().input;
        ensure!(expected.accepts(turns.len()), "the conversation has become too long");
        let request = Request::new(turns, seed, self.sampling.params_of(Layout::Conversation))?;
        let mut machine = Executor::new(bundle, &request, Settings::default())?;
        Ok(stream(text, &mut machine)?.answer.text)
    }
}

/// Appends a turn: speaker, length, text.
fn push(turns: &mut Vec<u8>, speaker: u8, text: &[u8]) {
    turns.push(speaker);
    turns.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    turns.extend(text);
}
