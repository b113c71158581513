//! The programs of the MIPS machine, the first guest and the kernel image, and the check that their
//! bytes depend on nothing but sources and compiler.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cross::{Build, Cross};
use crate::process;
use crate::workspace::Workspace;

const TARGET: &str = "mipsel-unknown-none";
const PROFILE: &str = "guest";
/// Package and program of the first guest.
const GUEST: [&str; 2] = ["opml-guest", "opml-guest"];
/// Program of the guest's package that runs a whole model.
const NETWORK: &str = "opml-network";
/// Package and program of the kernel image.
const IMAGE: [&str; 2] = ["opml-image", "opml-kernels-image"];

/// What cargo needs of the repository to build one of its packages.
const SOURCES: [&str; 6] =
    ["Cargo.toml", "Cargo.lock", "onchain", "offchain", "sol", "test/contracts"];

/// Builds the guest and the network program into `target/guest`.
pub fn build(workspace: &Workspace) -> Result<()> {
    compile(workspace, "guest")?;
    let to = workspace.guest_elf();
    let folder = to.parent().context("the guest has no folder")?;
    fs::create_dir_all(folder)?;
    // A copy keeps the permission to execute, without which QEMU refuses the file.
    let bytes = fs::copy(built(workspace, GUEST[1]), &to)?;
    fs::copy(built(workspace, NETWORK), folder.join("network.elf"))?;
    println!("guest: {bytes} bytes");
    Ok(())
}

/// Builds both twice here and once in another folder; fails unless all bytes are equal.
pub fn check_reproducible(workspace: &Workspace) -> Result<()> {
    let first = compile(workspace, "guest")?;
    forget(workspace)?;
    expect_same(&first, &compile(workspace, "guest again")?, "a second build")?;

    let elsewhere = Elsewhere::copy(workspace)?;
    let other = compile(&Workspace::at(&elsewhere.folder, None), "guest in another folder")?;
    expect_same(&first, &other, "a build in another folder")?;
    let [guest, image] = first.map(|file| file.len());
    println!("guest and kernel image: the same {guest} and {image} bytes three times");
    Ok(())
}

/// The kernel image as an ELF file.
pub fn image_elf(workspace: &Workspace) -> Result<Vec<u8>> {
    compile(workspace, "guest and kernel image").map(|[_, image]| image)
}

/// Compiles guest and kernel image in one call, and returns their ELF files.
fn compile(workspace: &Workspace, label: &str) -> Result<[Vec<u8>; 2]> {
    let build = Build {
        target: TARGET,
        profile: PROFILE,
        std_crates: "core,alloc",
        packages: &[GUEST[0], IMAGE[0]],
        flags: &[],
    };
    let mut cargo = Cross::required()?.cargo(workspace, &build);
    process::quiet(label, cargo.args(["--features", "opml-image/mips"]))?;
    let read = |program| {
        let elf = built(workspace, program);
        fs::read(&elf).with_context(|| format!("cannot read {}", elf.display()))
    };
    Ok([read(GUEST[1])?, read(IMAGE[1])?])
}

/// Where cargo puts a program.
fn built(workspace: &Workspace, program: &str) -> PathBuf {
    workspace.cross_target().join(TARGET).join(PROFILE).join(program)
}

/// Makes cargo compile both anew: without their fingerprints it knows of no earlier build.
fn forget(workspace: &Workspace) -> Result<()> {
    let known = workspace.cross_target().join(TARGET).join(PROFILE).join(".fingerprint");
    for entry in fs::read_dir(&known)? {
        let entry = entry?;
        let name = entry.file_name();
        if [GUEST, IMAGE].iter().any(|[package, _]| name.to_string_lossy().starts_with(package)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn expect_same(first: &[Vec<u8>; 2], others: &[Vec<u8>; 2], what: &str) -> Result<()> {
    let pairs = first.iter().zip(others).zip([GUEST, IMAGE]);
    let Some(((first, other), [package, _])) = pairs.into_iter().find(|((a, b), _)| a != b) else {
        return Ok(());
    };
    let at = first.iter().zip(other).position(|(a, b)| a != b);
    let at = at.unwrap_or_else(|| first.len().min(other.len()));
    bail!(
        "{what} of {package} differs from byte {at:#x} ({} and {} bytes)",
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
