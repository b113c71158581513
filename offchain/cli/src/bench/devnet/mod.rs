//! `opml bench devnet`.

mod client;
mod load;

use std::time::{Duration, Instant};

use alloy_primitives::Address;
use anyhow::Result;
use opml_devnet::chain::{Chain, ChainConfig};
use opml_rpc::{Config, Handle};
use serde::Serialize;

use crate::output::{Format, hex};
use client::Client;
use load::Load;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Blocks after which memory is measured, each with one payment.
    #[arg(long, default_value_t = 100_000)]
    blocks: u32,
    /// Transactions and calls of each other measurement.
    #[arg(long, default_value_t = 2000)]
    requests: u32,
    #[command(flatten)]
    format: Format,
}

/// What was measured. Transactions are signed beforehand and mined in a block each; those by RPC
/// are sent over HTTP, one connection, one after the other.
#[derive(Serialize)]
struct Report {
    payments_per_second_in_process: f64,
    payments_per_second_rpc: f64,
    steps_per_second_in_process: f64,
    steps_per_second_rpc: f64,
    step_gas: u64,
    call_median_microseconds: f64,
    call_p99_microseconds: f64,
    blocks: u32,
    resident_kib_before: Option<u64>,
    resident_kib_after: Option<u64>,
}

impl Args {
    /// Measures and prints.
    pub fn execute(&self) -> Result<()> {
        let mut chain = Chain::new(ChainConfig::default())?;
        let step = load::deploy_step(&mut chain)?;
        let [payments, steps] = in_process(&mut chain, step, self.requests)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let (load, gas) = (Load::new(&chain, step)?, load::gas_of_step(&chain, step)?);
        let config = Config { port: 0, ..Config::default() };
        let handle = runtime.block_on(opml_rpc::serve(config, chain))?;
        let [rpc_payments, rpc_steps] = self.over_rpc(&handle, load)?;
        let times = self.call_times(&handle, step)?;
        runtime.block_on(handle.stop());
        let [before, after] = self.memory()?;
        let report = Report {
            payments_per_second_in_process: payments,
            payments_per_second_rpc: rpc_payments,
            steps_per_second_in_process: steps,
            steps_per_second_rpc: rpc_steps,
            step_gas: gas,
            call_median_microseconds: percentile(&times, 50),
            call_p99_microseconds: percentile(&times, 99),
            blocks: self.blocks,
            resident_kib_before: before,
            resident_kib_after: after,
        };
        self.format.print(&report, Report::text)
    }

    fn over_rpc(&self, handle: &Handle, mut load: Load) -> Result<[f64; 2]> {
        let mut client = Client::connect(handle.address())?;
        let mut send = |raw: Vec<Vec<u8>>| {
            let start = Instant::now();
            for raw in &raw {
                client.request("eth_sendRawTransaction", &format!("[\"{}\"]", hex(raw)))?;
            }
            anyhow::Ok(per_second(raw.len(), start.elapsed()))
        };
        Ok([send(load.payments(self.requests)?)?, send(load.steps(self.requests)?)?])
    }

    /// Times of `eth_call` to `step`, in order of length.
    fn call_times(&self, handle: &Handle, step: Address) -> Result<Vec<Duration>> {
        let mut client = Client::connect(handle.address())?;
        let data = hex(load::step_calldata()?);
        let params = format!("[{{\"to\":\"{step}\",\"data\":\"{data}\"}},\"latest\"]");
        let mut times = Vec::new();
        for _ in 0..self.requests {
            let start = Instant::now();
            client.request("eth_call", &params)?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times)
    }

    /// Resident KiB before and after many blocks of a new chain.
    fn memory(&self) -> Result<[Option<u64>; 2]> {
        let mut chain = Chain::new(ChainConfig::default())?;
        let mut load = Load::new(&chain, Address::ZERO)?;
        let before = resident_kib();
        for _ in 0..self.blocks {
            for raw in load.payments(1)? {
                chain.send_raw(&raw)?;
            }
        }
        Ok([before, resident_kib()])
    }
}

fn in_process(chain: &mut Chain, step: Address, count: u32) -> Result<[f64; 2]> {
    let mut load = Load::new(chain, step)?;
    let mut send = |raw: Vec<Vec<u8>>| {
        let start = Instant::now();
        for raw in &raw {
            chain.send_raw(raw)?;
        }
        anyhow::Ok(per_second(raw.len(), start.elapsed()))
    };
    Ok([send(load.payments(count)?)?, send(load.steps(count)?)?])
}

#[allow(clippy::cast_precision_loss, reason = "a rate for people")]
fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// In microseconds; `times` are sorted.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}

/// Resident memory of this process, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

impl Report {
    fn text(&self) -> String {
        let kib = |value: Option<u64>| value.map_or("unknown".to_owned(), |kib| kib.to_string());
        format!(
            "payments a second, in process {:>10.0}\n\
             payments a second, by RPC     {:>10.0}\n\
             steps a second, in process    {:>10.0}\n\
             steps a second, by RPC        {:>10.0}\n\
             gas of a step's transaction   {:>10}\n\
             eth_call to step, median      {:>10.0} us\n\
             eth_call to step, p99         {:>10.0} us\n\
             resident before               {:>10} KiB\n\
             resident after {:>9} blocks {:>8} KiB",
            self.payments_per_second_in_process,
            self.payments_per_second_rpc,
            self.steps_per_second_in_process,
            self.steps_per_second_rpc,
            self.step_gas,
            self.call_median_microseconds,
            self.call_p99_microseconds,
            kib(self.resident_kib_before),
            self.blocks,
            kib(self.resident_kib_after),
        )
    }
}
