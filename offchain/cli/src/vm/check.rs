//! `opml vm check`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use opml_core::mips::Status;
use opml_devnet::stylus::engine::on_deep_stack;
use opml_vm::Machine;
use opml_vm::keccak::FastKeccak;
use serde::Serialize;

use super::{Program, witness};
use crate::contract::StepContract;
use crate::output::{Format, hex, progress};

/// Disagreements that are listed; all are counted.
const LISTED: usize = 10;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    program: Program,
    /// First step to check.
    #[arg(long, value_name = "A", default_value_t = 0)]
    from: u64,
    /// Check steps before this one; by default up to the end of the run and one past it.
    #[arg(long, value_name = "B")]
    to: Option<u64>,
    /// Check one step in so many.
    #[arg(long, value_name = "K", default_value = "1")]
    every: NonZeroU64,
    /// Use this compiled contract instead of the one built in.
    #[arg(long, value_name = "WASM")]
    contract: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// What the contract said of the steps it was shown.
#[derive(Default, Serialize)]
struct Report {
    from: u64,
    to: u64,
    checked: u64,
    agreed: u64,
    disagreed: u64,
    disagreements: Vec<Disagreement>,
    ink_mean: f64,
    ink_max: u64,
    seconds: f64,
}

/// A step on which emulator and contract differ.
#[derive(Serialize)]
struct Disagreement {
    step: u64,
    instruction: Option<String>,
    emulator: String,
    contract: String,
}

impl Args {
    /// Checks the steps; fails if one disagrees.
    pub fn execute(&self) -> Result<ExitCode> {
        let mut contract = StepContract::load(self.contract.as_deref())?;
        let mut machine = self.program.machine()?;
        let start = Instant::now();
        let to = self.end()?;
        machine.run(self.from)?;
        let mut report = Report { from: self.from, to, ..Report::default() };
        on_deep_stack(|| self.check(&mut machine, &mut contract, &mut report))?;
        report.seconds = start.elapsed().as_secs_f64();
        self.format.print(&report, Report::text)?;
        Ok(if report.disagreed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The step before which to stop.
    fn end(&self) -> Result<u64> {
        if let Some(to) = self.to {
            if to <= self.from {
                bail!("there is no step from {} and before {to}", self.from);
            }
            return Ok(to);
        }
        let mut machine = self.program.machine()?;
        while machine.run(super::SLICE)? == Status::Running {}
        let end = machine.cpu().step + 1;
        if end <= self.from {
            bail!("the run ends after {} steps, before step {}", end - 1, self.from);
        }
        Ok(end)
    }

    fn check(
        &self,
        machine: &mut Machine,
        contract: &mut StepContract,
        report: &mut Report,
    ) -> Result<()> {
        let bar = progress(report.to - report.from, "steps");
        let (mut at, mut ink) = (report.from, 0_u64);
        while at < report.to {
            ink += check_step(at, machine, contract, report)?;
            machine.run((self.every.get() - 1).min(report.to - at - 1))?;
            at = at.saturating_add(self.every.get());
            bar.set_position(at - report.from);
        }
        bar.finish_and_clear();
        #[allow(clippy::cast_precision_loss, reason = "a mean for people")]
        let mean = ink as f64 / report.checked as f64;
        report.ink_mean = mean;
        Ok(())
    }
}

/// Takes one step in both and compares; the ink that the contract took.
fn check_step(
    step: u64,
    machine: &mut Machine,
    contract: &mut StepContract,
    report: &mut Report,
) -> Result<u64> {
    let instruction = witness::instruction(machine)?;
    let witness = machine.witness()?;
    machine.step()?;
    let expected = machine.state()?.hash::<FastKeccak>();
    report.checked += 1;
    let (said, ink) = match contract.step(&witness) {
        Ok(verified) if verified.post_hash == expected => {
            report.agreed += 1;
            report.ink_max = report.ink_max.max(verified.ink);
            return Ok(verified.ink);
        }
        Ok(verified) => (hex(verified.post_hash), verified.ink),
        Err(error) => (format!("{error:#}"), 0),
    };
    report.disagreed += 1;
    if report.disagreements.len() < LISTED {
        let emulator = hex(expected);
        report.disagreements.push(Disagreement { step, instruction, emulator, contract: said });
    }
    Ok(ink)
}

impl Report {
    fn text(&self) -> String {
        let mut text = format!(
            "{} of {} steps agree between emulator and compiled contract (steps {} to {}), {:.1} s\n\
             ink a step: {:.0} on average, {} at most",
            self.agreed,
            self.checked,
            self.from,
            self.to - 1,
            self.seconds,
            self.ink_mean,
            self.ink_max
        );
        for Disagreement { step, instruction, emulator, contract } in &self.disagreements {
            let instruction = instruction.as_deref().unwrap_or("stopped");
            text += &format!(
                "\nstep {step}, {instruction}\n  emulator {emulator}\n  contract {contract}"
            );
        }
        text
    }
}
