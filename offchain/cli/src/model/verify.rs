//! `opml model verify`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::source;
use crate::output::{Format, progress};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the bundle, or `digits` for the one built into this program.
    #[arg(value_name = "BUNDLE", default_value = source::DIGITS)]
    bundle: PathBuf,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    weights_root: String,
    bytes: u64,
    seconds: f64,
}

impl Args {
    /// Hashes all weights; an altered page is an error that names it.
    pub fn execute(&self) -> Result<()> {
        let bundle = source::open(&self.bundle)?;
        let manifest = bundle.manifest();
        let bar = progress(manifest.tensors.len() as u64, "tensors");
        let start = Instant::now();
        bundle.verify(|_| bar.inc(1))?;
        bar.finish_and_clear();
        let report = Report {
            weights_root: manifest.weights_root.to_string(),
            bytes: manifest.tensors.iter().map(|tensor| tensor.pages * 4096).sum(),
            seconds: start.elapsed().as_secs_f64(),
        };
        self.format.print(&report, |report| {
            format!(
                "{} bytes lead to the weights root {} ({:.2} s)",
                report.bytes, report.weights_root, report.seconds
            )
        })
    }
}
