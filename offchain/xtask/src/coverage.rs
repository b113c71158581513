//! Lines of `onchain/` that its own tests execute on this machine, by the compiler's counters and LLVM's tools.
//!
//! What exists for WebAssembly alone (the entry points, and most of hub, courier, batch and attention) is not in it: those lines run
//! in the development chain, whose engine has no counters of lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::variants;
use crate::workspace::Workspace;

const PACKAGES: [&str; 9] = [
    "opml-attention",
    "opml-batch",
    "opml-core",
    "opml-courier",
    "opml-game",
    "opml-host",
    "opml-hub",
    "opml-operator",
    "opml-step",
];

/// How often each line of a file was executed; without lines of tests in the file.
pub type Lines = BTreeMap<u32, u64>;

/// Runs the tests of `onchain/` with counters, and prints lines by file and what raises each error.
pub fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("coverage");
    let profiles = folder.join("profiles");
    if profiles.exists() {
        fs::remove_dir_all(&profiles)?;
    }
    let binaries = tests(workspace, &folder)?;
    let merged = folder.join("merged.profdata");
    let mut merge = tool("llvm-profdata")?;
    merge.args(["merge", "-sparse"]).arg(&profiles).arg("-o").arg(&merged);
    process::quiet("merging", &mut merge)?;
    let report = exported(&merged, &binaries)?;
    let files = parsed(workspace, &report)?;
    print(&files);
    variants::print(workspace, &files)
}

/// Builds and runs the tests; gives their programs.
fn tests(workspace: &Workspace, folder: &Path) -> Result<Vec<PathBuf>> {
    let cargo = || {
        let mut command = Command::new("cargo");
        command.current_dir(&workspace.root).args(["test", "--release", "--lib", "--tests"]);
        command.args(PACKAGES.iter().flat_map(|package| ["--package", *package]));
        command.arg("--target-dir").arg(folder.join("build"));
        command.env("RUSTFLAGS", "-Cinstrument-coverage");
        command.env("LLVM_PROFILE_FILE", folder.join("profiles/%p-%m.profraw"));
        command
    };
    process::loud("Tests with counters:", &mut cargo())?;
    // Nothing is built any more: it only names them.
    let output = cargo().arg("--no-run").output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let programs = said.lines().filter_map(|line| {
        let (_, rest) = line.trim().strip_prefix("Executable")?.rsplit_once('(')?;
        Some(workspace.root.join(rest.strip_suffix(')')?))
    });
    let programs: Vec<PathBuf> = programs.collect();
    if programs.is_empty() {
        bail!("cargo names no test programs: {said}");
    }
    Ok(programs)
}

/// One of LLVM's tools, of the compiler's version: from the toolchain, or else from the system.
fn tool(name: &str) -> Result<Command> {
    let said = process::output(Command::new("rustc").arg("-vV"))?;
    let field = |key: &str| said.lines().find_map(|line| line.strip_prefix(key));
    let host = field("host: ").context("rustc names no host")?;
    let version = field("LLVM version: ").context("rustc names no version of LLVM")?;
    let major = version.split('.').next().unwrap_or_default();
    let root = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let own = Path::new(&root).join(format!("lib/rustlib/{host}/bin/{name}"));
    let known = [own, format!("{name}-{major}").into()];
    let found = known.iter().find(|tool| process::succeeds(Command::new(tool).arg("--version")));
    let missing = || {
        format!(
            "no {name}: `rustup component add llvm-tools`, or the package llvm-{major} of the system"
        )
    };
    Ok(Command::new(found.with_context(missing)?))
}

/// The report in the form of `lcov`.
fn exported(merged: &Path, binaries: &[PathBuf]) -> Result<String> {
    let mut command = tool("llvm-cov")?;
    command.args(["export", "--format=lcov", "--instr-profile"]).arg(merged);
    let mut rest = binaries.iter();
    command.args(rest.next());
    for binary in rest {
        command.arg("--object").arg(binary);
    }
    process::output(&mut command)
}

/// Files of `onchain/*/src` by their path from the root.
fn parsed(workspace: &Workspace, report: &str) -> Result<BTreeMap<String, Lines>> {
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut current: Option<(String, u32)> = None;
    for line in report.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            current = sourced(workspace, Path::new(path))?;
        } else if let (Some((name, end)), Some(data)) = (&current, line.strip_prefix("DA:")) {
            let mut numbers = data.split(',').map(str::parse::<u64>);
            let (Some(Ok(number)), Some(Ok(count))) = (numbers.next(), numbers.next()) else {
                bail!("not a line of lcov: {line}");
            };
            let number = u32::try_from(number)?;
            if number < *end {
                *files.entry(name.clone()).or_default().entry(number).or_default() += count;
            }
        }
    }
    Ok(files)
}

/// Name of a file of `onchain/*/src`, and the line from which on it holds tests.
fn sourced(workspace: &Workspace, path: &Path) -> Result<Option<(String, u32)>> {
    let Ok(inside) = path.strip_prefix(&workspace.root) else { return Ok(None) };
    let name = inside.to_string_lossy().into_owned();
    let is_test = |part: &str| part == "tests" || part == "tests.rs";
    if !name.starts_with("onchain/") || name.split('/').any(is_test) {
        return Ok(None);
    }
    let text = fs::read_to_string(path)?;
    let end = text.lines().position(|line| line.trim() == "#[cfg(test)]");
    Ok(Some((name, end.map_or(Ok(u32::MAX), |end| u32::try_from(end + 1))?)))
}

fn print(files: &BTreeMap<String, Lines>) {
    println!("| file | lines | executed | |\n|---|---|---|---|");
    let (mut all, mut hit) = (0, 0);
    for (name, lines) in files {
        let executed = lines.values().filter(|count| **count > 0).count();
        println!("| {name} | {} | {executed} | {} |", lines.len(), percent(executed, lines.len()));
        let missed =
            lines.iter().filter(|(_, count)| **count == 0).map(|(line, _)| line.to_string());
        let missed: Vec<String> = missed.collect();
        if !missed.is_empty() {
            eprintln!("{name}: not executed: {}", missed.join(" "));
        }
        all += lines.len();
        hit += executed;
    }
    println!("| all | {all} | {hit} | {} |", percent(hit, all));
}

fn percent(part: usize, all: usize) -> String {
    let tenths = (part * 1_000).checked_div(all).unwrap_or(1_000);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
