//! Measures the chain: `chain [BLOCKS]` mines that many blocks of one payment each and says how
//! fast, and what memory they take.

use std::error::Error;
use std::time::Instant;

use alloy_primitives::{Address, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use opml_devnet::chain::{Chain, ChainConfig, DEV_ACCOUNT};

fn main() -> Result<(), Box<dyn Error>> {
    let blocks = std::env::args().nth(1).map_or(Ok(10_000), |count| count.parse::<u32>())?;
    let mut chain = Chain::new(ChainConfig::default())?;
    let before = resident_kib();
    let start = Instant::now();
    for index in 0..blocks {
        chain.send_request(payment(index))?;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{blocks} payments, a block each: {:.0} a second", f64::from(blocks) / seconds);
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        println!("memory: {} KiB more than at the start", after.saturating_sub(before));
    }
    Ok(())
}

fn payment(index: u32) -> TransactionRequest {
    TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Call(Address::with_last_byte(200))),
        value: Some(U256::from(index)),
        gas: Some(21_000),
        ..TransactionRequest::default()
    }
}

/// Resident memory of this process, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
