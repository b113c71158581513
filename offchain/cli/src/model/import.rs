//! `opml model import`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use opml_import::{Options, WholeWords, import, safetensors};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// GGUF file of a language model of the Llama family, or folder of a Stable Diffusion as diffusers
    /// writes it.
    #[arg(value_name = "FILE.gguf|DIR")]
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
    /// Accept a tokenizer (Llama 3's) some of whose tokens only a search for whole words finds: here such
    /// words are several tokens.
    #[arg(long)]
    split_words: bool,
    /// Of a Stable Diffusion: steps of the sampler.
    #[arg(long, default_value_t = safetensors::Options::default().steps)]
    steps: u32,
    /// Of a Stable Diffusion: how much more the text counts than none; 1 halves the work.
    #[arg(long, default_value_t = safetensors::Options::default().guidance)]
    guidance: f32,
}

impl Args {
    /// Writes the bundle.
    pub fn execute(&self) -> Result<()> {
        let folder = match (&self.output, self.file.file_stem()) {
            (Some(folder), _) => folder.clone(),
            (None, Some(stem)) => PathBuf::from(stem),
            (None, None) => bail!("name a folder by --output"),
        };
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template("{spinner} {pos} tensors, {msg}")?);
        let start = Instant::now();
        self.write(&folder, |tensor| {
            bar.set_message(tensor.to_owned());
            bar.inc(1);
        })
        .with_context(|| format!("cannot import {}", self.file.display()))?;
        bar.finish_and_clear();
        let seconds = start.elapsed().as_secs_f64();
        println!("{} in {seconds:.1} s", folder.display());
        Ok(())
    }

    fn write(&self, folder: &Path, mut progress: impl Fn(&str)) -> Result<()> {
        let Self { positions, prompt_bytes, output_bytes, steps, guidance, .. } = *self;
        if self.file.is_dir() {
            let known = safetensors::Options::default();
            let options = safetensors::Options { steps, guidance, prompt_bytes, ..known };
            safetensors::import(&self.file, folder, &options, &progress)?;
        } else {
            let whole_words =
                if self.split_words { WholeWords::Split } else { WholeWords::Refused };
            let options = Options { positions, prompt_bytes, output_bytes, whole_words };
            import(&self.file, folder, &options, &mut progress)?;
        }
        Ok(())
    }
}
