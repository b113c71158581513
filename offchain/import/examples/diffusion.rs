//! Stable Diffusion 1.5 with random weights at its real size: one step of the sampler and the decoder.
//!
//! ```text
//! cargo run --release -p opml-import --example diffusion -- small FOLDER PICTURE
//! cargo run --release -p opml-import --example diffusion -- make FOLDER
//! cargo run --release -p opml-import --example diffusion -- run FOLDER THREADS
//! cargo run --release -p opml-import --example diffusion -- tile FOLDER OPERATOR
//! ```
//!
//! `small` writes the network of the tests, and what it draws, three bytes a pixel.
#![allow(clippy::expect_used, clippy::cast_precision_loss, clippy::cast_possible_truncation)]
#![allow(dead_code, reason = "files of the small network are for its tests")]

#[path = "../tests/diffusion/files.rs"]
mod files;
#[path = "../tests/diffusion/network.rs"]
mod network;

use std::env;
use std::error::Error;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use network::{Random, ddim, write_configuration};
use opml_core::graph::{GraphStep, REQUEST_PARAMS, Request};
use opml_import::safetensors::{Config, Network, Options, Tokenizer, picture, program};
use opml_operator::{Control, Descriptor, Kernel, Operator, WeightType};
use opml_runtime::build::Builder;
use opml_runtime::bundle::manifest::{About, Input};
use opml_runtime::executor::Settings;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};
use serde_json::json;

const PROMPT: &str = network::PROMPT;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["small", folder, picture] => small(Path::new(folder), Path::new(picture)),
        ["make", folder] => make(Path::new(folder)),
        ["run", folder, threads] => run(Path::new(folder), threads.parse()?),
        ["tile", folder, operator] => tile(Path::new(folder), operator.parse()?),
        ["values", folder, operator, tile] => {
            values(Path::new(folder), operator.parse()?, tile.parse()?)
        }
        ["list", folder] => list(Path::new(folder)),
        _ => Err("small FOLDER PICTURE | make FOLDER | run FOLDER THREADS | tile FOLDER OPERATOR | list FOLDER".into()),
    }
}

fn small(folder: &Path, picture: &Path) -> Result<(), Box<dyn Error>> {
    let bundle = files::small(folder, WeightType::Q8_0);
    let request = Request::new(network::PROMPT.as_bytes(), network::SEED, [0; REQUEST_PARAMS])?;
    let mut machine = Executor::new(&bundle, &request, Settings::default())?;
    machine.run(u64::MAX)?;
    let output = machine.output(bundle.manifest().output).ok_or("no output")?;
    Ok(fs::write(picture, output)?)
}

/// Writes the bundle: one step without guidance.
fn make(folder: &Path) -> Result<(), Box<dyn Error>> {
    let parts = [
        json!({
            "vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072,
            "num_hidden_layers": 12, "num_attention_heads": 12, "max_position_embeddings": 77,
            "hidden_act": "quick_gelu",
        }),
        json!({
            "in_channels": 4, "out_channels": 4, "block_out_channels": [320, 640, 1280, 1280],
            "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D", "DownBlock2D"],
            "layers_per_block": 2, "attention_head_dim": 8, "cross_attention_dim": 768,
            "sample_size": 64,
        }),
        json!({
            "latent_channels": 4, "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2,
        }),
        ddim(),
    ];
    let source = folder.join("source");
    write_configuration(&source, &parts);
    let config = Config::read(&source)?;
    let tensors = Random::default();
    let network = Network {
        config: &config,
        tokenizer: &Tokenizer::read(&source.join("tokenizer"))?,
        text: &tensors,
        unet: &tensors,
        vae: &tensors,
    };
    let options = Options { steps: 1, guidance: 1.0, prompt_bytes: 256, ..Options::default() };
    let kinds = (Input::Bytes { max: options.prompt_bytes }, picture(&config));
    let start = Instant::now();
    let builder = Builder::in_folder(About::default(), kinds, &folder.join("bundle"))?;
    program(builder, &network, &options, &|_| {})?.finish_folder()?;
    let bytes = fs::metadata(folder.join("bundle/weights.bin"))?.len();
    println!("{:.1} s, {bytes} bytes of weights", start.elapsed().as_secs_f64());
    Ok(())
}

fn open(folder: &Path, threads: usize) -> Result<(Bundle, Executor), Box<dyn Error>> {
    let bundle = Bundle::open(&folder.join("bundle"))?;
    let request = Request::new(PROMPT.as_bytes(), 7, [0; REQUEST_PARAMS])?;
    let settings = Settings { threads: NonZeroUsize::new(threads), ..Settings::default() };
    let machine = Executor::new(&bundle, &request, settings)?;
    Ok((bundle, machine))
}

/// A part of the program: its operators, how often they run.
struct Section {
    name: &'static str,
    operators: Vec<Descriptor>,
    times: u32,
}

impl Section {
    fn tiles(&self) -> u64 {
        let once: u64 = self.operators.iter().map(|operator| u64::from(operator.tiles)).sum();
        once * u64::from(self.times)
    }

