//! Measures a chain in a file: `keep FILE BLOCKS [flush]` mines that many blocks of one payment
//! each, closes the file and reads it again.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use alloy_primitives::{Address, TxKind};
use alloy_rpc_types_eth::TransactionRequest;
use opml_devnet::chain::{Chain, ChainConfig, DEV_ACCOUNT, Durability};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let path: PathBuf = args.next().ok_or("keep FILE BLOCKS [flush]")?.into();
    let blocks: u32 = args.next().ok_or("keep FILE BLOCKS [flush]")?.parse()?;
    let durability =
        if args.next().is_some() { Durability::PowerLoss } else { Durability::Process };
    let config = ChainConfig { durability, ..ChainConfig::default() };
    let start = resident_kib();
    let mut chain = Chain::open(&path, config.clone())?;
    let payment = TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Call(Address::with_last_byte(200))),
        gas: Some(21_000),
        ..TransactionRequest::default()
    };
    let begin = Instant::now();
    for _ in 0..blocks {
        chain.send_request(payment.clone())?;
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!("{blocks} payments, a block each: {:.0} a second", f64::from(blocks) / seconds);
    println!("memory: {} KiB more than at the start", resident_kib() - start);
    drop(chain);
    println!("file: {} KiB", std::fs::metadata(&path)?.len() >> 10);
    let begin = Instant::now();
    let chain = Chain::open(&path, config)?;
    let seconds = begin.elapsed().as_secs_f64();
    println!("{} blocks opened in {seconds:.2} s", chain.block_number());
    println!("memory: {} KiB more than at the start", resident_kib() - start);
    Ok(())
}

/// Resident memory of this process, zero where the system does not tell.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}
