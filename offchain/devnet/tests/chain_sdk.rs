//! A contract compiled with the Stylus SDK (`test/contracts/token`): storage laid out as Solidity
//! does it, mappings, a list, strings, events, errors, calls of another contract of its kind.
#![allow(clippy::unwrap_used)]

mod chain_support;

use std::path::PathBuf;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolCall, SolError, SolEvent, SolValue, sol};
use chain_support::payment::{ALICE, BOB};
use chain_support::relay::{self, Kind, Script};
use chain_support::{call, chain, deploy_evm, deploy_program, deploy_wasm, send, sent, slot, to};
use opml_devnet::chain::{CallError, Chain, DEV_ACCOUNT};

sol! {
    event Transfer(address indexed from, address indexed to, uint256 value);
    error Insufficient(address owner, uint256 have, uint256 want);
    error NotOwner(address caller);
    function open(string name);
    function name() returns (string);
    function balanceOf(address owner) returns (uint256);
    function mint(address to, uint256 value);
    function approve(address spender, uint256 value);
    function transfer(address to, uint256 value) returns (bool);
    function payWith(address token, address to, uint256 value) returns (uint256);
}

const LONG_NAME: &str = "a name that does not fit into a single word of storage";

fn module() -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    std::fs::read(target.join("contracts/token.wasm"))
        .expect("the contracts are built: cargo xtask build")
}

fn number(value: u64) -> U256 {
    U256::from(value)
}

/// A token, open, with a hundred for the dev account.
fn token() -> (Chain, Address) {
    let mut chain = chain();
    let token = deploy_program(&mut chain, &module());
    open_with_hundred(&mut chain, token, LONG_NAME);
    (chain, token)
}

fn open_with_hundred(chain: &mut Chain, token: Address, name: &str) {
    sent(chain, to(token, openCall { name: name.into() }.abi_encode()));
    sent(chain, to(token, mintCall { to: DEV_ACCOUNT, value: number(100) }.abi_encode()));
}

fn transfer(token: Address, receiver: Address, value: u64) -> TransactionRequest {
    to(token, transferCall { to: receiver, value: number(value) }.abi_encode())
}

fn balance_of(chain: &Chain, token: Address, owner: Address) -> U256 {
    let answer = call(chain, &to(token, balanceOfCall { owner }.abi_encode())).unwrap();
    balanceOfCall::abi_decode_returns(&answer).unwrap()
}

/// Where Solidity keeps the value of `key` in the mapping at `slot`.
fn entry(key: Address, slot: U256) -> U256 {
    keccak256((key, slot).abi_encode()).into()
}

fn word_at(chain: &Chain, token: Address, key: U256) -> U256 {
    chain.storage(token, key, alloy_eips::BlockId::latest()).unwrap().into()
}

fn transfers(receipt: &TransactionReceipt) -> Vec<(Address, Transfer)> {
    let decode = |log: &alloy_rpc_types_eth::Log| {
        (log.address(), Transfer::decode_log_data(log.data()).unwrap())
    };
    receipt.logs().iter().map(decode).collect()
}

#[test]
fn storage_lies_where_solidity_puts_it() {
    let (mut chain, token) = token();
    sent(&mut chain, transfer(token, BOB, 7));
    sent(&mut chain, transfer(token, BOB, 8));
    let approval = approveCall { spender: BOB, value: number(9) }.abi_encode();
    sent(&mut chain, to(token, approval));
    // owner, transfers and open share the first slot, from its low end.
    let owner: U256 = DEV_ACCOUNT.into_word().into();
    let packed = owner | (number(2) << 160) | (number(1) << 224);
    assert_eq!(slot(&chain, token, 0), packed);
    assert_eq!(slot(&chain, token, 1), number(100));
    assert_eq!(word_at(&chain, token, entry(DEV_ACCOUNT, number(2))), number(85));
    assert_eq!(word_at(&chain, token, entry(BOB, number(2))), number(15));
    let allowance = entry(BOB, entry(DEV_ACCOUNT, number(3)));
    assert_eq!(word_at(&chain, token, allowance), number(9));
    assert_eq!(slot(&chain, token, 4), number(2));
    let list: U256 = keccak256(number(4).abi_encode()).into();
    assert_eq!(word_at(&chain, token, list), number(7));
    assert_eq!(word_at(&chain, token, list + number(1)), number(8));
    // A long string: twice its length and one; its bytes behind the slot's hash.
    assert_eq!(slot(&chain, token, 5), number(2 * LONG_NAME.len() as u64 + 1));
    let text: U256 = keccak256(number(5).abi_encode()).into();
    let words = [text, text + number(1)].map(|key| B256::from(word_at(&chain, token, key)));
    assert_eq!(&words.concat()[..LONG_NAME.len()], LONG_NAME.as_bytes());
    let answer = call(&chain, &to(token, nameCall {}.abi_encode())).unwrap();
    assert_eq!(nameCall::abi_decode_returns(&answer).unwrap(), LONG_NAME);
}

#[test]
fn a_short_string_lies_in_its_slot() {
    let (mut chain, token) = token();
    sent(&mut chain, to(token, openCall { name: "short".into() }.abi_encode()));
    let mut word = [0; 32];
    word[..5].copy_from_slice(b"short");
    word[31] = 10;
    assert_eq!(slot(&chain, token, 5), U256::from_be_bytes(word));
    let text: U256 = keccak256(number(5).abi_encode()).into();
    assert_eq!(word_at(&chain, token, text), U256::ZERO, "the old name is cleared");
}

