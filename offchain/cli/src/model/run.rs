//! `opml run`.

use std::path::PathBuf;
use std::time::Instant;

use alloy_primitives::B256;
use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use opml_core::graph::{GraphState, GraphStatus};
use opml_operator::Control;
use opml_runtime::bundle::manifest::{Manifest, ResultKind};
use opml_runtime::part::OutputTree;
use opml_runtime::{Bundle, Executor};
use opml_vm::keccak::FastKeccak;
use serde::Serialize;

use super::picture;
use super::request::Question;
use super::source::Model;
use super::text::{stream, text_program};
use crate::output::{Format, hex};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    #[command(flatten)]
    question: Question,
    /// Where to write a picture, as PNG; heights as a relief in colours.
    #[arg(long, short, value_name = "PNG")]
    output: Option<PathBuf>,
    /// The output's root, as a claim or a contract tells it: any other output is refused, and not written.
    #[arg(long, value_name = "ROOT")]
    root: Option<B256>,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    output: String,
    label: Option<String>,
    /// Of the output's region.
    output_root: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    /// Whether the output was shown as text already.
    #[serde(skip)]
    told: bool,
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
        let text = text_program(&bundle).filter(|_| !self.format.json);
        let mut speed = None;
        if let Some(text) = &text {
            speed = Some(stream(text, &mut machine)?.summary());
        }
        let status = if self.output.is_some() && !self.format.json {
            watched(&bundle, &mut machine)?
        } else {
            machine.run(1 << bundle.manifest().steps_log2)?
        };
        let seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let state = machine.state();
        let hashing_seconds = start.elapsed().as_secs_f64();
        if status == GraphStatus::Running {
            bail!("the program has not halted within the 2^n steps of its manifest");
        }
        let root = output_root(&bundle, &machine)?;
        if let Some(wanted) = self.root.filter(|wanted| root != Some(*wanted)) {
            let root = root.map_or_else(|| "none".into(), |root| root.to_string());
            bail!("the output's root is {root}, not {wanted}");
        }
        if let Some(path) = &self.output {
            let bytes = machine.output(bundle.manifest().output).unwrap_or_default();
            picture::write(path, &bundle.manifest().result, &bytes)?;
        }
        let mut report = Report::of(&bundle, &machine, &state, [seconds, hashing_seconds]);
        report.output_root = root;
        report.picture = self.output.as_ref().map(|path| path.display().to_string());
        if let Some(speed) = speed {
            println!("{speed}");
            report.told = true;
        }
        self.format.print(&report, Report::text)
    }
}

/// Root of the output's region; none without an output.
fn output_root(bundle: &Bundle, machine: &Executor) -> Result<Option<B256>> {
    let region = bundle.manifest().output;
    let Some(output) = machine.output(region) else { return Ok(None) };
    Ok(Some(OutputTree::new(&output, region.log2_size)?.root()))
}

/// Runs to the end, and shows how far it is.
fn watched(bundle: &Bundle, machine: &mut Executor) -> Result<GraphStatus> {
    let parts = parts(bundle);
    let style = ProgressStyle::with_template("computing {wide_bar} {percent} % ({elapsed})")?;
    let bar = ProgressBar::new(parts.iter().sum()).with_style(style);
    for part in parts {
        if machine.run(part)? != GraphStatus::Running {
            break;
        }
        bar.inc(part);
    }
    bar.finish_and_clear();
    Ok(machine.run(1 << bundle.manifest().steps_log2)?)
}

/// Steps of one operator after another, further iterations of a loop in one.
fn parts(bundle: &Bundle) -> Vec<u64> {
    let operators: Vec<_> = bundle.program().operators().map(|(_, operator)| operator).collect();
    let mut parts = Vec::with_capacity(operators.len());
    for (pc, operator) in operators.iter().enumerate() {
        parts.push(operator.tiles.into());
        if let Ok(Control::Loop { target, count }) = operator.control() {
            let body = operators.get(target as usize..=pc).unwrap_or_default();
            let tiles: u64 = body.iter().map(|operator| u64::from(operator.tiles)).sum();
            parts.extend((1..count).map(|_| tiles));
        }
    }
    parts
}

impl Report {
    fn of(bundle: &Bundle, machine: &Executor, state: &GraphState, seconds: [f64; 2]) -> Self {
        let output = machine.output(bundle.manifest().output).unwrap_or_default();
        let [seconds, hashing_seconds] = seconds;
        Self {
            status: status_name(state.status),
            label: label(bundle.manifest(), &output),
            output: hex(output),
            output_root: None,
            picture: None,
            told: false,
            steps: machine.step_count(),
            state_hash: state.hash::<FastKeccak>().to_string(),
            memory_root: state.memory_root.to_string(),
            seconds,
            hashing_seconds,
        }
    }

    fn text(&self) -> String {
        let label = self.label.as_ref().map(|label| format!("result      {label}\n"));
        let output = self.picture.as_ref().unwrap_or(&self.output);
        let output = if self.told { String::new() } else { format!("output      {output}\n") };
        let root = self.output_root.map(|root| format!("output root {root}\n")).unwrap_or_default();
        format!(
            "{}{output}{root}status      {}\nfinal state {}\nsteps       {}\ntime        {:.3} ms, \
             and {:.3} ms for the commitment",
            label.unwrap_or_default(),
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
