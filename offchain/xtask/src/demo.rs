//! `cargo xtask demo`: a run in the VM, and every step of it checked by the compiled contract.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{checks, process};

/// Builds what is needed, then runs and checks the guest.
pub fn run(workspace: &Workspace) -> Result<()> {
    checks::build(workspace)?;
    process::loud("\nThe guest in the VM:", &mut vm(workspace, "run"))?;
    check_guest(workspace)
}

/// Checks every step of the guest in the compiled contract; needs everything built.
pub fn check_guest(workspace: &Workspace) -> Result<()> {
    let label = "\nEvery step of the guest in the compiled contract:";
    process::loud(label, &mut vm(workspace, "check"))
}

/// `opml vm VERB` on the guest.
fn vm(workspace: &Workspace, verb: &str) -> Command {
    let mut command = Command::new(workspace.opml());
    command.args(["vm", verb]).arg(workspace.guest_elf());
    command
}
