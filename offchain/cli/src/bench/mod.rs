//! `opml bench`.

mod programs;
mod vm;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Subcommand)]
pub enum Command {
    /// The fraud-proof machine: speed, hashing, witnesses, ink and gas of a step.
    Vm(vm::Args),
}

/// Measures and prints.
pub fn run(command: Command) -> Result<()> {
    match command {
        Command::Vm(args) => args.execute(),
    }
}
