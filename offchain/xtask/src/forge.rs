//! `cargo xtask forge`: the Solidity tests against the compiled contracts on a development chain.

use anyhow::Result;

use crate::devnet::Devnet;
use crate::foundry::Foundry;
use crate::workspace::Workspace;
use crate::{certificates, npm, process};

/// Contract that the tests call.
const CONTRACT: &str = "step";

/// Runs `forge test` with further `arguments` against a chain that lives no longer than that;
/// needs everything built.
pub fn test(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    npm::install_missing(workspace)?;
    let foundry = Foundry::find(workspace)?;
    process::quiet("forge build", foundry.forge().arg("build"))?;
    let devnet = Devnet::start(workspace)?;
    let step = devnet.deploy(&foundry, workspace, CONTRACT)?;
    let mut command = foundry.forge();
    command.env("OPML_RPC_URL", devnet.url()).env("OPML_STEP", step);
    certificates::only_one(workspace, &mut command);
    command.arg("test").args(arguments);
    process::loud("\nSolidity tests:", &mut command)
}

/// Fails if a Solidity file is not formatted.
pub fn check_format(workspace: &Workspace) -> Result<()> {
    npm::install_missing(workspace)?;
    let mut command = Foundry::find(workspace)?.forge();
    process::quiet("format (Solidity)", command.args(["fmt", "--check"]))
}
