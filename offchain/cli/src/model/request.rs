//! What a model is asked.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use opml_core::graph::{REQUEST_PARAMS, Request};
use opml_runtime::bundle::manifest::{Input, ResultKind};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};

use super::text::Sampling;

/// Input and seed.
#[derive(Clone, Debug, clap::Args)]
pub struct Question {
    #[command(flatten)]
    content: Content,
    /// Seed of whatever the model draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    sampling: Sampling,
}

#[derive(Clone, Debug, clap::Args)]
#[group(required = false, multiple = false)]
struct Content {
    /// File whose bytes are the input.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Picture for a model that takes one: PNG, of exactly its size, white on black.
    #[arg(long, value_name = "PNG")]
    image: Option<PathBuf>,
    /// Text for a language model.
    #[arg(long, value_name = "TEXT")]
    prompt: Option<String>,
    /// Difficulty of a landscape, 1 to 100.
    #[arg(long, value_name = "NUMBER")]
    difficulty: Option<u8>,
}

impl Question {
    /// The machine at the start of this request.
    pub fn start(&self, bundle: &Bundle) -> Result<Executor> {
        let request = self.encode(bundle)?;
        Ok(Executor::new(bundle, &Request::decode(&request)?, Settings::default())?)
    }

    /// Header and input, as the hub takes them.
    pub fn encode(&self, bundle: &Bundle) -> Result<Vec<u8>> {
        let expected = &bundle.manifest().input;
        let input = self.bytes(expected)?;
        ensure!(
            expected.accepts(input.len()),
            "an input of {} bytes is not the model's {expected:?}",
            input.len()
        );
        let request = Request::new(&input, self.seed, self.params(bundle))?;
        Ok([&request.header()[..], request.input()].concat())
    }

    /// Other models than language models take no parameters.
    fn params(&self, bundle: &Bundle) -> [u32; REQUEST_PARAMS] {
        match bundle.manifest().result {
            ResultKind::Text => self.sampling.params(),
            _ => [0; REQUEST_PARAMS],
        }
    }

    fn bytes(&self, expected: &Input) -> Result<Vec<u8>> {
        if let Some(prompt) = &self.content.prompt {
            return Ok(prompt.clone().into_bytes());
        }
        if let Some(difficulty) = self.content.difficulty {
            return Ok(vec![difficulty]);
        }
        match (&self.content.input, &self.content.image) {
            (Some(path), _) => {
                std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
            }
            (None, Some(path)) => {
                picture(path, expected).with_context(|| format!("picture {}", path.display()))
            }
            // A seed is enough.
            (None, None) if matches!(expected, Input::Bytes { max: 0 | 1 }) => Ok(Vec::new()),
            (None, None) => bail!("name an input by --prompt TEXT, --input FILE or --image PNG"),
        }
    }
}

/// The grey levels of a picture, row by row.
fn picture(path: &Path, expected: &Input) -> Result<Vec<u8>> {
    let Input::Grey { width, height } = *expected else {
        bail!("the model takes bytes, no picture; use --input");
    };
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let size = reader.info().size();
    if size != (width, height) {
        bail!("{} x {} pixels, the model takes {width} x {height}", size.0, size.1);
    }
    let Some(length) = reader.output_buffer_size() else { bail!("too large") };
    let mut pixels = vec![0; length];
    let frame = reader.next_frame(&mut pixels)?;
    pixels.truncate(frame.buffer_size());
    Ok(pixels.chunks_exact(frame.color_type.samples()).map(grey).collect())
}

/// Grey level of a pixel: its own, or the weighted mean of ITU-R BT.601. Opacity is ignored.
fn grey(pixel: &[u8]) -> u8 {
    match pixel {
        [grey] | [grey, _] => *grey,
        [red, green, blue, ..] => {
            let mean = 299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue);
            u8::try_from((mean + 500) / 1000).unwrap_or(u8::MAX)
        }
        [] => 0,
    }
}
