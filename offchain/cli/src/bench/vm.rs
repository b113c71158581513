//! `opml bench vm`.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use opml_core::mips::Status;
use opml_devnet::stylus::entry::{Cached, Pages, StylusParams};
use opml_vm::keccak::{Backend, FastKeccak, fold_with};
use opml_vm::memory::PagedMemory;
use opml_vm::{Machine, PAGE_BYTES};
use serde::Serialize;

use super::programs::{PRICED, single, stir};
use crate::contract::StepContract;
use crate::output::Format;

/// Timed repetitions of each measurement; the median is reported.
const REPETITIONS: usize = 7;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    format: Format,
}

/// What was measured; speeds are medians.
#[derive(Serialize)]
struct Report {
    million_instructions_per_second: f64,
    steps_with_witness_per_second: f64,
    witness_microseconds: f64,
    contract_checks_per_second: f64,
    root_milliseconds: Vec<Root>,
    hashes: Vec<Hashing>,
    entry_gas_uncached: u64,
    entry_gas_cached: u64,
    steps: Vec<StepCost>,
}

/// Time for the root of a memory of which so much was just written.
#[derive(Serialize)]
struct Root {
    mebibytes: u32,
    milliseconds: f64,
}

/// Time of one node with one thread.
#[derive(Serialize)]
struct Hashing {
    backend: String,
    nanoseconds: f64,
}

/// What the contract takes for a step.
#[derive(Serialize)]
struct StepCost {
    instruction: &'static str,
    ink: u64,
    gas: u64,
    gas_with_uncached_entry: u64,
    gas_with_cached_entry: u64,
}

impl Args {
    /// Measures and prints.
    pub fn execute(&self) -> Result<()> {
        let mut contract = StepContract::load(None)?;
        let (plain, witnesses) = (speed()?, with_witnesses()?);
        let params = StylusParams::default();
        let entry = |cached| params.entry_gas(contract.facts(), Pages::default(), cached);
        let entries = [entry(Cached::No), entry(Cached::Yes)];
        let report = Report {
            million_instructions_per_second: plain / 1e6,
            steps_with_witness_per_second: witnesses,
            witness_microseconds: witness_time()? * 1e6,
            contract_checks_per_second: checks(&mut contract)?,
            root_milliseconds: vec![root(16)?, root(256)?],
            hashes: Backend::available().into_iter().map(hashing).collect(),
            entry_gas_uncached: entries[0],
            entry_gas_cached: entries[1],
            steps: step_costs(&mut contract, entries)?,
        };
        self.format.print(&report, Report::text)
    }
}

/// Median time of one of `units` units of work.
fn median<T>(
    units: u32,
    mut set_up: impl FnMut() -> Result<T>,
    mut work: impl FnMut(&mut T) -> Result<()>,
) -> Result<f64> {
    let mut times = [Duration::ZERO; REPETITIONS];
    for time in &mut times {
        let mut subject = set_up()?;
        let start = Instant::now();
        work(&mut subject)?;
        *time = start.elapsed();
    }
    times.sort_unstable();
    Ok(times[REPETITIONS / 2].as_secs_f64() / f64::from(units))
}

/// Instructions a second without witnesses.
fn speed() -> Result<f64> {
    const STEPS: u32 = 100_000_000;
    let each = median(STEPS, stir_warm, |machine| match machine.run(STEPS.into())? {
        Status::Running => Ok(()),
        stopped => bail!("the benchmark program stopped: {stopped:?}"),
    })?;
    Ok(1.0 / each)
}

/// The loop, its pages filled and decoded.
fn stir_warm() -> Result<Machine> {
    let mut machine = stir()?;
    machine.run(1_000_000)?;
    Ok(machine)
}

/// Steps a second when every one is proven and every post-state hashed.
fn with_witnesses() -> Result<f64> {
    const STEPS: u32 = 20_000;
    let each = median(STEPS, stir_warm, |machine| {
        for _ in 0..STEPS {
            std::hint::black_box(machine.witness()?);
            machine.step()?;
            std::hint::black_box(machine.state()?.hash::<FastKeccak>());
        }
        Ok(())
    })?;
    Ok(1.0 / each)
}

