//! The kernel image: built, released, and compared with what was released.
//!
//! Model registrations name the image's root, so the released bytes are committed together with root
//! and compiler. Another compiler may give other bytes; that is reported, not refused.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use opml_vm::elf::Image;
use opml_vm::source::ContentStore;

use crate::cross::Cross;
use crate::guest;
use crate::workspace::Workspace;

/// First instruction, as the handover sets it.
const ENTRY: u32 = 0x1000;
/// A window has 2^16 pages.
const WINDOW_LEVEL: u8 = 16;

/// What is released: the bytes from address 0 on, and the text that describes them.
struct Release {
    bytes: Vec<u8>,
    text: String,
}

/// Builds the image and writes it to where the released one is kept.
pub fn release(workspace: &Workspace) -> Result<()> {
    let built = build(workspace)?;
    let (image, text) = paths(workspace);
    if let Some(folder) = image.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&image, &built.bytes)?;
    fs::write(&text, &built.text)?;
    print!("{}", built.text);
    Ok(())
}

/// Builds the image and compares it with the released one, if the compiler is the same.
pub fn check(workspace: &Workspace) -> Result<()> {
    let (image, text) = paths(workspace);
    let bytes = fs::read(&image).with_context(|| format!("cannot read {}", image.display()))?;
    let text = fs::read_to_string(&text).with_context(|| text.display().to_string())?;
    let compiler = field(&text, "compiler")?;
    let described = describe(&bytes, compiler);
    ensure!(described == text, "the released image has other bytes than stated:\n{described}");

    let present = Cross::required()?.version()?;
    let built = build(workspace)?;
    if built.bytes == bytes {
        println!("image: the released {} bytes, built by {present}", bytes.len());
    } else if present == compiler {
        bail!("the sources give another image than the released one: run `cargo xtask image`");
    } else {
        println!("image: not the released bytes; those are of {compiler}, this is {present}");
    }
    Ok(())
}

/// Compiles the image for MIPS and lays it out as the machine's first window has it.
fn build(workspace: &Workspace) -> Result<Release> {
    let elf = guest::image_elf(workspace)?;
    let bytes = window(&Image::parse(&elf)?)?;
    let text = describe(&bytes, &Cross::required()?.version()?);
    Ok(Release { bytes, text })
}

/// The window's bytes up to the last one that the program loads.
fn window(program: &Image<'_>) -> Result<Vec<u8>> {
    ensure!(program.entry == ENTRY, "the image is entered at {:#x}", program.entry);
    let mut bytes = Vec::new();
    for segment in &program.segments {
        bytes.resize(usize::try_from(segment.address)?, 0);
        bytes.extend(segment.bytes);
    }
    ensure!(bytes.len() <= 1 << 28, "the image does not fit its window");
    Ok(bytes)
}

/// Size, root of the window and compiler, a line each.
fn describe(bytes: &[u8], compiler: &str) -> String {
    let root = ContentStore::default().insert_image(bytes, WINDOW_LEVEL);
    format!("bytes {}\nroot {root}\ncompiler {compiler}\n", bytes.len())
}

fn field<'a>(text: &'a str, name: &str) -> Result<&'a str> {
    let find = |line: &'a str| line.strip_prefix(name)?.strip_prefix(' ');
    text.lines().find_map(find).with_context(|| format!("the description has no {name}"))
}

/// Where the released image and its description are kept.
fn paths(workspace: &Workspace) -> (PathBuf, PathBuf) {
    let folder = workspace.root.join("offchain/image/released");
    (folder.join("kernels.img"), folder.join("kernels.txt"))
}
