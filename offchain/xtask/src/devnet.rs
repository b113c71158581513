//! A development chain of our own for as long as a check takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use opml_devnet::stylus::code;

use crate::foundry::Foundry;
use crate::process;
use crate::workspace::Workspace;

/// Key of the account that every development chain funds; public.
const KEY: &str = "0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659";

/// Precompiled contract that activates Stylus contracts.
const ARB_WASM: &str = "0x0000000000000000000000000000000000000071";

/// A running `opml devnet`, stopped when dropped.
pub struct Devnet {
    child: Child,
    url: String,
}

impl Devnet {
    /// Starts one on a free port and waits until it answers.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        let opml = workspace.opml();
        let mut command = Command::new(&opml);
        command.args(["devnet", "--port", "0", "--silent"]).stdin(Stdio::null());
        let child = command.stdout(Stdio::piped()).spawn();
        let child = child.with_context(|| format!("cannot start {}", opml.display()))?;
        let mut devnet = Self { child, url: String::new() };
        devnet.url = devnet.announced().context("`opml devnet` did not say where it listens")?;
        Ok(devnet)
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Deploys and activates a built contract; its address.
    pub fn deploy(&self, foundry: &Foundry, workspace: &Workspace, name: &str) -> Result<String> {
        let path = workspace.contracts().join(name).with_extension("wasm.br");
        let code = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let init = hex(&code::init_code(&code)?);
        let receipt = self.send(foundry, &["--create", &init])?;
        let address = receipt
            .lines()
            .find_map(|line| line.strip_prefix("contractAddress"))
            .map(str::trim)
            .with_context(|| format!("no address in the receipt:\n{receipt}"))?;
        self.send(foundry, &[ARB_WASM, "activateProgram(address)", address, "--value", "1ether"])?;
        Ok(address.to_owned())
    }

    /// Sends a transaction and waits for its receipt; one that reverts is an error.
    fn send(&self, foundry: &Foundry, arguments: &[&str]) -> Result<String> {
        let mut command = foundry.cast();
        command.args(["send", "--rpc-url", &self.url, "--private-key", KEY]).args(arguments);
        process::output(&mut command)
    }

    /// The first URL in the line that it prints once it listens.
    fn announced(&mut self) -> Option<String> {
        let mut line = String::new();
        BufReader::new(self.child.stdout.take()?).read_line(&mut line).ok()?;
        line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        // It has no state to save; if it has ended by itself, there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}
