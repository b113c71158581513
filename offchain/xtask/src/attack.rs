//! The long runs that `cargo xtask test` has no time for: schedules against the contracts, fuzzing, mutants.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// Longest inputs of a target, where its README says one.
const LENGTHS: [(&str, u32); 6] = [
    ("elf", 4_096),
    ("emulator", 2_600),
    ("graph", 700),
    ("legal", 600),
    ("step", 700),
    ("witness", 700),
];

/// Random schedules against the compiled contracts for so many minutes.
pub fn schedules(workspace: &Workspace, minutes: f64, seed: u64) -> Result<()> {
    let mut command = Command::new("cargo");
    command.current_dir(&workspace.root);
    command.args(["run", "--quiet", "--release", "--package", "opml-adversary", "--"]);
    command.args(["--minutes", &minutes.to_string(), "--seed", &seed.to_string()]);
    command.arg("--contracts").arg(workspace.contracts());
    process::loud("Schedules against the contracts:", &mut command)
}

/// Fuzzes a target, or all of them one after the other, for so many seconds each.
pub fn fuzz(workspace: &Workspace, seconds: u64, target: Option<&str>) -> Result<()> {
    let known = || LENGTHS.iter().filter(|(name, _)| target.is_none_or(|target| target == *name));
    if known().count() == 0 {
        bail!("no target is called {}", target.unwrap_or_default());
    }
    for (name, length) in known() {
        let corpus = workspace.root.join("fuzz/corpus").join(name);
        std::fs::create_dir_all(&corpus)?;
        let mut command = Command::new("cargo");
        // The stable compiler takes coverage flags with this.
        command.current_dir(&workspace.root).env("RUSTC_BOOTSTRAP", "1");
        command.args(["fuzz", "run", "-s", "none", name]).arg(&corpus);
        let seeds = workspace.root.join("fuzz/seeds").join(name);
        if seeds.is_dir() {
            command.arg(seeds);
        }
        command.args(["--", "-len_control=0", "-print_final_stats=1"]);
        command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={length}"));
        process::loud(&format!("Fuzzing {name}:"), &mut command)
            .context("`cargo install cargo-fuzz`, and see fuzz/README.md")?;
    }
    Ok(())
}

/// Mutants of `onchain/core` against its own tests: one shard, `k/n`, k from 0. What a shard has found stays in
/// `target/mutants/K-of-N`, and a shard that is there is not run again.
pub fn mutants(workspace: &Workspace, shard: &str) -> Result<()> {
    let (number, count) = shard.split_once('/').context("a shard is K/N")?;
    let (number, count): (u32, u32) = (number.parse()?, count.parse()?);
    let out = workspace.target.join(format!("mutants/{number}-of-{count}"));
    if done(&out) {
        println!("shard {shard} was run: {}", out.display());
        return Ok(());
    }
    let mut command = Command::new("cargo");
    command.current_dir(&workspace.root);
    command.args(["mutants", "--package", "opml-core", "--test-package", "opml-core"]);
    command.args(["--profile", "release", "--no-shuffle", "--timeout", "120", "--shard", shard]);
    command.args(["--jobs", &env::var("OPML_MUTANT_JOBS").unwrap_or_else(|_| "1".into())]);
    command.arg("--output").arg(&out);
    // Mutants that survive are its result, not its failure.
    let status = command.status().context("`cargo install cargo-mutants`")?;
    if matches!(status.code(), Some(0 | 2 | 3)) {
        std::fs::write(out.join("done"), "")?;
        return Ok(());
    }
    bail!("cargo mutants failed ({status})")
}

fn done(out: &Path) -> bool {
    out.join("done").exists()
}
