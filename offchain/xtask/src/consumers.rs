//! The Solidity example that the demonstration deploys: compiled by Foundry, kept beside the contracts.

use std::fs;

use anyhow::{Context as _, Result};

use crate::foundry::Foundry;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Its file and its name.
const CONSUMER: (&str, &str) = ("sol/examples/DigitsConsumer.sol", "DigitsConsumer");

/// Compiles it into `target/contracts/DigitsConsumer.bin`, its init code without constructor arguments.
pub fn build(workspace: &Workspace) -> Result<()> {
    npm::install_missing(workspace)?;
    let foundry = Foundry::find(workspace)?;
    let (file, name) = CONSUMER;
    process::quiet(name, foundry.forge().args(["build", file]))?;
    let contract = format!("{file}:{name}");
    let text = process::output(foundry.forge().args(["inspect", &contract, "bytecode"]))?;
    let code = bytes(text.trim()).with_context(|| format!("forge shows no code of {name}"))?;
    fs::create_dir_all(workspace.contracts())?;
    fs::write(workspace.contracts().join(name).with_extension("bin"), &code)?;
    println!("contract {name}: {} bytes of init code", code.len());
    Ok(())
}

/// What `0x...` stands for.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at.checked_add(2)?)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}
