//! The npm packages that the Solidity tests need: Foundry, the compiler, forge-std.

use std::fs::Metadata;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// What npm was asked for, and what it says it has installed.
const LOCK: &str = "package-lock.json";
const INSTALLED: &str = "node_modules/.package-lock.json";

/// Installs exactly the packages of the lock file, unless that has been done.
pub fn install_missing(workspace: &Workspace) -> Result<()> {
    if is_current(workspace) {
        return Ok(());
    }
    let mut command = Command::new("npm");
    process::quiet("npm ci", command.arg("ci").current_dir(&workspace.root))
}

/// Whether the packages were installed after the lock file last changed.
fn is_current(workspace: &Workspace) -> bool {
    let changed =
        |file| workspace.root.join(file).metadata().and_then(|file: Metadata| file.modified());
    match (changed(INSTALLED), changed(LOCK)) {
        (Ok(installed), Ok(lock)) => installed >= lock,
        _ => false,
    }
}
