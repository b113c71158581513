//! What must be equal of two chains, and something for them to do.

use std::path::{Path, PathBuf};

use alloy_eips::BlockId;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall;
use tempfile::TempDir;

use crate::chain::precompiles::ARB_WASM;
use crate::chain::precompiles::abi::ArbWasm;
use crate::chain::{Chain, ChainConfig, DEV_ACCOUNT};
use crate::stylus::code::{compress, init_code};

pub const START: u64 = 1_750_000_000;

/// Counts calls in slot 0, logs the count, returns it.
pub const COUNTER: [u8; 22] = [
    0x60, 0x01, 0x5f, 0x54, 0x01, 0x80, 0x5f, 0x55, 0x80, 0x5f, 0x52, 0x80, 0x60, 0x20, 0x5f, 0xa1,
    0x60, 0x20, 0x5f, 0xf3, 0x00, 0x00,
];

pub fn config() -> ChainConfig {
    ChainConfig::fixed_time(START)
}

/// A folder for the time of a test, and a file name in it.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain");
    (folder, path)
}

pub fn open(path: &Path) -> Chain {
    Chain::open(path, config()).unwrap()
}

/// Everything but the codes, of which one in memory may keep some that nobody has any more.
pub fn assert_equal(left: &Chain, right: &Chain) {
    assert_eq!(left.blocks, right.blocks);
    assert_eq!(left.block_numbers, right.block_numbers);
    assert_eq!(left.mined, right.mined);
    assert_eq!(left.pool, right.pool);
    assert_eq!(left.mining, right.mining);
    assert_eq!(left.time, right.time);
    assert_eq!(left.snapshots, right.snapshots);
    assert_eq!(left.last_snapshot, right.last_snapshot);
    assert_eq!(left.impersonated, right.impersonated);
    assert_eq!(left.impersonate_all, right.impersonate_all);
    left.state.assert_equal(&right.state);
}

pub fn to(target: Address, data: impl Into<Bytes>) -> TransactionRequest {
    TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Call(target)),
        gas: Some(5_000_000),
        input: data.into().into(),
        ..TransactionRequest::default()
    }
}

pub fn creation(code: &[u8]) -> TransactionRequest {
    let len = u8::try_from(code.len()).unwrap();
    let init = [&[0x60, len, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3, 0x00], code].concat();
    TransactionRequest { to: Some(TxKind::Create), ..to(Address::ZERO, init) }
}

/// Deploys and activates the relay contract for Stylus.
pub fn deploy_relay(chain: &mut Chain) -> Address {
    let source = include_str!("../../../../tests/chain_support/relay.wat");
    let code = init_code(&compress(&wat::parse_str(source).unwrap()).unwrap()).unwrap();
    let deployment = TransactionRequest { to: Some(TxKind::Create), ..to(Address::ZERO, code) };
    let hash = chain.send_request(deployment).unwrap();
    let program = chain.receipt(hash).unwrap().contract_address.unwrap();
    let data = ArbWasm::activateProgramCall { program }.abi_encode();
    let fee = Some(U256::from(1_000_000_000_000_000_000u64));
    let hash = chain.send_request(TransactionRequest { value: fee, ..to(ARB_WASM, data) }).unwrap();
    assert!(chain.receipt(hash).unwrap().status());
    program
}

/// A script for the relay contract: writes a slot and logs the value; reverts if it is odd.
pub fn script(slot: u8, value: u8) -> Vec<u8> {
    let word = |value: u8| U256::from(value).to_be_bytes::<32>().to_vec();
    let mut script = [vec![1], word(slot), word(value), vec![2], word(value)].concat();
    if value % 2 == 1 {
        script.push(7);
        script.extend(word(value));
    }
    script
}

/// What the counter says when called on each block.
pub fn history(chain: &Chain, counter: Address) -> Vec<Bytes> {
    let call = |number| {
        let at = BlockId::number(number);
        chain.call(&to(counter, Bytes::new()), at, &crate::chain::Overrides::default()).unwrap()
    };
    (0..=chain.block_number()).map(call).collect()
}
