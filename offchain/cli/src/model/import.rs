//! `opml model import`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use opml_import::{Options, import};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// GGUF file of a language model of the Llama family.
    #[arg(value_name = "FILE.gguf")]
    file: PathBuf,
    /// Folder of the bundle; by default named like the file, without its ending.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Positions of the model, prompt and answer together; rounded down to a power of two.
    #[arg(long, default_value_t = Options::default().positions)]
    positions: u32,
    /// Longest text of a request, in bytes.
    #[arg(long, default_value_t = Options::default().prompt_bytes)]
    prompt_bytes: u32,
    /// Longest answer, in bytes.
    #[arg(long, default_value_t = Options::default().output_bytes)]
    output_bytes: u32,
}

impl Args {
    /// Writes the bundle.
    pub fn execute(&self) -> Result<()> {
        let folder = match (&self.output, self.file.file_stem()) {
            (Some(folder), _) => folder.clone(),
            (None, Some(stem)) => PathBuf::from(stem),
            (None, None) => bail!("name a folder by --output"),
        };
        let Self { positions, prompt_bytes, output_bytes, .. } = *self;
        let options = Options { positions, prompt_bytes, output_bytes };
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {pos} tensors, {msg}")?);
        let start = Instant::now();
        import(&self.file, &folder, &options, &mut |tensor| {
            bar.set_message(tensor.to_owned());
            bar.inc(1);
        })
        .with_context(|| format!("cannot import {}", self.file.display()))?;
        bar.finish_and_clear();
        let seconds = start.elapsed().as_secs_f64();
        println!("{} in {seconds:.1} s", folder.display());
        Ok(())
    }
}
