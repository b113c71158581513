//! Foundry's programs: npm's where npm has them for this machine, else those on the search path.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// `forge` and `cast`.
pub struct Foundry {
    root: PathBuf,
    forge: PathBuf,
    cast: PathBuf,
}

impl Foundry {
    /// The programs to use.
    pub fn find(workspace: &Workspace) -> Result<Self> {
        let packages = workspace.root.join("node_modules/@foundry-rs");
        let root = workspace.root.clone();
        Ok(Self { root, forge: program(&packages, "forge")?, cast: program(&packages, "cast")? })
    }

    /// `forge` in the workspace.
    pub fn forge(&self) -> Command {
        self.at_root(&self.forge)
    }

    /// `cast` in the workspace.
    pub fn cast(&self) -> Command {
        self.at_root(&self.cast)
    }

    /// First line of what `forge --version` says.
    pub fn version(&self) -> Result<String> {
        let text = process::output(self.forge().arg("--version"))?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    fn at_root(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }
}

/// The first that runs of those that npm installed, for one machine each, and the one on the search
/// path. npm's launcher in `node_modules/.bin` is left alone: it always reports success.
fn program(packages: &Path, name: &str) -> Result<PathBuf> {
    let package = format!("{name}-");
    let mut candidates: Vec<PathBuf> = fs::read_dir(packages)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|folder| folder.file_name().to_string_lossy().starts_with(&package))
        .map(|folder| folder.path().join("bin").join(name))
        .collect();
    candidates.push(PathBuf::from(name));
    let runs = |path: &PathBuf| process::succeeds(Command::new(path).arg("--version"));
    match candidates.into_iter().find(runs) {
        Some(path) => Ok(path),
        None => bail!(
            "no `{name}` that runs: npm has none for this machine (`cargo xtask setup`), and there is none \
             on the search path (https://getfoundry.sh)"
        ),
    }
}
