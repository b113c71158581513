//! The long runs that `cargo xtask test` has no time for: schedules against the contracts, fuzzing.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// A fuzz target.
struct Target {
    name: &'static str,
    /// Longest input, in bytes.
    length: u32,
    /// What it is built with beside the machines.
    feature: Option<&'static str>,
}

impl Target {
    const fn of(name: &'static str, length: u32) -> Self {
        Self { name, length, feature: None }
    }

    const fn with(name: &'static str, length: u32, feature: &'static str) -> Self {
        Self { name, length, feature: Some(feature) }
    }
}

const TARGETS: [Target; 13] = [
    Target::with("bundle", 1_024, "models"),
    Target::with("calldata", 512, "chain"),
    Target::with("diffusion", 512, "models"),
    Target::of("elf", 4_096),
    Target::of("emulator", 2_600),
    Target::with("gguf", 1_024, "models"),
    Target::of("graph", 700),
    Target::of("legal", 600),
    Target::with("onnx", 2_048, "models"),
    Target::with("rpc", 2_048, "chain"),
    Target::with("schedule", 512, "chain"),
    Target::of("step", 700),
    Target::of("witness", 700),
];

/// Most memory of a target, and of one allocation of it, in megabytes: what takes more for a small input is a find.
const MEMORY: [u32; 2] = [2_048, 1_024];

/// The workspace's profile, where that of the targets is another.
const PROFILE: [(&str, &str); 5] = [
    ("DEBUG", "false"),
    ("OVERFLOW_CHECKS", "false"),
    ("DEBUG_ASSERTIONS", "false"),
    ("INCREMENTAL", "false"),
    ("CODEGEN_UNITS", "16"),
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

/// Fuzzes a target, or all of them one after the other, for so many seconds each. Inputs that lead to new lines are kept in
/// `fuzz/corpus`, those of the repository are in `fuzz/seeds`.
pub fn fuzz(workspace: &Workspace, seconds: u64, name: Option<&str>) -> Result<()> {
    let known = || TARGETS.iter().filter(|target| name.is_none_or(|name| name == target.name));
    if known().count() == 0 {
        bail!("no target is called {}", name.unwrap_or_default());
    }
    for target in known() {
        fuzz_one(workspace, seconds, target)?;
    }
    Ok(())
}

/// Whether all targets compile: in the workspace's target folder and by its profile, so that what both need is checked once.
pub fn check_fuzz(workspace: &Workspace) -> Result<()> {
    let mut command = Command::new("cargo");
    command.current_dir(&workspace.root);
    command.args(["check", "--release", "--all-features", "--manifest-path", "fuzz/Cargo.toml"]);
    command.arg("--target-dir").arg(&workspace.target);
    for (key, value) in PROFILE {
        command.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
    }
    process::quiet("fuzz targets", &mut command)
}

fn fuzz_one(workspace: &Workspace, seconds: u64, target: &Target) -> Result<()> {
    let Target { name, length, feature } = target;
    let corpus = workspace.root.join("fuzz/corpus").join(name);
    std::fs::create_dir_all(&corpus)?;
    let mut command = Command::new("cargo");
    // The stable compiler takes coverage flags with this.
    command.current_dir(&workspace.root).env("RUSTC_BOOTSTRAP", "1");
    command.env("OPML_CONTRACTS", workspace.contracts());
    command.args(["fuzz", "run", "-s", "none"]);
    command.args(feature.iter().flat_map(|feature| ["--features", feature])).arg(name).arg(&corpus);
    let seeds = workspace.root.join("fuzz/seeds").join(name);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    let [all, one] = MEMORY;
    command.args(["--", "-len_control=0", "-timeout=60", "-print_final_stats=1"]);
    command.args([format!("-rss_limit_mb={all}"), format!("-malloc_limit_mb={one}")]);
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={length}"));
    process::loud(&format!("Fuzzing {name}:"), &mut command)
        .context("`cargo install cargo-fuzz`, and see fuzz/README.md")
}
