//! `opml node`: the daemon.

mod status;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use opml_node::{Config, config};
use tracing_subscriber::EnvFilter;

use crate::chain::block_on;

/// `opml node`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Serve, verify, play and settle, as the configuration says, until interrupted.
    Run(Run),
    /// Write a commented configuration to start from.
    Init(Init),
    /// What a running node does, as it tells over HTTP. Fails if it is not ready or raises an alarm.
    Status(status::Args),
}

/// Arguments.
#[derive(clap::Args)]
pub struct Run {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "opml.toml")]
    config: PathBuf,
    /// A value of the configuration, like chain.span=1000. May be given several times; the environment
    /// (`OPML_NODE__CHAIN__SPAN`) comes before it.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Log as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments.
#[derive(clap::Args)]
pub struct Init {
    /// File to write; it must not be there.
    #[arg(value_name = "FILE", default_value = "opml.toml")]
    file: PathBuf,
}

fn pair(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').context("must be like chain.span=1000")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Command {
    /// Runs it.
    pub fn execute(self) -> Result<ExitCode> {
        match self {
            Self::Run(run) => run.execute().map(|()| ExitCode::SUCCESS),
            Self::Init(init) => init.execute().map(|()| ExitCode::SUCCESS),
            Self::Status(status) => status.execute(),
        }
    }
}

impl Run {
    fn execute(self) -> Result<()> {
        let filter = EnvFilter::try_from_env("OPML_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        if self.json {
            log.json().init();
        } else {
            log.init();
        }
        let overrides = Config::environment().chain(self.set);
        let config = Config::load(&self.config, overrides)?;
        block_on(async { Ok(Box::pin(opml_node::run(config)).await?) })
    }
}

impl Init {
    fn execute(&self) -> Result<()> {
        let file = &self.file;
        let failed = || format!("cannot write {}", file.display());
        let mut new = std::fs::File::create_new(file).with_context(failed)?;
        new.write_all(config::TEMPLATE.as_bytes()).with_context(failed)?;
        println!("{} is written; look through it, then: opml node run", file.display());
        Ok(())
    }
}
