//! `opml`: optimistic machine learning on Arbitrum Stylus, from the command line.

mod bench;
mod contract;
mod devnet;
mod model;
mod output;
mod vm;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Optimistic machine learning on Arbitrum Stylus.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The fraud-proof machine: run MIPS programs, prove and check their steps.
    #[command(subcommand)]
    Vm(vm::Command),
    /// Run a development chain that speaks JSON-RPC over HTTP and WebSocket.
    Devnet(devnet::Args),
    /// Models: what they are, whether they are whole.
    #[command(subcommand)]
    Model(model::Command),
    /// Run a model natively and commit to its final state.
    Run(model::run::Args),
    /// Talk to a language model.
    Chat(model::chat::Args),
    /// The state at a step of a run, and of the MIPS run below it.
    Trace(model::trace::Args),
    /// Run a model natively and its tiles in the fraud-proof machine, and compare the bits.
    Selftest(model::selftest::Args),
    /// Measure this machine.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Vm(command) => vm::run(command),
        Command::Devnet(args) => devnet::run(&args),
        Command::Model(command) => model::run(command),
        Command::Run(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Chat(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Trace(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Selftest(args) => args.execute(),
        Command::Bench(command) => bench::run(command).map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(shell, &mut command, "opml", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}
