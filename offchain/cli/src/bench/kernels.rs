//! `opml bench kernels`.

mod machine;

use std::fmt::Write as _;

use anyhow::Result;
use opml_native::Backend;
use opml_native::measure::{Effort, measure};
use serde::Serialize;

use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Take ten seconds instead of ninety; figures are noisy.
    #[arg(long)]
    quick: bool,
    /// Measure this backend instead of the fastest: scalar, portable, neon, avx2 or avx512.
    #[arg(long)]
    backend: Option<Backend>,
    /// Threads of the threaded figures, a core each if not given.
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    format: Format,
}

/// What was measured.
#[derive(Serialize)]
struct Report {
    native: opml_native::measure::Report,
    machine: Vec<machine::Cost>,
}

impl Args {
    /// Measures and prints.
    pub fn execute(&self) -> Result<()> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or_else(cores);
        let backend = self.backend.unwrap_or_else(Backend::best);
        let effort = if self.quick { Effort::Quick } else { Effort::Full };
        let native = measure(backend, threads, effort)?;
        let report = Report { native, machine: machine::costs()? };
        self.format.print(&report, text)
    }
}

fn text(report: &Report) -> String {
    let mut text = report.native.to_string();
    text.push_str(
        "\n| in the MIPS machine | of | count | instructions | each |\n|---|---|---|---|---|\n",
    );
    for cost in &report.machine {
        let machine::Cost { kernel, unit, count, instructions, each } = cost;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {kernel} | {unit} | {count} | {instructions} | {each:.1} |");
    }
    text
}