/// Seconds for one witness of a machine that is asked for the first time.
fn witness_time() -> Result<f64> {
    let fresh = || {
        let mut machine = stir_warm()?;
        machine.state()?;
        Ok(machine)
    };
    median(1, fresh, |machine| {
        std::hint::black_box(machine.witness()?);
        Ok(())
    })
}

/// Steps a second through emulator, witness and contract.
fn checks(contract: &mut StepContract) -> Result<f64> {
    const STEPS: u32 = 5_000;
    let each = median(STEPS, stir_warm, |machine| {
        opml_devnet::stylus::engine::on_deep_stack(|| {
            for _ in 0..STEPS {
                let witness = machine.witness()?;
                machine.step()?;
                let hash = machine.state()?.hash::<FastKeccak>();
                if contract.step(&witness)?.post_hash != hash {
                    bail!("emulator and contract disagree");
                }
            }
            Ok(())
        })
    })?;
    Ok(1.0 / each)
}

/// Time to hash a memory of which `mebibytes` were just written.
fn root(mebibytes: u32) -> Result<Root> {
    let written = || {
        let mut memory = PagedMemory::default();
        let page: Vec<u8> = (0..251_u8).cycle().take(PAGE_BYTES).collect();
        for number in 0..mebibytes * 256 {
            let base = 0x1000_0000 + number * 4096;
            memory.write(base, &page)?;
            memory.write(base, &number.to_le_bytes())?;
        }
        Ok(memory)
    };
    let seconds = median(1, written, |memory| {
        std::hint::black_box(memory.root()?);
        Ok(())
    })?;
    Ok(Root { mebibytes, milliseconds: seconds * 1e3 })
}

/// Time of one node with a backend.
fn hashing(backend: Backend) -> Hashing {
    const NODES: u32 = 100_000;
    let input = vec![0x5a; 64 * NODES as usize];
    let mut output = vec![0; 32 * NODES as usize];
    let seconds = median(
        NODES,
        || Ok(()),
        |()| {
            fold_with(backend, &input, &mut output);
            Ok(())
        },
    );
    Hashing { backend: format!("{backend:?}"), nanoseconds: seconds.unwrap_or(f64::NAN) * 1e9 }
}

/// What the contract takes for each priced instruction.
fn step_costs(contract: &mut StepContract, [uncached, cached]: [u64; 2]) -> Result<Vec<StepCost>> {
    let price = u64::from(StylusParams::default().ink_price);
    let mut costs = Vec::new();
    for (instruction, word) in PRICED {
        let ink = contract.step(&single(word)?.witness()?)?.ink;
        let gas = ink.div_ceil(price);
        costs.push(StepCost {
            instruction,
            ink,
            gas,
            gas_with_uncached_entry: gas + uncached,
            gas_with_cached_entry: gas + cached,
        });
    }
    Ok(costs)
}

impl Report {
    fn text(&self) -> String {
        let mut text = format!(
            "instructions a second            {:>10.1} M\n\
             steps a second, each with witness {:>9.0}\n\
             first witness                    {:>10.0} us\n\
             steps checked by the contract    {:>10.0} /s\n",
            self.million_instructions_per_second,
            self.steps_with_witness_per_second,
            self.witness_microseconds,
            self.contract_checks_per_second
        );
        for Root { mebibytes, milliseconds } in &self.root_milliseconds {
            text += &format!("root over {mebibytes:>3} MiB just written {milliseconds:>12.1} ms\n");
        }
        for Hashing { backend, nanoseconds } in &self.hashes {
            text += &format!("node, {backend:<10}                 {nanoseconds:>10.1} ns\n");
        }
        text += &format!(
            "\nentering the contract: {} gas, {} when cached\nstep         ink        gas  +entry  +cached entry",
            self.entry_gas_uncached, self.entry_gas_cached
        );
        for cost in &self.steps {
            text += &format!(
                "\n{:<6} {:>10} {:>10} {:>7} {:>14}",
                cost.instruction,
                cost.ink,
                cost.gas,
                cost.gas_with_uncached_entry,
                cost.gas_with_cached_entry
            );
        }
        text
    }
}
