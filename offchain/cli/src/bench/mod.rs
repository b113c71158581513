//! `opml bench`.

mod devnet;
mod kernels;
mod network;
mod programs;
mod vm;

use anyhow::Result;
use clap::Subcommand;

/// What to measure.
#[derive(Subcommand)]
pub enum Command {
    /// The fraud-proof machine: speed, hashing, witnesses, ink and gas of a step.
    Vm(vm::Args),
    /// The kernels: native throughput, and instructions of the MIPS machine.
    Kernels(kernels::Args),
    /// A whole inference in one run of the fraud-proof machine.
    Network(network::Args),
    /// The development chain: transactions a second, latency of a call, memory.
    Devnet(devnet::Args),
}

/// Measures and prints.
pub fn run(command: Command) -> Result<()> {
    match command {
        Command::Vm(args) => args.execute(),
        Command::Kernels(args) => args.execute(),
        Command::Network(args) => args.execute(),
        Command::Devnet(args) => args.execute(),
    }
}
