//! Stable Diffusion 1.5, 2.1 and Turbo from the safetensors files of a folder as diffusers lays them out:
//! `text_encoder`, `unet`, `vae`, `tokenizer` and `scheduler`, each with its configuration. Names of
//! tensors are those that candle and diffusers use.
//!
//! The program encodes the request's text once, draws an image of noise from its seed, removes the noise
//! in a loop over the sampler's steps, and decodes what is left to pixels: three bytes each, line by line.

mod attention;
mod clip;
pub mod config;
mod edges;
mod error;
mod resnet;
mod schedule;
mod tensors;
mod time;
mod tokenizer;
mod transformer;
mod unet;
mod vae;
mod weights;

use std::path::Path;

use opml_operator::WeightType;
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

pub use config::Config;
pub use error::DiffusionError;
pub use schedule::{Schedule, Step};
pub use tensors::{Stored, Tensors};
pub use tokenizer::{Tokenizer, Vocabulary};

use crate::image::{Graph, Image, gaussian};
use attention::Memory;
use time::Times;
use unet::Unet;
use weights::Part;

/// From -1 .. 1 to 0 .. 255: what numbers are multiplied by, and what is added.
const NUMBERS_TO_BYTES: [f32; 2] = [127.5, 127.5];

/// What a folder does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// Steps of the sampler.
    pub steps: u32,
    /// How much more the text counts than none: 1 or less computes without its opposite.
    pub guidance: f32,
    /// Longest text of a request, in bytes.
    pub prompt_bytes: u32,
    /// How weights are stored.
    pub weights: WeightType,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 20, guidance: 7.5, prompt_bytes: 512, weights: WeightType::Q8_0 }
    }
}

/// A network with everything that its program needs.
pub struct Network<'a> {
    /// Sizes.
    pub config: &'a Config,
    /// From text to tokens.
    pub tokenizer: &'a Tokenizer,
    /// Tensors of the text encoder.
    pub text: &'a dyn Tensors,
    /// Tensors of the network that removes noise.
    pub unet: &'a dyn Tensors,
    /// Tensors of the decoder.
    pub vae: &'a dyn Tensors,
}

/// Writes the network in a folder as a bundle to `output`. `progress` is told every tensor.
pub fn import(
    folder: &Path,
    output: &Path,
    options: &Options,
    progress: &dyn Fn(&str),
) -> Result<(), DiffusionError> {
    let config = Config::read(folder)?;
    let network = Network {
        config: &config,
        tokenizer: &Tokenizer::read(&folder.join("tokenizer"))?,
        text: &Stored::open(&folder.join("text_encoder"))?,
        unet: &Stored::open(&folder.join("unet"))?,
        vae: &Stored::open(&folder.join("vae"))?,
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let kinds = (Input::Bytes { max: options.prompt_bytes }, picture(&config));
    let builder = Builder::in_folder(about(options, name), kinds, output)?;
    let builder = program(builder, &network, options, progress)?;
    Ok(builder.finish_folder()?)
}

fn about(options: &Options, name: String) -> About {
    About {
        name,
        description: format!(
            "Picture from a text and a seed; {} steps, guidance {}",
            options.steps, options.guidance
        ),
        source: "safetensors files in a folder of diffusers".into(),
        ..About::default()
    }
}

/// What the result of a network is.
pub fn picture(config: &Config) -> ResultKind {
    let doublings = config.vae.block_out_channels.len().saturating_sub(1);
    let side = config.unet.sample_size << doublings.min(8);
    ResultKind::Picture { width: side, height: side, channels: config.vae.out_channels }
}

/// Adds the network's weights and operators to a builder.
pub fn program(
    builder: Builder,
    network: &Network<'_>,
    options: &Options,
    progress: &dyn Fn(&str),
) -> Result<Builder, DiffusionError> {
    let Network { config, tokenizer, .. } = network;
    let part = |tensors, name| Part { tensors, name, kind: options.weights, progress };
    let schedule = Schedule::new(&config.sampler, options.steps)?;
    let mut graph = Graph::new(builder);
    let prompt = edges::cut(&mut graph, options.prompt_bytes)?;

    let unet = part(network.unet, "unet.");
    let times = Times::new(&unet, &config.unet, &schedule)?;
    let unet = unet.unet(&mut graph, &config.unet, &times)?;
    let encoder = part(network.text, "text.").encoder(&mut graph, &config.text)?;
    let decoder = part(network.vae, "vae.").decoder(&mut graph, &config.vae)?;

    let text = encoder.prompt(&mut graph, &prompt, tokenizer)?;
    let mut branches = vec![unet.remember(&mut graph, text)?];
    if options.guidance > 1.0 {
        let nothing = encoder.nothing(&mut graph, tokenizer)?;
        branches.push(unet.remember(&mut graph, nothing)?);
    }
    let sampler = Sampler { unet: &unet, schedule: &schedule, guidance: options.guidance };
    let side = config.unet.sample_size;
    let latent = sampler.run(&mut graph, (side, config.unet.in_channels), &branches)?;
    let pixels = decoder.apply(&mut graph, latent)?;
    let bytes = graph.pixels(pixels, NUMBERS_TO_BYTES)?;
    Ok(graph.finish(bytes)?)
}

/// The loop that removes noise.
struct Sampler<'a> {
    unet: &'a Unet,
    schedule: &'a Schedule,
    guidance: f32,
}

impl Sampler<'_> {
    fn run(
        &self,
        graph: &mut Graph,
        (side, channels): (u32, u32),
        branches: &[Vec<Memory>],
    ) -> Result<Image, DiffusionError> {
        let table = graph.row("noise", &gaussian())?;
        let noise = graph.noise((side, side), channels, (table, 0))?;
        #[allow(clippy::cast_possible_truncation, reason = "numbers of the program")]
        let length = graph.row("length of noise", &[self.schedule.noise as f32])?;
        let factors = graph.table("sampler", &self.factors(branches.len() > 1))?;
        let latent = graph.blend(&[noise], length)?;
        graph.begin_loop(u32::try_from(self.schedule.steps.len()).unwrap_or(u32::MAX));
        let mut terms = vec![latent];
        for memories in branches {
            terms.push(self.unet.apply(graph, latent, memories)?);
        }
        graph.blend_into(&latent, &terms, factors)?;
        graph.end_loop();
        Ok(latent)
    }

    /// For each step what the image and the predictions with and without the text are multiplied by.
    #[allow(clippy::cast_possible_truncation, reason = "numbers of the program")]
    fn factors(&self, guided: bool) -> Vec<Vec<f32>> {
        let guidance = f64::from(self.guidance);
        let row = |step: &Step| {
            let image = step.image as f32;
            if guided {
                let [with, without] =
                    [guidance, 1.0 - guidance].map(|share| (step.prediction * share) as f32);
                vec![image, with, without]
            } else {
                vec![image, step.prediction as f32]
            }
        };
        self.schedule.steps.iter().map(row).collect()
    }
}
