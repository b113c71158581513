//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders of the repository.
pub struct Workspace {
    /// Folder of the root manifest.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    /// The workspace that this program belongs to; honours `CARGO_TARGET_DIR`.
    pub fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .ancestors()
            .nth(2)
            .with_context(|| format!("{} has no workspace above it", manifest.display()))?;
        Ok(Self::at(root, env::var_os("CARGO_TARGET_DIR").map(PathBuf::from)))
    }

    /// The workspace at `root` with an own target folder (relative ones count from `root`).
    pub fn at(root: &Path, target: Option<PathBuf>) -> Self {
        let target = root.join(target.unwrap_or_else(|| PathBuf::from("target")));
        Self { root: root.to_owned(), target }
    }

    /// Target folder of the cross compiler: another compiler's output does not mix with the host's.
    pub fn cross_target(&self) -> PathBuf {
        self.target.join("cross")
    }

    /// Where the deployable contracts are put.
    pub fn contracts(&self) -> PathBuf {
        self.target.join("contracts")
    }

    /// The guest program.
    pub fn guest_elf(&self) -> PathBuf {
        self.target.join("guest/guest.elf")
    }

    /// The command line program.
    pub fn opml(&self) -> PathBuf {
        self.target.join("release/opml")
    }
}
