//! `opml bench network`: a whole inference as one run of the MIPS machine.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use opml_core::graph::{REQUEST_PARAMS, Request};
use opml_core::mips::Status;
use opml_operator::WORKING_BASE;
use opml_runtime::bundle::manifest::Input;
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};
use opml_vm::Machine;

use crate::model::source::Model;

include!(concat!(env!("OUT_DIR"), "/NETWORK.rs"));

/// Where the program finds what it reads, and leaves what it writes.
const PROGRAM: u32 = 0x1000_0000;
const WEIGHTS: u32 = 0x2000_0000;
const REQUEST: u32 = 0x3000_0000;
const WORKING: u32 = 0x4000_0000;
/// Instructions between two looks at the clock.
const SLICE: u64 = 1 << 32;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    /// Runs of which the fastest counts.
    #[arg(long, default_value_t = 5)]
    runs: u32,
}

impl Args {
    /// Measures and prints.
    pub fn execute(&self) -> Result<()> {
        let program = NETWORK.context("this program was built without the MIPS programs")?;
        let bundle = self.model.open()?;
        let input = input(&bundle.manifest().input);
        let request = Request::new(&input, 0, [0; REQUEST_PARAMS])?;

        let (mut native, mut proven) = (f64::INFINITY, f64::INFINITY);
        let mut instructions = 0;
        for _ in 0..self.runs.max(1) {
            let mut executor = Executor::new(&bundle, &request, Settings::default())?;
            let start = Instant::now();
            executor.run(1 << bundle.manifest().steps_log2)?;
            native = native.min(start.elapsed().as_secs_f64());

            let mut machine = load(program, &bundle, &request)?;
            let start = Instant::now();
            let status = machine.run(SLICE)?;
            proven = proven.min(start.elapsed().as_secs_f64());
            ensure!(status == Status::Exited(0), "the run ended {status:?}");
            instructions = machine.cpu().step;
            compare(&bundle, &executor, &mut machine)?;
        }
        println!(
            "{}: {instructions} instructions in one run, {:.1} ms ({:.1} M instructions/s); natively \
             {:.3} ms; the same output",
            bundle.manifest().model.name,
            proven * 1e3,
            precise(instructions) / proven / 1e6,
            native * 1e3,
        );
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
fn precise(count: u64) -> f64 {
    count as f64
}

/// An input of the model's size that is not all zeros.
fn input(kind: &Input) -> Vec<u8> {
    let length = match *kind {
        Input::Bytes { max } => max,
        Input::Grey { width, height } => width * height,
    };
    (0..length).map(|i| u8::try_from(i * 7919 % 256).unwrap_or_default()).collect()
}

fn load(program: &[u8], bundle: &Bundle, request: &Request<'_>) -> Result<Machine> {
    let mut machine = Machine::load_elf(program)?;
    let memory = machine.memory_mut();
    memory.write(PROGRAM, &bundle.program().to_bytes())?;
    for block in bundle.weights() {
        let offset = u32::try_from(block.base()).ok().filter(|base| base >> 28 == 0);
        let offset = offset.context("the model's weights do not fit a window")?;
        let bytes: Vec<u8> = block.words().iter().flat_map(|word| word.to_le_bytes()).collect();
        memory.write(WEIGHTS + offset, &bytes)?;
    }
    memory.write(REQUEST, &request.header())?;
    memory.write(REQUEST + 128, request.input())?;
    Ok(machine)
}

/// The machine's output is the executor's.
fn compare(bundle: &Bundle, executor: &Executor, machine: &mut Machine) -> Result<()> {
    let region = bundle.manifest().output;
    let offset =
        region.base.checked_sub(WORKING_BASE).and_then(|offset| u32::try_from(offset).ok());
    let Some(offset) = offset.filter(|offset| offset >> 28 == 0) else {
        bail!("the model's output does not lie in the window")
    };
    let expected = executor.output(region).context("the model has no output")?;
    let mut bytes = vec![0; 32 + expected.len()];
    machine.read(WORKING + offset, &mut bytes)?;
    ensure!(bytes[32..] == expected, "the output differs from the executor's");
    Ok(())
}
