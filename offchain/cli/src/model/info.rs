//! `opml model info`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use opml_operator::Kernel;
use opml_runtime::Bundle;
use opml_runtime::bundle::manifest::About;
use opml_runtime::tile::KernelImage;
use serde::Serialize;

use super::source;
use crate::output::Format;

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
    model: About,
    weights_root: String,
    program_root: String,
    image_root: String,
    steps_log2: u8,
    tensors: usize,
    weight_bytes: u64,
    operators: usize,
    tiles: u64,
    kernels: BTreeMap<String, usize>,
}

impl Args {
    /// Prints what the model is.
    pub fn execute(&self) -> Result<()> {
        let report = Report::of(&source::open(&self.bundle)?)?;
        self.format.print(&report, Report::text)
    }
}

impl Report {
    fn of(bundle: &Bundle) -> Result<Self> {
        let manifest = bundle.manifest();
        let mut kernels = BTreeMap::new();
        let mut tiles = 0;
        for (_, operator) in bundle.program().operators() {
            tiles += u64::from(operator.tiles);
            if let Some(kernel) = Kernel::from_id(operator.kernel) {
                *kernels.entry(format!("{kernel:?}")).or_default() += 1;
            }
        }
        Ok(Self {
            model: manifest.model.clone(),
            weights_root: manifest.weights_root.to_string(),
            program_root: manifest.program_root.to_string(),
            image_root: KernelImage::released()?.root().to_string(),
            steps_log2: manifest.steps_log2,
            tensors: manifest.tensors.len(),
            weight_bytes: manifest.tensors.iter().map(|tensor| tensor.pages * 4096).sum(),
            operators: bundle.program().len(),
            tiles,
            kernels,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{}: {}\n", self.model.name, self.model.description);
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<13} {value}");
        };
        line("licence", &self.model.licence);
        line("source", &self.model.source);
        for figure in &self.model.figures {
            line("measured", figure);
        }
        line("weights root", &self.weights_root);
        line("program root", &self.program_root);
        line("image root", &self.image_root);
        line("weights", &format_args!("{} tensors, {} bytes", self.tensors, self.weight_bytes));
        line("program", &format_args!("{} operators, {} tiles", self.operators, self.tiles));
        line("trace", &format_args!("2^{} steps", self.steps_log2));
        for (kernel, count) in &self.kernels {
            line("", &format_args!("{count} x {kernel}"));
        }
        text.truncate(text.trim_end().len());
        text
    }
}
