//! `cargo xtask setup`: finds what the builds need, installs what is missing.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::cross::Cross;
use crate::foundry::Foundry;
use crate::workspace::Workspace;
use crate::{npm, packages, process};

/// Something the builds or tests need from the machine.
struct Requirement {
    /// What it is, and what for.
    name: &'static str,
    /// Whether it is here; must be quick.
    found: fn() -> bool,
    /// Debian packages that bring it.
    debian: &'static [&'static str],
    /// What brings it where those packages are not offered.
    otherwise: Otherwise,
}

/// The way without Debian packages.
enum Otherwise {
    /// Components of the active rustup toolchain.
    Rustup(&'static [&'static str]),
    /// Something only a person can do.
    Advice(&'static str),
}

const REQUIREMENTS: [Requirement; 4] = [
    Requirement {
        name: "Rust with library source (contracts, guest)",
        found: || Cross::find().is_some(),
        debian: &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"],
        otherwise: Otherwise::Rustup(&["rust-src"]),
    },
    Requirement {
        name: "qemu-mipsel (independent MIPS, tests)",
        found: || on_path("qemu-mipsel"),
        debian: &["qemu-user"],
        otherwise: Otherwise::Advice("install QEMU's user-mode emulators"),
    },
    Requirement {
        name: "MIPS assembler (tests)",
        found: || on_path("mipsel-linux-gnu-as"),
        debian: &["binutils-mipsel-linux-gnu"],
        otherwise: Otherwise::Advice("install GNU binutils for mipsel-linux-gnu"),
    },
    Requirement {
        name: "Node.js and npm (Solidity compiler, Foundry, tests)",
        found: || on_path("node") && on_path("npm"),
        debian: &["nodejs", "npm"],
        otherwise: Otherwise::Advice("install Node.js, version 20 or later, with npm"),
    },
];

/// Installs what is missing and says what was found.
pub fn run(workspace: &Workspace) -> Result<()> {
    install_missing()?;
    npm::install_missing(workspace)?;
    for requirement in &REQUIREMENTS {
        println!("found    {}", requirement.name);
    }
    println!("cross    {}", Cross::required()?.version()?);
    println!("forge    {}", Foundry::find(workspace)?.version()?);
    println!("tests    {}", if has_nextest() { "cargo nextest" } else { "cargo test" });
    Ok(())
}

/// Installs what is missing; says nothing when nothing is.
pub fn install_missing() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    for requirement in &missing {
        println!("missing  {}", requirement.name);
    }
    if on_path("apt-get") && packages::may_install() {
        install_debian(&missing)?;
    }
    let failed =
        self::missing().into_iter().filter(|requirement| match install_otherwise(requirement) {
            Ok(()) => false,
            Err(error) => {
                println!("failed   {}: {error}", requirement.name);
                true
            }
        });
    match failed.count() {
        0 => Ok(()),
        count => bail!("{count} of {} requirements are missing", REQUIREMENTS.len()),
    }
}

/// Whether the better test runner is installed.
pub fn has_nextest() -> bool {
    process::succeeds(Command::new("cargo").args(["nextest", "--version"]))
}

fn missing() -> Vec<&'static Requirement> {
    REQUIREMENTS.iter().filter(|requirement| !(requirement.found)()).collect()
}

/// Installs those requirements whose packages are all offered.
fn install_debian(missing: &[&Requirement]) -> Result<()> {
    packages::update()?;
    let offered = |requirement: &&&Requirement| requirement.debian.iter().all(packages::offers);
    let packages: Vec<&str> = missing
        .iter()
        .filter(offered)
        .flat_map(|requirement| requirement.debian)
        .copied()
        .collect();
    if packages.is_empty() { Ok(()) } else { packages::install(&packages) }
}

/// The way without Debian packages, or an error that says what a person has to do.
fn install_otherwise(requirement: &Requirement) -> Result<()> {
    match requirement.otherwise {
        Otherwise::Rustup(components) if on_path("rustup") => {
            let label = format!("rustup component add {}", components.join(" "));
            let mut command = Command::new("rustup");
            process::quiet(&label, command.args(["component", "add"]).args(components))
        }
        _ if on_path("apt-get") => {
            bail!("as root, `apt-get install {}`", requirement.debian.join(" "))
        }
        Otherwise::Rustup(_) => bail!("install rustup, then run this again"),
        Otherwise::Advice(advice) => bail!("{advice}"),
    }
}

/// Whether a program of this name is on the search path.
fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| is_file(&folder.join(program)))
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}
