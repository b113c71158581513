//! The same random tiles on every kind of machine: one table of digests, all alike in a column.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cross::{Build, Cross};
use crate::process;
use crate::workspace::Workspace;

const PACKAGE: &str = "opml-cases";
const ARM: &str = "aarch64-unknown-linux-gnu";
const ARM_LINKER: &str = "aarch64-linux-gnu-gcc";
const ARM_EMULATOR: &str = "qemu-aarch64";

/// One kind of machine.
struct Target {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    /// This machine, the compiler told to use its features as named.
    Host(&'static str),
    /// Under QEMU.
    Arm,
    /// The released image in the MIPS machine.
    Mips,
}

const TARGETS: [Target; 5] = [
    Target { name: "x86-64", kind: Kind::Host("x86-64") },
    Target { name: "x86-64-v3", kind: Kind::Host("x86-64-v3") },
    Target { name: "this processor", kind: Kind::Host("native") },
    Target { name: "aarch64 (QEMU)", kind: Kind::Arm },
    Target { name: "mipsel (kernel image in the VM)", kind: Kind::Mips },
];

/// Digests by kernel, in the order of printing.
type Digests = Vec<(String, String)>;

/// Runs `cases` tiles of every kernel on every target, prints the table, fails on a difference.
pub fn run(workspace: &Workspace, cases: u64) -> Result<()> {
    let mut columns = Vec::new();
    for target in &TARGETS {
        let mut command = match target.kind {
            Kind::Host(cpu) => host(workspace, "digest", cpu)?,
            Kind::Mips => host(workspace, "vm-digest", "x86-64")?,
            Kind::Arm => arm(workspace)?,
        };
        let output = process::output(command.arg(cases.to_string()))?;
        columns.push((target.name, parse(&output)?));
    }
    print_table(&columns);
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    for (target, digests) in &columns {
        for (kernel, digest) in digests {
            let first = all.entry(kernel).or_insert(digest);
            if first != digest {
                bail!("{kernel} on {target} gives {digest}, not {first}");
            }
        }
    }
    println!("\n{} targets, {} kernels, {cases} tiles each: equal", columns.len(), all.len());
    Ok(())
}

/// A program of the package for this machine.
fn host(workspace: &Workspace, program: &str, cpu: &str) -> Result<Command> {
    let folder = workspace.target.join("kernel-targets").join(cpu);
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&workspace.root)
        .env("CARGO_TARGET_DIR", &folder)
        .env("CARGO_ENCODED_RUSTFLAGS", format!("-Ctarget-cpu={cpu}"))
        .args(["build", "--release", "--package", PACKAGE, "--bin", program]);
    if program == "digest" {
        cargo.arg("--no-default-features");
    }
    process::quiet(&format!("{program} for {cpu}"), &mut cargo)?;
    Ok(Command::new(folder.join("release").join(program)))
}

/// The reference compiled for 64-bit ARM.
fn arm(workspace: &Workspace) -> Result<Command> {
    for program in [ARM_LINKER, ARM_EMULATOR] {
        if !process::succeeds(Command::new(program).arg("--version")) {
            bail!("{program} is missing: apt-get install gcc-aarch64-linux-gnu qemu-user");
        }
    }
    let build = Build {
        target: ARM,
        profile: "release",
        std_crates: "std,panic_abort",
        packages: &[PACKAGE],
        flags: &[],
    };
    let mut cargo = Cross::required()?.cargo(workspace, &build);
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", ARM_LINKER).args([
        "--no-default-features",
        "--bin",
        "digest",
    ]);
    process::quiet("digest for aarch64", &mut cargo)?;
    let program: PathBuf = workspace.cross_target().join(ARM).join("release/digest");
    let mut qemu = Command::new(ARM_EMULATOR);
    qemu.args(["-L", "/usr/aarch64-linux-gnu"]).arg(program);
    Ok(qemu)
}

fn parse(output: &str) -> Result<Digests> {
    let pair = |line: &str| {
        let (kernel, digest) = line.split_once(' ').context("a line without a digest")?;
        Ok((kernel.to_owned(), digest.to_owned()))
    };
    output.lines().map(pair).collect()
}

/// A row a kernel, a column a target.
fn print_table(columns: &[(&str, Digests)]) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    println!("| kernel | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(columns.len()));
    let kernels = columns.first().map_or(0, |(_, digests)| digests.len());
    for row in 0..kernels {
        let cell = |digests: &Digests| digests.get(row).map_or("", |pair| &pair.1).to_owned();
        let cells: Vec<String> = columns.iter().map(|(_, digests)| cell(digests)).collect();
        let kernel = columns.first().and_then(|(_, digests)| digests.get(row));
        println!("| {} | {} |", kernel.map_or("", |pair| &pair.0), cells.join(" | "));
    }
}
