//! Runs random programs in `qemu-mipsel` and in the machine and compares them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use opml_oracle::compare::Mismatch;
use opml_oracle::coverage::Coverage;
use opml_oracle::differential::check;
use opml_oracle::generate::Recipe;
use opml_oracle::layout::Linked;
use opml_oracle::listing::listing;
use opml_oracle::program::Program;
use opml_oracle::qemu::Qemu;
use opml_oracle::shrink::shrink;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Runs of QEMU spent on cutting a failing program down.
const SHRINK_BUDGET: usize = 2000;
/// Failing programs that are cut down and printed; the others are counted.
const SHOWN: usize = 5;

/// Compare the MIPS machine with qemu-mipsel on random programs.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Number of programs.
    #[arg(long, default_value_t = 10_000)]
    programs: u64,
    /// Determines all programs, together with the length.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// First program of the run, to repeat one that failed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Nodes of a program's body: instructions, short sequences, branches, loops, calls.
    #[arg(long, default_value_t = 60)]
    length: usize,
    /// Folder to keep failing programs in: ELF file, listing, cut-down listing.
    #[arg(long, value_name = "DIR")]
    keep_failing: Option<PathBuf>,
}

struct Failure {
    index: u64,
    program: Program,
    mismatch: Mismatch,
}

#[derive(Default)]
struct Tally {
    coverage: Coverage,
    steps: u64,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let qemu = Qemu::find()?;
    println!("{}", qemu.version());
    let start = Instant::now();
    let failures = Mutex::new(Vec::new());
    let tally = run(&options, &qemu, &failures)?;
    let seconds = start.elapsed().as_secs_f64();
    print!("{}", tally.coverage);
    println!(
        "never executed: {:?}, traps never reached: {:?}",
        tally.coverage.missing(),
        tally.coverage.missing_traps()
    );
    println!("{} programs, {} steps, {seconds:.1} s", options.programs, tally.steps);
    let mut failures = failures.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if failures.is_empty() {
        println!("no mismatch");
        return Ok(ExitCode::SUCCESS);
    }
    failures.sort_by_key(|failure: &Failure| failure.index);
    println!("{} MISMATCHES", failures.len());
    for failure in failures.iter().take(SHOWN) {
        report(&options, &qemu, failure)?;
    }
    Ok(ExitCode::FAILURE)
}

fn run(options: &Options, qemu: &Qemu, failures: &Mutex<Vec<Failure>>) -> Result<Tally> {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} programs, {per_sec}, {eta} left")?;
    let bar = ProgressBar::new(options.programs).with_style(style);
    (options.from..options.from + options.programs)
        .into_par_iter()
        .map(|index| {
            let program = Recipe::of_run(options.seed, index, options.length).program();
            let verdict = check(qemu, &program).with_context(|| format!("program {index}"))?;
            if let (Some(mismatch), Ok(mut failures)) = (verdict.mismatch, failures.lock()) {
                failures.push(Failure { index, program, mismatch });
            }
            bar.inc(1);
            Ok(Tally { coverage: verdict.coverage, steps: verdict.steps })
        })
        .try_reduce(Tally::default, |one, two| {
            let coverage = one.coverage.plus(two.coverage);
            Ok(Tally { coverage, steps: one.steps + two.steps })
        })
}

fn report(options: &Options, qemu: &Qemu, failure: &Failure) -> Result<()> {
    let Failure { index, program, mismatch } = failure;
    let mut last = mismatch.clone();
    let small = shrink(program, SHRINK_BUDGET, |candidate| match check(qemu, candidate) {
        Ok(verdict) => {
            verdict.mismatch.filter(|other| other.resembles(mismatch)).is_some_and(|other| {
                last = other;
                true
            })
        }
        Err(_) => false,
    });
    let text = listing(&Linked::new(&small)?);
    println!("\nprogram {index}: {mismatch}\ncut down: {last}\n{text}");
    if let Some(folder) = &options.keep_failing {
        keep(folder, failure, &text)?;
    }
    Ok(())
}

fn keep(folder: &Path, failure: &Failure, small: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let linked = Linked::new(&failure.program)?;
    let file = |extension: &str| folder.join(format!("{}.{extension}", failure.index));
    fs::write(file("elf"), linked.elf())?;
    fs::write(file("s"), listing(&linked))?;
    fs::write(file("small.s"), format!("# {}\n{small}", failure.mismatch))?;
    Ok(())
}
