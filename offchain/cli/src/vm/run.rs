//! `opml vm run`.

use std::io::Write as _;
use std::time::Instant;

use anyhow::Result;
use opml_core::mips::{State, Status};
use opml_vm::Machine;
use opml_vm::keccak::FastKeccak;
use opml_vm::memory::PagedMemory;
use opml_vm::source::NoSource;
use serde::Serialize;

use super::{Program, SLICE};
use crate::output::{Format, hex, progress};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    program: Program,
    /// Stop after so many steps.
    #[arg(long, value_name = "N")]
    max_steps: Option<u64>,
    /// Memory for the guest's pages, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory: usize,
    #[command(flatten)]
    format: Format,
}

/// Where a run ended.
#[derive(Serialize)]
pub struct Report {
    exited: bool,
    exit_code: Option<u8>,
    trap: Option<String>,
    steps: u64,
    pc: u32,
    state_hash: String,
    memory_root: String,
    seconds: f64,
}

impl Args {
    /// Runs the program and prints where it ended.
    pub fn execute(&self) -> Result<()> {
        let file = self.program.read()?;
        let pages = self.memory.saturating_mul(256);
        let memory = PagedMemory::new(std::sync::Arc::new(NoSource), pages);
        let mut machine = self.program.load(&file, memory)?;
        let start = Instant::now();
        self.run(&mut machine)?;
        let seconds = start.elapsed().as_secs_f64();
        let report = Report::of(&machine.state()?, seconds);
        self.format.print(&report, Report::text)
    }

    /// Runs in slices, so that output and progress are seen while the guest runs.
    fn run(&self, machine: &mut Machine) -> Result<()> {
        let limit = self.max_steps.unwrap_or(u64::MAX);
        let bar = progress(self.max_steps.unwrap_or(0), "steps");
        while machine.cpu().step < limit && machine.cpu().status == Status::Running {
            let slice = SLICE.min(limit - machine.cpu().step);
            let done = machine.run(slice);
            let output = machine.take_output();
            bar.suspend(|| std::io::stderr().write_all(&output))?;
            done?;
            bar.set_position(machine.cpu().step);
        }
        bar.finish_and_clear();
        Ok(())
    }
}

impl Report {
    fn of(state: &State, seconds: f64) -> Self {
        let (exit_code, trap) = match state.cpu.status {
            Status::Running => (None, None),
            Status::Exited(code) => (Some(code), None),
            Status::Trapped(trap) => (None, Some(format!("{trap:?}"))),
        };
        Self {
            exited: exit_code.is_some(),
            exit_code,
            trap,
            steps: state.cpu.step,
            pc: state.cpu.pc,
            state_hash: hex(state.hash::<FastKeccak>()),
            memory_root: hex(state.memory_root),
            seconds,
        }
    }

    fn text(&self) -> String {
        let end = match (self.exit_code, &self.trap) {
            (Some(code), _) => format!("exited with code {code}"),
            (None, Some(trap)) => format!("trapped: {trap}"),
            (None, None) => "still running".to_owned(),
        };
        format!(
            "{end} at {:#010x} after {} steps in {:.3} s\nstate hash   {}\nmemory root  {}",
            self.pc, self.steps, self.seconds, self.state_hash, self.memory_root
        )
    }
}
