//! `opml selftest`.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use opml_core::graph::GraphStep;
use opml_core::mips::Status;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};
use serde::Serialize;

use super::request::Question;
use super::source::Model;
use crate::output::{Format, progress};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    #[command(flatten)]
    question: Question,
    /// Check about so many tiles, spread evenly over the run; all of them without this.
    #[arg(long, value_name = "N")]
    sample: Option<u64>,
    /// Memory for the MIPS machine's pages, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    memory: usize,
    #[command(flatten)]
    format: Format,
}

/// What was found.
#[derive(Default, Serialize)]
struct Report {
    image_root: String,
    steps: u64,
    checked: u64,
    instructions: u64,
    most_instructions: u64,
    differences: Vec<Difference>,
    seconds: f64,
}

/// A tile whose two results are not the same.
#[derive(Serialize)]
struct Difference {
    step: u64,
    operator: String,
    status: String,
    first_word: Option<usize>,
}

impl Args {
    /// Runs the model natively and its tiles in the MIPS machine; fails where bits differ.
    pub fn execute(&self) -> Result<ExitCode> {
        let bundle = self.model.open()?;
        let image = KernelImage::released()?;
        let start = Instant::now();
        let mut report = Report { image_root: image.root().to_string(), ..Report::default() };
        self.check(&bundle, &image, &mut report)?;
        report.seconds = start.elapsed().as_secs_f64();
        self.format.print(&report, Report::text)?;
        let equal = report.differences.is_empty();
        Ok(if equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn check(&self, bundle: &Bundle, image: &KernelImage, report: &mut Report) -> Result<()> {
        let mut machine = self.question.start(bundle)?;
        let total = self.steps(bundle)?;
        let every = self.sample.map_or(1, |count| (total / count.max(1)).max(1));
        let bar = progress(total, "tiles");
        while let GraphStep::Tile(_) = machine.next_step() {
            if machine.step_count() % every == 0 {
                self.check_tile(&mut machine, image, report)?;
            } else {
                machine.step()?;
            }
            bar.set_position(machine.step_count());
        }
        bar.finish_and_clear();
        report.steps = machine.step_count();
        Ok(())
    }

    /// Steps of the whole run.
    fn steps(&self, bundle: &Bundle) -> Result<u64> {
        let mut machine = self.question.start(bundle)?;
        machine.run(1 << bundle.manifest().steps_log2)?;
        Ok(machine.step_count())
    }

    /// Takes one step in both machines.
    fn check_tile(
        &self,
        machine: &mut Executor,
        image: &KernelImage,
        report: &mut Report,
    ) -> Result<()> {
        let mut run = TileRun::new(machine, image, self.memory << 20)?;
        let finished = run.finish()?;
        let step = machine.step_count();
        let tile = run.tile().clone();
        machine.step()?;
        let native = machine.read(tile.output);
        report.checked += 1;
        report.instructions += finished.instructions;
        report.most_instructions = report.most_instructions.max(finished.instructions);
        let first_word = native.iter().zip(&finished.output).position(|(a, b)| a != b);
        if first_word.is_some() || finished.status != Status::Exited(0) {
            let operator = format!("{:?}", tile.operator);
            let status = format!("{:?}", finished.status);
            report.differences.push(Difference { step, operator, status, first_word });
        }
        Ok(())
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text = format!(
            "{} of {} tiles checked in the MIPS machine in {:.1} s: {} instructions, {} at most in a \
             tile\n",
            self.checked, self.steps, self.seconds, self.instructions, self.most_instructions,
        );
        for difference in &self.differences {
            text += &format!(
                "step {}: {} ended {}, first word that differs: {:?}\n",
                difference.step, difference.operator, difference.status, difference.first_word
            );
        }
        text += match self.differences.len() {
            0 => "all bits are the same",
            _ => "results differ",
        };
        text
    }
}
