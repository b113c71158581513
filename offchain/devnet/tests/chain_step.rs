//! The compiled step contract on the chain: deployed, activated, called by transactions and by an
//! EVM contract.
#![allow(clippy::unwrap_used)]

mod chain_support;

use std::path::PathBuf;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rpc_types_eth::TransactionRequest;
use chain_support::relay::{self, Kind, Script};
use chain_support::{call, chain, deploy_evm, deploy_program, send, sent, to};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::zero_root;
use opml_core::mips::{Cpu, State};
use opml_devnet::chain::{CallError, Chain};

/// Levels between a leaf and the root of the 2^32-byte memory.
const LEVELS: u8 = 27;

fn module() -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    std::fs::read(target.join("contracts/step.wasm"))
        .expect("the contracts are built: cargo xtask build")
}

fn deployed() -> (Chain, Address) {
    let mut chain = chain();
    let address = deploy_program(&mut chain, &module());
    (chain, address)
}

/// A machine about to execute the zero word in memory that is all zero, and where that leads.
fn idle() -> (State, State) {
    let before = State { memory_root: zero_root(LEVELS).unwrap(), cpu: Cpu::new(0x1000) };
    let mut after = State { memory_root: before.memory_root, cpu: Cpu::new(0x1000) };
    after.cpu.pc += 4;
    after.cpu.next_pc += 4;
    after.cpu.step += 1;
    (before, after)
}

/// The proof of a leaf that is all zero in memory that is.
fn zero_proof() -> Vec<u8> {
    let siblings = (0..LEVELS).map(|height| zero_root(height).unwrap());
    std::iter::once(B256::ZERO).chain(siblings).flatten().collect()
}

/// Calldata of `step(bytes,bytes)`; both lengths are multiples of a word.
fn step_calldata(state: &[u8], witness: &[u8]) -> Bytes {
    let word = |value: usize| B256::left_padding_from(&(value as u64).to_be_bytes());
    let mut data = keccak256("step(bytes,bytes)")[..4].to_vec();
    data.extend(word(64));
    data.extend(word(96 + state.len()));
    for bytes in [state, witness] {
        data.extend(word(bytes.len()));
        data.extend(bytes);
    }
    data.into()
}

#[test]
fn a_step_is_executed_by_the_deployed_contract() {
    let (mut chain, step) = deployed();
    let (before, after) = idle();
    let request = to(step, step_calldata(&before.encode(), &zero_proof()));
    let result = call(&chain, &request).unwrap();
    assert_eq!(result, after.hash::<AlloyKeccak>().to_vec());
    let receipt = sent(&mut chain, request);
    let trace = chain.trace_transaction(receipt.transaction_hash).unwrap();
    assert_eq!(trace.output, result);
    let hooks: Vec<_> = trace.hooks.iter().map(|hook| hook.name).collect();
    assert_eq!(hooks.last(), Some(&"write_result"), "{hooks:?}");
    // At least the path to the root and the hash of the state.
    let hashes = hooks.iter().filter(|name| **name == "native_keccak256").count();
    assert!(hashes > usize::from(LEVELS), "{hooks:?}");
    println!("one step takes {} gas as a transaction", receipt.gas_used);
}

#[test]
fn an_evm_contract_gets_the_step_by_a_static_call() {
    let (mut chain, step) = deployed();
    let relay = deploy_evm(&mut chain, &relay::evm());
    let (before, after) = idle();
    let calldata = step_calldata(&before.encode(), &zero_proof());
    let script = Script::new().call(Kind::Static, step, &Script(calldata.to_vec())).forward();
    let result = call(&chain, &to(relay, script.0)).unwrap();
    assert_eq!(result, after.hash::<AlloyKeccak>().to_vec());
}

#[test]
fn a_wrong_witness_reverts_with_the_contracts_error() {
    let (chain, step) = deployed();
    let (before, _) = idle();
    let mut proof = zero_proof();
    proof[0] = 1;
    let error = call(&chain, &to(step, step_calldata(&before.encode(), &proof))).unwrap_err();
    let CallError::Revert(data) = error else { panic!("{error}") };
    let selector = keccak256("WitnessWrongRoot(uint8,uint32,bytes32,bytes32)");
    assert_eq!(data[..4], selector[..4]);
}

#[test]
fn ether_is_refused_by_the_entry_point() {
    let (mut chain, step) = deployed();
    let (before, _) = idle();
    let request = to(step, step_calldata(&before.encode(), &zero_proof()));
    let request = TransactionRequest { value: Some(U256::from(5)), ..request };
    let error = call(&chain, &request).unwrap_err();
    let data = [&keccak256("ValueNotAccepted(uint256)")[..4], &U256::from(5).to_be_bytes::<32>()];
    assert_eq!(error, CallError::Revert(data.concat().into()));
    assert!(!send(&mut chain, request).status());
    assert_eq!(chain.balance(step, BlockId::latest()).unwrap(), U256::ZERO);
}
