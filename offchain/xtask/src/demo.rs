//! `cargo xtask demo`: builds everything, then `opml demo`.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{checks, process};

/// Builds what is needed, then shows it at work; `arguments` are those of `opml demo`.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    checks::build(workspace)?;
    let mut command = Command::new(workspace.opml());
    process::loud("", command.arg("demo").args(arguments))
}

/// Checks every step of the guest in the compiled contract; needs everything built.
pub fn check_guest(workspace: &Workspace) -> Result<()> {
    let label = "\nEvery step of a program in the compiled contract:";
    let mut command = Command::new(workspace.opml());
    process::loud(label, command.args(["vm", "check"]).arg(workspace.guest_elf()))
}