#[test]
fn events_and_results_are_encoded_as_declared() {
    let (mut chain, token) = token();
    let receipt = sent(&mut chain, transfer(token, BOB, 30));
    let wanted = Transfer { from: DEV_ACCOUNT, to: BOB, value: number(30) };
    let logs = transfers(&receipt);
    assert_eq!(logs.len(), 1);
    assert_eq!((logs[0].0, logs[0].1.encode_log_data()), (token, wanted.encode_log_data()));
    assert_eq!(balance_of(&chain, token, DEV_ACCOUNT), number(70));
    assert_eq!(balance_of(&chain, token, BOB), number(30));
    let answer = call(&chain, &transfer(token, BOB, 1)).unwrap();
    assert!(transferCall::abi_decode_returns(&answer).unwrap());
}

#[test]
fn errors_carry_their_arguments_and_leave_nothing() {
    let (mut chain, token) = token();
    let error = call(&chain, &transfer(token, BOB, 101)).unwrap_err();
    let wanted = Insufficient { owner: DEV_ACCOUNT, have: number(100), want: number(101) };
    assert_eq!(error, CallError::Revert(wanted.abi_encode().into()));
    let receipt = send(&mut chain, transfer(token, BOB, 101));
    assert!(!receipt.status() && receipt.logs().is_empty());
    let mint = mintCall { to: ALICE, value: number(1) }.abi_encode();
    let stranger = TransactionRequest { from: Some(ALICE), ..to(token, mint) };
    let wanted = NotOwner { caller: ALICE }.abi_encode();
    assert_eq!(call(&chain, &stranger).unwrap_err(), CallError::Revert(wanted.into()));
    // Neither an unknown method nor ether is taken by methods that are not payable.
    let unknown = to(token, Bytes::from_static(&[1, 2, 3, 4]));
    assert_eq!(call(&chain, &unknown).unwrap_err(), CallError::Revert(Bytes::new()));
    let paid = TransactionRequest { value: Some(number(1)), ..transfer(token, BOB, 1) };
    assert!(matches!(call(&chain, &paid), Err(CallError::Revert(_))));
    assert_eq!(balance_of(&chain, token, DEV_ACCOUNT), number(100));
}

#[test]
fn one_token_calls_another_and_both_keep_what_they_wrote() {
    let (mut chain, first) = token();
    let second = deploy_wasm(&mut chain, &module());
    open_with_hundred(&mut chain, second, "second");
    // The first gets forty of the second's.
    sent(&mut chain, transfer(second, first, 40));
    let pay = |value| {
        let call = payWithCall { token: second, to: BOB, value: number(value) };
        to(first, call.abi_encode())
    };
    let answer = call(&chain, &pay(15)).unwrap();
    assert_eq!(payWithCall::abi_decode_returns(&answer).unwrap(), number(25));
    let receipt = sent(&mut chain, pay(15));
    let logs = transfers(&receipt);
    let wanted = Transfer { from: first, to: BOB, value: number(15) };
    assert_eq!(logs.len(), 1);
    assert_eq!((logs[0].0, logs[0].1.encode_log_data()), (second, wanted.encode_log_data()));
    // What it wrote before the call and after it.
    assert_eq!(slot(&chain, first, 1), number(111));
    assert_eq!(balance_of(&chain, second, first), number(25));
    // What the callee reverts with is passed up, and what the caller wrote is gone.
    let error = call(&chain, &pay(26)).unwrap_err();
    let wanted = Insufficient { owner: first, have: number(25), want: number(26) };
    assert_eq!(error, CallError::Revert(wanted.abi_encode().into()));
    assert!(!send(&mut chain, pay(26)).status());
    assert_eq!(slot(&chain, first, 1), number(111));
    // A token that calls itself is entered again, which the SDK refuses.
    let own = payWithCall { token: first, to: BOB, value: number(1) }.abi_encode();
    assert!(matches!(call(&chain, &to(first, own)), Err(CallError::Revert(_))));
}

#[test]
fn an_evm_contract_uses_the_token_and_a_failure_around_it_undoes_it() {
    let (mut chain, token) = token();
    let relay = deploy_evm(&mut chain, &relay::evm());
    sent(&mut chain, transfer(token, relay, 50));
    let pay = |value| {
        let data = transferCall { to: BOB, value: number(value) }.abi_encode();
        Script::new().call(Kind::Call, token, &Script(data))
    };
    let lost = pay(20).revert(1);
    let script = pay(5).try_call(Kind::Call, relay, &lost);
    let receipt = sent(&mut chain, to(relay, script.0));
    assert_eq!(receipt.logs().len(), 1);
    assert_eq!(balance_of(&chain, token, BOB), number(5));
    assert_eq!(balance_of(&chain, token, relay), number(45));
    assert_eq!(slot(&chain, token, 4), number(2), "the list is as long as what stayed");
    let view = Script(balanceOfCall { owner: relay }.abi_encode());
    let script = Script::new().call(Kind::Static, token, &view).forward();
    assert_eq!(call(&chain, &to(relay, script.0)).unwrap(), Bytes::from(number(45).abi_encode()));
    // Writing inside a static call fails.
    let data = Script(transferCall { to: BOB, value: number(1) }.abi_encode());
    let script = Script::new().call(Kind::Static, token, &data);
    assert!(call(&chain, &to(relay, script.0)).is_err());
}
