//! Every variant of the errors and traps of `onchain/`, and every error of the interfaces: whether tests execute a line that makes it,
//! and whether tests name it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::coverage::Lines;
use crate::workspace::Workspace;

/// An enum of errors or traps, and its variants.
struct Enum {
    file: String,
    name: String,
    variants: Vec<String>,
}

/// Where tests are.
const TESTS: [&str; 4] = ["onchain", "offchain", "test", "fuzz/fuzz_targets"];

/// Prints what no test executes or names.
pub fn print(workspace: &Workspace, files: &BTreeMap<String, Lines>) -> Result<()> {
    let root = &workspace.root;
    let mut sources = Vec::new();
    find(&root.join("onchain"), "rs", &mut sources)?;
    sources.retain(|path| !is_test(path));
    sources.sort();
    let tests = tests(root)?;
    let (mut all, mut made, mut named) = (0, 0, 0);
    println!("\n| error or trap | executed | named by tests |\n|---|---|---|");
    for path in &sources {
        let text = fs::read_to_string(path)?;
        let file = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        for found in enums(&file, &text) {
            for variant in &found.variants {
                let executed = is_made(root, &sources, files, (&found, variant))?;
                let is_named = names(&tests, variant);
                (all, made, named) =
                    (all + 1, made + usize::from(executed), named + usize::from(is_named));
                if !(executed && is_named) {
                    let says = |yes| if yes { "yes" } else { "no" };
                    let Enum { file, name, .. } = &found;
                    println!(
                        "| {name}::{variant} ({file}) | {} | {} |",
                        says(executed),
                        says(is_named)
                    );
                }
            }
        }
    }
    println!("\n{all} variants: {made} are made by an executed line, {named} are named by tests");
    interfaces(root, &tests)
}

/// Errors of the interfaces in `sol/` that no test names.
fn interfaces(root: &Path, tests: &str) -> Result<()> {
    let (mut all, mut missing) = (0, Vec::new());
    for name in ["IHub", "IGame", "IStepVerifier", "ICourier", "IBatch", "IAttention"] {
        let text = fs::read_to_string(root.join("sol").join(name).with_extension("sol"))?;
        for line in text.lines() {
            let error = line.trim().strip_prefix("error ").and_then(|rest| rest.split('(').next());
            let Some(error) = error else { continue };
            all += 1;
            if !names(tests, error) {
                missing.push(format!("{name}.{error}"));
            }
        }
    }
    println!("{all} errors of the interfaces: no test names {missing:?}");
    Ok(())
}

/// All text of tests: files in folders of tests, what stands behind `#[cfg(test)]`, the specification that schedules compare with.
fn tests(root: &Path) -> Result<String> {
    let mut paths = Vec::new();
    for folder in TESTS {
        find(&root.join(folder), "rs", &mut paths)?;
        find(&root.join(folder), "sol", &mut paths)?;
    }
    let mut all = String::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let adversary = path.components().any(|part| part.as_os_str() == "adversary");
        if is_test(&path) || adversary {
            all.push_str(&text);
        } else if let Some((_, tests)) = text.split_once("#[cfg(test)]") {
            all.push_str(tests);
        }
        all.push('\n');
    }
    Ok(all)
}

fn is_test(path: &Path) -> bool {
    let known = ["tests", "tests.rs", "test", "fuzz_targets"];
    path.components().any(|part| known.iter().any(|known| part.as_os_str() == *known))
}

fn find(folder: &Path, extension: &str, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("node_modules") && !path.ends_with("target") {
                find(&path, extension, paths)?;
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Whether a text has a name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) =
            (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

/// Enums whose names end in `Error`, `Trap` or `Illegal`.
fn enums(file: &str, text: &str) -> Vec<Enum> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found: Vec<Enum> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(rest) = line.split("enum ").nth(1).filter(|_| line.ends_with('{')) {
            let name = rest.split([' ', '<']).next().unwrap_or_default().to_owned();
            inside = ["Error", "Trap", "Illegal"].iter().any(|end| name.ends_with(end));
            if inside {
                found.push(Enum { file: file.into(), name, variants: Vec::new() });
            }
        } else if line.starts_with('}') {
            inside = false;
        } else if let (true, Some(one)) = (inside, found.last_mut()) {
            let is_variant = line.starts_with("    ") && line[4..].starts_with(char::is_uppercase);
            let name = line.trim().split([' ', ',', '(', '{', '=']).next().unwrap_or_default();
            if is_variant {
                one.variants.push(name.to_owned());
            }
        }
    }
    found
}

/// Whether a line that names the variant, and is no arm of a `match`, was executed.
fn is_made(
    root: &Path,
    sources: &[PathBuf],
    files: &BTreeMap<String, Lines>,
    (of, variant): (&Enum, &str),
) -> Result<bool> {
    for path in sources {
        let file = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let Some(lines) = files.get(&file) else { continue };
        let text = fs::read_to_string(path)?;
        let own = file == of.file;
        for (number, line) in (1_u32..).zip(text.lines()) {
            let full = names(line, &format!("{}::{variant}", of.name));
            let short = own && names(line, &format!("Self::{variant}"));
            let (arm, rest) = line.split_once("=>").unwrap_or(("", line));
            let is_arm = names(arm, variant) && !names(rest, variant);
            if (full || short) && !is_arm && near(lines, number) > 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// How often a line was executed; of a line without a counter of its own, the one before it that has one.
fn near(lines: &Lines, number: u32) -> u64 {
    lines.range(..=number).next_back().map_or(0, |(_, count)| *count)
}
