//! `opml vm`.

mod check;
mod disasm;
mod run;
mod witness;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use opml_vm::Machine;
use opml_vm::elf::Image;
use opml_vm::memory::PagedMemory;

/// Steps between two looks at the guest's output and the progress bar.
const SLICE: u64 = 20_000_000;

/// Commands of the machine.
#[derive(Subcommand)]
pub enum Command {
    /// Run a program until it exits or traps.
    ///
    /// What the guest writes goes to standard error.
    Run(run::Args),
    /// Print a step's pre-state, witness and post-state hash.
    Witness(witness::Args),
    /// Replay steps through the compiled contract and report how many agree.
    Check(check::Args),
    /// Disassemble a program.
    Disasm(disasm::Args),
}

/// A program to load.
#[derive(clap::Args)]
pub struct Program {
    /// Static little-endian MIPS32 ELF file.
    program: PathBuf,
}

/// Runs a command.
pub fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Run(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Witness(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Check(args) => args.execute(),
        Command::Disasm(args) => args.execute().map(|()| ExitCode::SUCCESS),
    }
}

impl Program {
    /// The file's bytes.
    fn read(&self) -> Result<Vec<u8>> {
        std::fs::read(&self.program).with_context(|| format!("cannot read {}", self.name()))
    }

    fn name(&self) -> std::path::Display<'_> {
        self.program.display()
    }

    /// A machine about to execute the program's first instruction.
    fn machine(&self) -> Result<Machine> {
        let file = self.read()?;
        self.load(&file, PagedMemory::default())
    }

    fn load(&self, file: &[u8], memory: PagedMemory) -> Result<Machine> {
        let fail = || format!("cannot load {}", self.name());
        Machine::load_image(&Image::parse(file).with_context(fail)?, memory).with_context(fail)
    }
}
