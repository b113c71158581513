//! `opml run`.

use std::time::Instant;

use anyhow::{Result, bail};
use opml_core::graph::{GraphState, GraphStatus};
use opml_runtime::bundle::manifest::{Manifest, ResultKind};
use opml_runtime::text::TextProgram;
use opml_runtime::{Bundle, Executor};
use opml_vm::keccak::FastKeccak;
use serde::Serialize;

use super::request::Question;
use super::source::Model;
use super::text::stream;
use crate::output::{Format, hex};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    output: String,
    label: Option<String>,
    steps: u64,
    state_hash: String,
    memory_root: String,
    seconds: f64,
    hashing_seconds: f64,
}

impl Args {
    /// Runs the model natively; prints its output and the commitment to its final state.
    pub fn execute(&self) -> Result<()> {
        let bundle = self.model.open()?;
        let mut machine = self.question.start(&bundle)?;
        let start = Instant::now();
        let text = TextProgram::of(&bundle).filter(|_| !self.format.json);
        let mut speed = None;
        if let Some(text) = &text {
            speed = Some(stream(text, &mut machine)?.summary());
        }
        let status = machine.run(1 << bundle.manifest().steps_log2)?;
        let seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let state = machine.state();
        let hashing_seconds = start.elapsed().as_secs_f64();
        if status == GraphStatus::Running {
            bail!("the program has not halted within the 2^n steps of its manifest");
        }
        let report = Report::of(&bundle, &machine, &state, [seconds, hashing_seconds]);
        if let Some(speed) = speed {
            println!("{speed}");
        }
        self.format.print(&report, Report::text)
    }
}

impl Report {
    fn of(bundle: &Bundle, machine: &Executor, state: &GraphState, seconds: [f64; 2]) -> Self {
        let output = machine.output(bundle.manifest().output).unwrap_or_default();
        let [seconds, hashing_seconds] = seconds;
        Self {
            status: status_name(state.status),
            label: label(bundle.manifest(), &output),
            output: hex(output),
            steps: machine.step_count(),
            state_hash: state.hash::<FastKeccak>().to_string(),
            memory_root: state.memory_root.to_string(),
            seconds,
            hashing_seconds,
        }
    }

    fn text(&self) -> String {
        let label = self.label.as_ref().map(|label| format!("result      {label}\n"));
        format!(
            "{}output      {}\nstatus      {}\nfinal state {}\nsteps       {}\ntime        {:.3} ms, \
             and {:.3} ms for the commitment",
            label.unwrap_or_default(),
            self.output,
            self.status,
            self.state_hash,
            self.steps,
            self.seconds * 1e3,
            self.hashing_seconds * 1e3,
        )
    }
}

/// A status in a word.
pub const fn status_name(status: GraphStatus) -> &'static str {
    match status {
        GraphStatus::Running => "running",
        GraphStatus::Halted => "halted",
        GraphStatus::Failed => "failed",
    }
}

/// What the output means, where the model says so.
pub fn label(manifest: &Manifest, output: &[u8]) -> Option<String> {
    let ResultKind::Class { labels } = &manifest.result else { return None };
    let class = u32::from_le_bytes(output.try_into().ok()?);
    labels.get(usize::try_from(class).ok()?).cloned()
}
