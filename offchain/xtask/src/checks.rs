//! The tasks that put the others together.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{attack, consumers, contracts, demo, forge, guest, image, process, setup};

/// Builds contracts, guest and the command line program, which embeds the contracts.
pub fn build(workspace: &Workspace) -> Result<()> {
    build_foreign(workspace)?;
    let mut command = cargo(workspace);
    process::quiet("opml", command.args(["build", "--release", "--package", "opml"]))?;
    println!("opml: {}", workspace.opml().display());
    Ok(())
}

/// Builds everything, then runs every test of the workspace.
pub fn test(workspace: &Workspace) -> Result<()> {
    build_with_tests(workspace)?;
    forge::test(workspace, &[])?;
    run_tests(workspace)
}

/// Builds everything, then runs the Solidity tests.
pub fn solidity(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    build(workspace)?;
    forge::test(workspace, arguments)
}

/// Builds what is not for the host.
fn build_foreign(workspace: &Workspace) -> Result<()> {
    setup::install_missing()?;
    contracts::build(workspace)?;
    consumers::build(workspace)?;
    guest::build(workspace)
}

/// Builds all of [`build`] and all tests. In one call, since the features that dependencies are
/// compiled with follow from the packages asked for: two calls would compile many of them twice.
fn build_with_tests(workspace: &Workspace) -> Result<()> {
    build_foreign(workspace)?;
    let mut command = cargo(workspace);
    command.args(["test", "--no-run", "--release", "--workspace"]);
    process::quiet("opml and all tests", &mut command)
}

/// Everything that a change must pass. Tests come last, so that their summary closes the output.
pub fn ci(workspace: &Workspace) -> Result<()> {
    setup::run(workspace)?;
    process::quiet("format", cargo(workspace).args(["fmt", "--all", "--check"]))?;
    forge::check_format(workspace)?;
    build_with_tests(workspace)?;
    guest::check_reproducible(workspace)?;
    image::check(workspace)?;
    let mut clippy = cargo(workspace);
    clippy.args(["clippy", "--workspace", "--all-targets", "--release", "--", "-D", "warnings"]);
    process::quiet("lints", &mut clippy)?;
    attack::check_fuzz(workspace)?;
    demo::check_guest(workspace)?;
    forge::test(workspace, &[])?;
    run_tests(workspace)
}

/// Runs every test of the workspace; the runner's output is passed on.
fn run_tests(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(workspace);
    if setup::has_nextest() {
        command.args(["nextest", "run"]);
    } else {
        command.arg("test");
    }
    command.args(["--release", "--workspace", "--no-fail-fast"]);
    // Set-up has installed them: a test that skips for want of one would hide a fault.
    command.env("OPML_REQUIRE_QEMU", "1").env("OPML_REQUIRE_FORGE", "1");
    process::loud("\nTests:", &mut command)
}

/// Removes the target folder.
pub fn clean(workspace: &Workspace) -> Result<()> {
    if !workspace.target.exists() {
        return Ok(());
    }
    fs::remove_dir_all(&workspace.target)
        .with_context(|| format!("cannot remove {}", workspace.target.display()))
}

/// The host's cargo in the workspace. It inherits `CARGO_TARGET_DIR` as it is, since a build
/// script that watches it would run anew when it changed.
fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(&workspace.root);
    command
}
