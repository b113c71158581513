//! What programs and EVM contracts see of block, transaction and accounts is the same.
#![allow(clippy::unwrap_used)]

mod chain_support;

use alloy_eips::BlockId;
use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_eth::TransactionRequest;
use chain_support::asm::assemble;
use chain_support::relay::{Kind, Script};
use chain_support::{Relays, bytes, call, chain, deploy_evm, deploy_program, sent, to, word};
use opml_devnet::chain::{BASE_FEE, BLOCK_GAS_LIMIT, CHAIN_ID, Chain, DEV_ACCOUNT};

/// A program that imports these functions, with a page of memory and this body.
fn program(imports: &[(&str, &str)], body: &str) -> Vec<u8> {
    let imports: Vec<String> = imports
        .iter()
        .map(|(name, ty)| format!("(import \"vm_hooks\" \"{name}\" (func ${name} {ty}))"))
        .collect();
    let text = format!(
        "(module {} (memory (export \"memory\") 1 1)
         (func (export \"user_entrypoint\") (param $len i32) (result i32) {body}))",
        imports.join(" ")
    );
    wat::parse_str(text).unwrap()
}

/// Each of these pushed and returned as a word.
fn words(pushes: &[&str]) -> Vec<u8> {
    let stores: String = pushes.iter().zip(0u8..).fold(String::new(), |code, (push, index)| {
        code + &format!("{push} 0x{:02x} MSTORE ", index * 32)
    });
    let len = u16::try_from(pushes.len() * 32).unwrap();
    assemble(&format!("{stores} 0x{len:04x} PUSH0 RETURN"))
}

fn seen(chain: &Chain, request: TransactionRequest) -> Bytes {
    call(chain, &TransactionRequest { max_fee_per_gas: Some(u128::MAX), ..request }).unwrap()
}

#[test]
fn block_and_transaction_look_alike() {
    let mut chain = chain();
    let hooks = [
        ("block_basefee", "(param i32)"),
        ("block_coinbase", "(param i32)"),
        ("block_gas_limit", "(result i64)"),
        ("block_number", "(result i64)"),
        ("block_timestamp", "(result i64)"),
        ("chainid", "(result i64)"),
        ("tx_origin", "(param i32)"),
        ("tx_gas_price", "(param i32)"),
        ("write_result", "(param i32 i32)"),
    ];
    // Numbers come out little-endian, at the start of their words.
    let body = "(call $block_basefee (i32.const 0)) (call $block_coinbase (i32.const 44))
        (i64.store (i32.const 64) (call $block_gas_limit))
        (i64.store (i32.const 96) (call $block_number))
        (i64.store (i32.const 128) (call $block_timestamp))
        (i64.store (i32.const 160) (call $chainid))
        (call $tx_origin (i32.const 204)) (call $tx_gas_price (i32.const 224))
        (call $write_result (i32.const 0) (i32.const 256)) (i32.const 0)";
    let stylus = deploy_program(&mut chain, &program(&hooks, body));
    let evm = deploy_evm(
        &mut chain,
        &words(&[
            "BASEFEE",
            "COINBASE",
            "GASLIMIT",
            "NUMBER",
            "TIMESTAMP",
            "CHAINID",
            "ORIGIN",
            "GASPRICE",
        ]),
    );
    chain.increase_time(1234).unwrap();
    chain.mine().unwrap();
    let mut of_program = seen(&chain, to(stylus, Bytes::new())).to_vec();
    for number in of_program.chunks_exact_mut(32).skip(2).take(4) {
        number.reverse();
    }
    assert_eq!(of_program, seen(&chain, to(evm, Bytes::new())));
    let number = |index: usize| U256::from_be_slice(&of_program[index * 32..][..32]);
    assert_eq!(number(0), U256::from(BASE_FEE));
    assert_eq!(number(2), U256::from(BLOCK_GAS_LIMIT));
    assert_eq!(number(3), U256::from(1234 / 12));
    assert_eq!(number(4), U256::from(chain_support::START + 1234));
    assert_eq!(number(5), U256::from(CHAIN_ID));
    assert_eq!(number(6), U256::from_be_slice(DEV_ACCOUNT.as_slice()));
    assert_eq!(number(7), U256::from(BASE_FEE));
}

#[test]
fn accounts_look_alike() {
    let mut chain = chain();
    let hooks = [
        ("read_args", "(param i32)"),
        ("account_balance", "(param i32 i32)"),
        ("account_codehash", "(param i32 i32)"),
        ("account_code_size", "(param i32) (result i32)"),
        ("write_result", "(param i32 i32)"),
    ];
    let body = "(call $read_args (i32.const 512))
        (call $account_balance (i32.const 524) (i32.const 0))
        (call $account_codehash (i32.const 524) (i32.const 32))
        (i32.store (i32.const 64) (call $account_code_size (i32.const 524)))
        (call $write_result (i32.const 0) (i32.const 96)) (i32.const 0)";
    let stylus = deploy_program(&mut chain, &program(&hooks, body));
    let argument = "PUSH0 CALLDATALOAD";
    let code = [
        format!("{argument} BALANCE"),
        format!("{argument} EXTCODEHASH"),
        format!("{argument} EXTCODESIZE"),
    ];
    let evm = deploy_evm(&mut chain, &words(&code.each_ref().map(String::as_str)));
    let nobody = Address::repeat_byte(0x77);
    for account in [DEV_ACCOUNT, stylus, evm, nobody] {
        let ask = |target| seen(&chain, to(target, account.into_word().to_vec()));
        let mut of_program = ask(stylus).to_vec();
        of_program[64..].reverse();
        assert_eq!(of_program, ask(evm), "{account}");
        let funds = chain.balance(account, BlockId::latest()).unwrap();
        assert_eq!(of_program[..32], funds.to_be_bytes::<32>());
    }
}

/// Adds one to transient slot 0 and returns it.
fn transient_counters(chain: &mut Chain) -> [Address; 2] {
    let hooks = [
        ("transient_load_bytes32", "(param i32 i32)"),
        ("transient_store_bytes32", "(param i32 i32)"),
        ("write_result", "(param i32 i32)"),
    ];
    let body = "(call $transient_load_bytes32 (i32.const 0) (i32.const 32))
        (i32.store8 (i32.const 63) (i32.add (i32.load8_u (i32.const 63)) (i32.const 1)))
        (call $transient_store_bytes32 (i32.const 0) (i32.const 32))
        (call $write_result (i32.const 32) (i32.const 32)) (i32.const 0)";
    let evm = assemble("0x01 PUSH0 TLOAD ADD DUP1 PUSH0 TSTORE PUSH0 MSTORE 0x20 PUSH0 RETURN");
    [deploy_program(chain, &program(&hooks, body)), deploy_evm(chain, &evm)]
}

#[test]
fn transient_storage_lasts_a_transaction_and_is_rolled_back() {
    let mut relays = Relays::new();
    let counters = transient_counters(&mut relays.chain);
    let empty = Script::new();
    for relay in [relays.evm[0], relays.wasm[0]] {
        for counter in counters {
            let lost = Script::new().call(Kind::Call, counter, &empty).revert(0);
            let script = Script::new()
                .call(Kind::Call, counter, &empty)
                .try_call(Kind::Call, relays.evm[1], &lost)
                .call(Kind::Call, counter, &empty)
                .forward();
            let request = to(relay, script.0);
            assert_eq!(call(&relays.chain, &request).unwrap(), bytes(2), "{relay} {counter}");
            sent(&mut relays.chain, request.clone());
            assert_eq!(call(&relays.chain, &request).unwrap(), word(2).to_vec());
            // It belongs to the account acted for.
            let borrowed = Script::new()
                .call(Kind::Call, counter, &empty)
                .call(Kind::Delegate, counter, &empty)
                .forward();
            assert_eq!(call(&relays.chain, &to(relay, borrowed.0)).unwrap(), bytes(1));
        }
    }
}
