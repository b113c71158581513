//! The Solidity examples that demonstrations deploy: compiled by Foundry, kept beside the contracts.

use std::fs;

use anyhow::{Context as _, Result};

use crate::foundry::Foundry;
use crate::workspace::Workspace;
use crate::{npm, process};

/// Each is the contract of its file.
const CONSUMERS: [&str; 2] = ["DigitsConsumer", "PromptConsumer"];

/// Compiles them into `target/contracts/NAME.bin`, init code without constructor arguments.
pub fn build(workspace: &Workspace) -> Result<()> {
    npm::install_missing(workspace)?;
    let foundry = Foundry::find(workspace)?;
    CONSUMERS.iter().try_for_each(|name| compile(workspace, &foundry, name))
}

fn compile(workspace: &Workspace, foundry: &Foundry, name: &str) -> Result<()> {
    let file = format!("sol/examples/{name}.sol");
    process::quiet(name, foundry.forge().args(["build", &file]))?;
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
