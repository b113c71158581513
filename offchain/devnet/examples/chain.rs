//! Measures the chain: `chain [BLOCKS [CONTRACT.wasm CALLDATA]]` mines that many blocks of one
//! payment each, then as many calls of the contract as make a tenth, and asks for as many more
//! without a transaction.

use std::error::Error;
use std::time::Instant;

use alloy_eips::BlockId;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall;
use opml_devnet::chain::precompiles::{ARB_WASM, abi::ArbWasm};
use opml_devnet::chain::{Chain, ChainConfig, DEV_ACCOUNT, Overrides};
use opml_devnet::stylus::code::{compress, init_code};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let blocks = args.next().map_or(Ok(10_000), |count| count.parse::<u32>())?;
    let mut chain = Chain::new(ChainConfig::default())?;
    let before = resident_kib();
    let payment = TransactionRequest { gas: Some(21_000), ..to(Address::with_last_byte(200), &[]) };
    measure("payments, a block each", blocks, || Ok(chain.send_request(payment.clone())?))?;
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        println!("memory: {} KiB more than at the start", after.saturating_sub(before));
    }
    let (Some(contract), Some(calldata)) = (args.next(), args.next()) else { return Ok(()) };
    let contract = deploy(&mut chain, &std::fs::read(contract)?)?;
    let request = to(contract, &alloy_primitives::hex::decode(calldata)?);
    let request = TransactionRequest { gas: Some(10_000_000), ..request };
    let calls = blocks / 10;
    measure("calls in transactions, a block each", calls, || {
        Ok(chain.send_request(request.clone())?)
    })?;
    measure("calls without", calls, || {
        Ok(chain.call(&request, BlockId::latest(), &Overrides::default())?)
    })
}

fn measure<T>(what: &str, times: u32, mut work: impl FnMut() -> Result<T>) -> Result<()> {
    let start = Instant::now();
    for _ in 0..times {
        work()?;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{times} {what}: {:.0} a second", f64::from(times) / seconds);
    Ok(())
}

fn to(target: Address, data: &[u8]) -> TransactionRequest {
    TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Call(target)),
        input: Bytes::copy_from_slice(data).into(),
        ..TransactionRequest::default()
    }
}

/// Deploys and activates.
fn deploy(chain: &mut Chain, wasm: &[u8]) -> Result<Address> {
    let code = init_code(&compress(wasm)?)?;
    let creation = TransactionRequest { to: Some(TxKind::Create), ..to(Address::ZERO, &code) };
    let hash = chain.send_request(creation)?;
    let created = chain.receipt(hash).and_then(|receipt| receipt.contract_address);
    let program = created.ok_or("not deployed")?;
    let data = ArbWasm::activateProgramCall { program }.abi_encode();
    let fee = Some(U256::from(1_000_000_000_000_000_000u64));
    chain.send_request(TransactionRequest { value: fee, ..to(ARB_WASM, &data) })?;
    Ok(program)
}

/// Resident memory of this process, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
