//! `opml model`, `run`, `trace` and `selftest`: models natively and in the fraud-proof machine.

pub mod chat;
mod fetch;
mod import;
mod info;
mod part;
pub mod picture;
mod pull;
pub mod request;
pub mod run;
pub mod selftest;
pub mod source;
mod text;
pub mod trace;
mod verify;

use std::process::ExitCode;

use anyhow::Result;

/// `opml model`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// What a model is: source, licence, roots, operators.
    Info(info::Args),
    /// Make a bundle of a GGUF file.
    Import(import::Args),
    /// Register a model with the hub of a deployment.
    Register(Box<crate::chain::models::Register>),
    /// The models that are registered.
    List(crate::chain::models::List),
    /// A row, a rectangle, a pixel or other bytes of a result, with the proof that contracts take.
    ProvePart(part::Args),
    /// Fetch a model's bundle and verify it.
    Pull(pull::Args),
    /// Hash all weights of a model and compare them with its roots.
    Verify(verify::Args),
}

/// Runs a command.
pub fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Info(args) => args.execute()?,
        Command::Import(args) => args.execute()?,
        Command::Register(args) => args.execute()?,
        Command::List(args) => args.execute()?,
        Command::ProvePart(args) => args.execute()?,
        Command::Pull(args) => args.execute()?,
        Command::Verify(args) => args.execute()?,
    }
    Ok(ExitCode::SUCCESS)
}
