//! Random schedules against the compiled contracts, until a difference is found or the time is over.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use opml_adversary::action::{parse, write};
use opml_adversary::run::Run;
use opml_adversary::tally::Tally;
use opml_adversary::world::World;
use opml_adversary::{actions, shrink};

/// Random schedules against the compiled contracts.
#[derive(Parser)]
struct Arguments {
    /// Minutes to go on.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Seed of the first schedule; the others count up from it.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Actions of a schedule.
    #[arg(long, default_value_t = 150)]
    actions: usize,
    /// Replays this script instead.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Prints the script of the seed's schedule and ends.
    #[arg(long)]
    show: bool,
    /// Folder of the contracts.
    #[arg(long, default_value = "target/contracts")]
    contracts: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.show {
        print!("{}", write(&actions(arguments.seed, arguments.actions)));
        return Ok(());
    }
    let mut world = World::new(&arguments.contracts)?;
    let (begin, mut tally) = (Instant::now(), Tally::default());
    let end = Duration::from_secs_f64(arguments.minutes * 60.0);
    if let Some(path) = &arguments.script {
        let script = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        println!("{}", Run::new(&mut world).schedule(&parse(&script)?)?);
        return Ok(());
    }
    for seed in arguments.seed.. {
        match shrink::schedule(&mut world, &actions(seed, arguments.actions), None) {
            Ok(other) => tally.add(&other),
            Err(failure) => {
                println!("# seed {seed}\n# {}\n{}", failure.error, write(&failure.actions));
                bail!("seed {seed}: {}", failure.error);
            }
        }
        if begin.elapsed() >= end {
            break;
        }
    }
    println!("{:.0} s: {tally}", begin.elapsed().as_secs_f64());
    Ok(())
}
