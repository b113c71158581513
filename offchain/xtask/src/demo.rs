//! `cargo xtask demo`: an inference natively and in the fraud-proof machine, then a program in that
//! machine with every step of it checked by the compiled contract.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{checks, process};

/// A handwritten seven, from the digits that the model was not trained on.
const PICTURE: &str = "models/digits/samples/7-1.png";

/// Builds what is needed, then shows it at work.
pub fn run(workspace: &Workspace) -> Result<()> {
    checks::build(workspace)?;
    classify(workspace)?;
    process::loud("\nA program in the fraud-proof machine:", &mut vm(workspace, "run"))?;
    check_guest(workspace)
}

/// A real model on a real picture, by both machines; needs everything built.
pub fn classify(workspace: &Workspace) -> Result<()> {
    println!("\nPicture {PICTURE}");
    process::loud("\nThe digits model, natively:", &mut on_picture(workspace, "run"))?;
    let label = "\nEach of its tiles in the fraud-proof machine:";
    process::loud(label, &mut on_picture(workspace, "selftest"))
}

/// Checks every step of the guest in the compiled contract; needs everything built.
pub fn check_guest(workspace: &Workspace) -> Result<()> {
    let label = "\nEvery step of it in the compiled contract:";
    process::loud(label, &mut vm(workspace, "check"))
}

/// `opml VERB` on the picture, by the model that is built in.
fn on_picture(workspace: &Workspace, verb: &str) -> Command {
    let mut command = Command::new(workspace.opml());
    command.args([verb, "--image"]).arg(workspace.root.join(PICTURE));
    command
}

/// `opml vm VERB` on the guest.
fn vm(workspace: &Workspace, verb: &str) -> Command {
    let mut command = Command::new(workspace.opml());
    command.args(["vm", verb]).arg(workspace.guest_elf());
    command
}
