//! The machine's package manager, as far as set-up needs it.

use std::process::Command;

use anyhow::Result;

use crate::process;

/// Whether Debian's package manager is here and offers `package`.
pub fn offers(package: &&str) -> bool {
    let mut command = Command::new("apt-cache");
    // What is looked for in the answer is its English.
    let policy = process::output(command.env("LC_ALL", "C").args(["policy", *package]));
    policy.is_ok_and(|text| text.lines().any(is_candidate))
}

fn is_candidate(line: &str) -> bool {
    line.trim().strip_prefix("Candidate:").is_some_and(|version| version.trim() != "(none)")
}

/// Whether this process may install packages.
pub fn may_install() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|user| user == "0")
}

/// Reads the lists of packages anew.
pub fn update() -> Result<()> {
    process::quiet("apt-get update", Command::new("apt-get").args(["update", "--quiet"]))
}

/// Installs `packages` without what they merely recommend.
pub fn install(packages: &[&str]) -> Result<()> {
    let label = format!("apt-get install {}", packages.join(" "));
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    process::quiet(&label, &mut command)
}
