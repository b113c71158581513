//! `cargo xtask`: set-up, builds and checks of the repository.

mod checks;
mod contracts;
mod cross;
mod demo;
mod guest;
mod packages;
mod process;
mod setup;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Set-up, builds and checks of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Find or install what the builds need: cross compiler, linker, QEMU.
    Setup,
    /// Build contracts, guest and `target/release/opml`.
    Build,
    /// Build and size the contracts only.
    Contracts,
    /// Build the guest only.
    Guest {
        /// Build it again in place and in another folder, and compare the bytes.
        #[arg(long)]
        check_reproducible: bool,
    },
    /// Build everything, then run all tests.
    Test,
    /// Run the guest in the VM and check steps of it in the compiled contract.
    Demo,
    /// Everything that a change must pass: format, lints, tests, sizes, reproducible guest.
    Ci,
    /// Remove build output.
    Clean,
}

fn main() -> ExitCode {
    // Not returned from `main`, which would print a backtrace where one is asked for in general.
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Setup => setup::run(),
        Task::Build => checks::build(&workspace),
        Task::Contracts => contracts::build(&workspace),
        Task::Guest { check_reproducible: false } => guest::build(&workspace),
        Task::Guest { check_reproducible: true } => guest::check_reproducible(&workspace),
        Task::Test => checks::test(&workspace),
        Task::Demo => demo::run(&workspace),
        Task::Ci => checks::ci(&workspace),
        Task::Clean => checks::clean(&workspace),
    }
}
