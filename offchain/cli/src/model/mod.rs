//! `opml model`, `run`, `trace` and `selftest`: models natively and in the fraud-proof machine.

pub mod chat;
mod import;
mod info;
mod request;
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
    /// Hash all weights of a model and compare them with its roots.
    Verify(verify::Args),
}

/// Runs a command.
pub fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Info(args) => args.execute()?,
        Command::Import(args) => args.execute()?,
        Command::Verify(args) => args.execute()?,
    }
    Ok(ExitCode::SUCCESS)
}
