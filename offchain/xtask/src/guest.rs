//! The guest program, and the check that its bytes depend on nothing but sources and compiler.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cross::{Build, Cross};
use crate::process;
use crate::workspace::Workspace;

const TARGET: &str = "mipsel-unknown-none";
const PROFILE: &str = "guest";
const PACKAGE: &str = "opml-guest";

/// What cargo needs of the repository to build one of its packages.
const SOURCES: [&str; 5] = ["Cargo.toml", "Cargo.lock", "onchain", "offchain", "sol"];

/// Builds the guest into `target/guest/guest.elf`.
pub fn build(workspace: &Workspace) -> Result<()> {
    compile(workspace, "guest")?;
    let to = workspace.guest_elf();
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    // A copy keeps the permission to execute, without which QEMU refuses the file.
    let bytes = fs::copy(built(workspace), &to)?;
    println!("guest: {bytes} bytes");
    Ok(())
}

/// Builds the guest twice here and once in another folder; fails unless all bytes are equal.
pub fn check_reproducible(workspace: &Workspace) -> Result<()> {
    let first = compile(workspace, "guest")?;
    forget(workspace)?;
    expect_same(&first, &compile(workspace, "guest again")?, "a second build")?;

    let elsewhere = Elsewhere::copy(workspace)?;
    let other = compile(&Workspace::at(&elsewhere.folder, None), "guest in another folder")?;
    expect_same(&first, &other, "a build in another folder")?;
    println!("guest: the same {} bytes three times", first.len());
    Ok(())
}

/// Compiles the guest and returns the ELF file.
fn compile(workspace: &Workspace, label: &str) -> Result<Vec<u8>> {
    let build = Build {
        target: TARGET,
        profile: PROFILE,
        std_crates: "core,alloc",
        packages: &[PACKAGE],
        flags: &[],
    };
    process::quiet(label, &mut Cross::required()?.cargo(workspace, &build))?;
    let elf = built(workspace);
    fs::read(&elf).with_context(|| format!("cannot read {}", elf.display()))
}

/// Where cargo puts the guest.
fn built(workspace: &Workspace) -> PathBuf {
    workspace.cross_target().join(TARGET).join(PROFILE).join(PACKAGE)
}

/// Makes cargo compile the guest anew: without its fingerprints it knows of no earlier build.
fn forget(workspace: &Workspace) -> Result<()> {
    let known = workspace.cross_target().join(TARGET).join(PROFILE).join(".fingerprint");
    for entry in fs::read_dir(&known)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PACKAGE) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn expect_same(first: &[u8], other: &[u8], what: &str) -> Result<()> {
    if first == other {
        return Ok(());
    }
    let at = first.iter().zip(other).position(|(a, b)| a != b);
    let at = at.unwrap_or_else(|| first.len().min(other.len()));
    bail!(
        "{what} of the guest differs from byte {at:#x} ({} and {} bytes)",
        first.len(),
        other.len()
    )
}

/// A copy of the sources in a temporary folder, removed when dropped.
struct Elsewhere {
    folder: PathBuf,
}

impl Elsewhere {
    fn copy(workspace: &Workspace) -> Result<Self> {
        let name = format!("opml-elsewhere-{}", std::process::id());
        let copy = Self { folder: std::env::temp_dir().join(name) };
        for source in SOURCES {
            copy_tree(&workspace.root.join(source), &copy.folder.join(source))
                .with_context(|| format!("cannot copy {source}"))?;
        }
        Ok(copy)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} was left behind: {error}", self.folder.display());
        }
    }
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() != "target" {
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
