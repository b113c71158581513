//! `cargo xtask`: set-up, builds and checks of the repository.

mod attack;
mod certificates;
mod checks;
mod consumers;
mod contracts;
mod coverage;
mod cross;
mod demo;
mod devnet;
mod forge;
mod foundry;
mod guest;
mod image;
mod mutants;
mod npm;
mod packages;
mod process;
mod setup;
mod targets;
mod train;
mod variants;
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
    /// Find or install what builds and tests need: cross compiler, linker, QEMU, npm packages.
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
    /// Build the kernel image and put it where the released one is kept.
    Image {
        /// Compare with the released image instead.
        #[arg(long)]
        check: bool,
    },
    /// Run random tiles of all kernels on x86-64, aarch64 and the MIPS machine, and compare.
    KernelTargets {
        /// Tiles a kernel.
        #[arg(long, default_value_t = 500)]
        cases: u64,
    },
    /// Build everything, then run all tests.
    Test,
    /// Build everything, then run the Solidity tests on a development chain of their own.
    Forge {
        /// Further arguments of `forge test`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build everything, then show it at work: `opml demo`.
    Demo {
        /// Further arguments of `opml demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Train the digits model and write `models/digits`.
    TrainDigits,
    /// Random schedules against the compiled contracts and an executable specification of them.
    Adversary {
        /// Minutes to go on.
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
        /// Seed of the first schedule.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Fuzz one target, or all of them.
    Fuzz {
        /// Seconds a target.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// The target; all if none is named.
        target: Option<String>,
    },
    /// Lines of `onchain/` that its tests execute, and the errors that they raise.
    Coverage,
    /// Run mutants of `onchain/core` against its tests.
    Mutants {
        /// The module: game, merkle, graph or mips; all if none is named.
        part: Option<String>,
    },
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
        Task::Setup => setup::run(&workspace),
        Task::Build => checks::build(&workspace),
        Task::Contracts => contracts::build(&workspace),
        Task::Guest { check_reproducible: false } => guest::build(&workspace),
        Task::Guest { check_reproducible: true } => guest::check_reproducible(&workspace),
        Task::Image { check: false } => image::release(&workspace),
        Task::Image { check: true } => image::check(&workspace),
        Task::KernelTargets { cases } => targets::run(&workspace, *cases),
        Task::Test => checks::test(&workspace),
        Task::Forge { arguments } => checks::solidity(&workspace, arguments),
        Task::Demo { arguments } => demo::run(&workspace, arguments),
        Task::TrainDigits => train::digits(&workspace),
        Task::Adversary { minutes, seed } => attack::schedules(&workspace, *minutes, *seed),
        Task::Fuzz { seconds, target } => attack::fuzz(&workspace, *seconds, target.as_deref()),
        Task::Coverage => coverage::run(&workspace),
        Task::Mutants { part } => mutants::run(&workspace, part.as_deref()),
        Task::Ci => checks::ci(&workspace),
        Task::Clean => checks::clean(&workspace),
    }
}
