//! `cargo xtask demo`: a run in the VM, and steps of it checked by the compiled contract.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{checks, process};

/// Steps checked by the demo: the first so many of the run.
const CHECKED_STEPS: &str = "2000";

/// Builds what is needed, then runs and checks the guest.
pub fn run(workspace: &Workspace) -> Result<()> {
    checks::build(workspace)?;
    let guest = workspace.guest_elf();
    let opml = || {
        let mut command = Command::new(workspace.opml());
        command.arg("vm");
        command
    };
    process::loud("\nThe guest in the VM:", opml().arg("run").arg(&guest))?;
    let mut check = opml();
    check.arg("check").arg(&guest).args(["--from", "0", "--to", CHECKED_STEPS]);
    process::loud("\nSteps of the same run in the compiled contract:", &mut check)
}