    /// Multiplications with weights and in attention.
    fn products(&self) -> u64 {
        let of = |operator: &Descriptor| match Operator::parse(operator, 0) {
            Ok(Operator::Conv(conv) | Operator::ConvAdd(conv)) => {
                u64::from(conv.size).pow(2)
                    * u64::from(operator.params[4])
                    * u64::from(conv.out.channels)
                    * u64::from(conv.out.pixels)
            }
            Ok(Operator::Attend(attend)) => {
                2 * u64::from(attend.out.pixels)
                    * u64::from(attend.positions)
                    * u64::from(attend.out.channels)
            }
            _ => 0,
        };
        self.operators.iter().map(of).sum::<u64>() * u64::from(self.times)
    }
}

/// The text and its loop, the steps of the sampler, the decoder.
fn sections(bundle: &Bundle) -> Vec<Section> {
    let all: Vec<Descriptor> = bundle.program().operators().map(|(_, operator)| operator).collect();
    let mut sections = Vec::new();
    let mut start = 0;
    let mut push = |name, range: std::ops::Range<usize>, times| {
        sections.push(Section { name, operators: all[range].to_vec(), times });
    };
    let mut names = ["bytes", "tokens, their rows", "the sampler's steps"].into_iter();
    for (pc, operator) in all.iter().enumerate() {
        if let Ok(Control::Loop { target, count }) = operator.control() {
            push("before", start..target as usize, 1);
            push(names.next().unwrap_or("a loop"), target as usize..pc + 1, count);
            start = pc + 1;
        }
    }
    push("behind", start..all.len(), 1);
    sections
}

fn run(folder: &Path, threads: usize) -> Result<(), Box<dyn Error>> {
    let (bundle, mut machine) = open(folder, threads)?;
    for section in sections(&bundle) {
        let (start, tiles) = (Instant::now(), section.tiles());
        machine.run(tiles)?;
        let (seconds, products) = (start.elapsed().as_secs_f64(), section.products() as f64 / 1e9);
        println!(
            "{:20} {:5} operators {tiles:8} tiles {seconds:8.2} s {products:8.1} GMAC {:7.1} GMAC/s",
            section.name,
            section.operators.len(),
            products / seconds
        );
    }
    let output = machine.output(bundle.manifest().output).ok_or("no output")?;
    let start = Instant::now();
    machine.state();
    println!("state hashed in {:.2} s", start.elapsed().as_secs_f64());
    println!("{} bytes of pixels, status {:?}", output.len(), machine.status());
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{peak}");
    Ok(())
}

fn list(folder: &Path) -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::open(&folder.join("bundle"))?;
    for (pc, operator) in bundle.program().operators() {
        let kernel = Kernel::from_id(operator.kernel).ok_or("a kernel")?;
        let [pixels, channels, ..] = operator.params;
        println!(
            "{pc:5} {kernel:?} {pixels} x {channels} tiles {} of 2^{} bytes bound {} at {:#x}",
            operator.tiles, operator.output.log2_size, operator.bound, operator.output.base
        );
    }
    Ok(())
}

/// Steps in front of an operator's first tile.
fn steps_before(bundle: &Bundle, operator: usize) -> u64 {
    let (mut steps, mut left) = (0, operator);
    for section in sections(bundle) {
        let count = section.operators.len().min(left);
        left -= count;
        let rounds = if left > 0 { section.times } else { 1 };
        let tiles = section.operators[..count].iter().map(|operator| u64::from(operator.tiles));
        steps += tiles.sum::<u64>() * u64::from(rounds);
        if left == 0 {
            break;
        }
    }
    steps
}

/// The first numbers of a tile of an operator.
fn values(folder: &Path, operator: usize, tile: u64) -> Result<(), Box<dyn Error>> {
    let (bundle, mut machine) = open(folder, 2)?;
    machine.run(steps_before(&bundle, operator) + tile)?;
    let GraphStep::Tile(next) = machine.next_step() else { return Err("no tile".into()) };
    machine.run(1)?;
    let words = machine.read(next.output);
    let numbers: Vec<f32> = words.iter().take(32).map(|word| f32::from_bits(*word)).collect();
    println!("{:?} {numbers:?}", next.operator.kernel());
    Ok(())
}

/// The first tile of an operator in the MIPS machine.
fn tile(folder: &Path, operator: usize) -> Result<(), Box<dyn Error>> {
    let (bundle, mut machine) = open(folder, 2)?;
    let steps = steps_before(&bundle, operator);
    machine.run(steps)?;
    let GraphStep::Tile(next) = machine.next_step() else { return Err("no tile".into()) };
    println!("{:?}, cost at most {}", next.operator.kernel(), opml_operator::cost(&next.operator));
    let image = KernelImage::released()?;
    let start = Instant::now();
    let mut run = TileRun::new(&mut machine, &image, 256 << 20)?;
    println!("memory of the run composed in {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let finished = run.finish()?;
    let seconds = start.elapsed().as_secs_f64();
    machine.run(1)?;
    let equal = machine.read(next.output) == finished.output;
    println!("{:?}: {} instructions in {seconds:.2} s", finished.status, finished.instructions);
    println!("bits equal to the native tile: {equal}");
    if equal { Ok(()) } else { Err("the tile differs".into()) }
}
