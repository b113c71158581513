//! `opml`: optimistic machine learning on Arbitrum Stylus, from the command line.

mod bench;
mod chain;
mod contract;
mod contracts;
mod demo;
mod devnet;
mod model;
mod node;
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
    /// Deploy the contracts on a chain, or compare a deployment with it.
    Deploy(chain::deploy::Args),
    /// What a request to a registered model costs.
    Quote(chain::quote::Args),
    /// Ask a registered model and wait for the answer. Requests are public.
    Infer(chain::infer::Args),
    /// Claims: answers with a bond behind them.
    #[command(subcommand)]
    Claim(chain::claim::Command),
    /// Dispute games.
    #[command(subcommand)]
    Game(chain::game::Command),
    /// The daemon: serves, verifies, plays and settles.
    #[command(subcommand)]
    Node(node::Command),
    /// What an account has.
    Account(chain::account::Args),
    /// Take credit out.
    Withdraw(chain::withdraw::Args),
    /// Run a model natively and commit to its final state.
    Run(model::run::Args),
    /// Talk to a language model.
    Chat(model::chat::Args),
    /// The state at a step of a run, and of the MIPS run below it.
    Trace(model::trace::Args),
    /// Run a model natively and its tiles in the fraud-proof machine, and compare the bits.
    Selftest(model::selftest::Args),
    /// The whole of it on a chain of its own: an answer that stands, and a lie that is caught.
    Demo(demo::Args),
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
        Command::Deploy(args) => args.execute(),
        Command::Quote(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Infer(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Claim(command) => command.execute().map(|()| ExitCode::SUCCESS),
        Command::Game(command) => command.execute().map(|()| ExitCode::SUCCESS),
        Command::Node(command) => command.execute(),
        Command::Account(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Withdraw(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Run(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Chat(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Trace(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Selftest(args) => args.execute(),
        Command::Demo(args) => args.execute().map(|()| ExitCode::SUCCESS),
        Command::Bench(command) => bench::run(command).map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => {
            let (mut command, mut script) = (Cli::command(), Vec::new());
            clap_complete::generate(shell, &mut command, "opml", &mut script);
            output::print(&script).map(|()| ExitCode::SUCCESS)
        }
    }
}
