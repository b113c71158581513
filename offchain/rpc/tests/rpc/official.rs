//! Cases of the official Ethereum state tests, through the server: the state before is set, the
//! transaction is signed with the tests' key and sent, the state after is compared with theirs.
//!
//! Code and figures follow the files named in [`Case::source`], under `src/GeneralStateTestsFiller`
//! of <https://github.com/ethereum/tests>; contracts at addresses that are precompiled contracts by
//! now have moved. Gas, where it is given, follows from EIP-2929 and EIP-2930.

use alloy_consensus::{SignableTransaction, TxEip2930, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, TxKind, U256, address, b256, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use opml_devnet::chain::CHAIN_ID;
use serde_json::json;

use crate::support::{Server, asm, number, server};

const KEY: B256 = b256!("45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8");
const SENDER: Address = address!("a94f5374fce5edbc8e2a8697c15331677e6ebf0b");
const ADDER: Address = address!("095e7baea6a6c7c4c2dfeb977efac326af552d87");
const OTHER: Address = address!("195e7baea6a6c7c4c2dfeb977efac326af552d87");
const A: Address = address!("00000000000000000000000000000000000a0000");
const B: Address = address!("00000000000000000000000000000000000b0000");
const ETHER: u64 = 1_000_000_000_000_000_000;

struct Case {
    source: &'static str,
    code: Vec<(Address, String)>,
    data: &'static [u8],
    value: u64,
    access_list: Vec<AccessListItem>,
    storage: [u64; 2],
    gas_used: Option<u64>,
}

impl Case {
    fn new(source: &'static str, code: Vec<(Address, String)>, storage: [u64; 2]) -> Self {
        Self { source, code, data: &[], value: 0, access_list: Vec::new(), storage, gas_used: None }
    }
}

fn adder() -> Vec<(Address, String)> {
    vec![(ADDER, "0x01 0x01 ADD 0x00 SSTORE STOP".to_owned())]
}

fn listed(address: Address, keys: &[u64]) -> AccessListItem {
    let storage_keys = keys.iter().map(|key| U256::from(*key).into()).collect();
    AccessListItem { address, storage_keys }
}

/// Stores what is passed transiently, calls itself with a selector, stores whether that succeeded
/// and what is then read.
fn reenters(first: u8, instruction: &str, inner: &str) -> String {
    let selector = format!("{:0<64}", "578290e5");
    let value = if instruction == "CALL" { "PUSH0" } else { "" };
    format!(
        "PUSH0 CALLDATALOAD 0xe0 SHR 0x578290e5 EQ @inner JUMPI
         0x{first:02x} PUSH0 TSTORE 0x{selector} PUSH0 MSTORE
         PUSH0 PUSH0 0x20 PUSH0 {value} 0x{} 0xffff {instruction}
         PUSH0 SSTORE PUSH0 TLOAD 0x01 SSTORE STOP
         inner: {inner}",
        hex::encode(A)
    )
}

fn cases() -> Vec<Case> {
    let delegates = format!(
        "0x02 PUSH0 TSTORE PUSH0 PUSH0 0x20 PUSH0 0x{} 0xffff DELEGATECALL PUSH0 SSTORE STOP",
        hex::encode(B)
    );
    let twice = "0x05 PUSH0 TSTORE 0x06 PUSH0 TSTORE PUSH0 PUSH0 REVERT";
    vec![
        Case {
            value: 100_000,
            gas_used: Some(43_112),
            ..Case::new("stExample/add11Filler.json", adder(), [2, 0])
        },
        Case {
            data: &[0],
            value: 100_000,
            access_list: vec![listed(ADDER, &[0, 1]), listed(OTHER, &[0])],
            gas_used: Some(21_000 + 4 + 2 * 2400 + 3 * 1900 + 20_000 + 12),
            ..Case::new("stExample/accessListExampleFiller.yml, data 0", adder(), [2, 0])
        },
        Case {
            data: &[0],
            value: 100_000,
            access_list: vec![listed(OTHER, &[0])],
            gas_used: Some(21_000 + 4 + 2400 + 1900 + 22_100 + 12),
            ..Case::new("stExample/accessListExampleFiller.yml, data 1", adder(), [2, 0])
        },
        Case {
            data: &[0x3f, 0x37, 0x16, 0x92],
            ..Case::new(
                "stExample/09_revertUndoesAllFiller.yml",
                vec![(A, reenters(4, "CALL", twice))],
                [0, 4],
            )
        },
        Case::new(
            "stExample/12_tloadDelegateCallFiller.yml",
            vec![(A, delegates), (B, "PUSH0 TLOAD 0x01 SSTORE STOP".to_owned())],
            [1, 2],
        ),
        Case {
            data: &[0x3f, 0x37, 0x16, 0x92],
            ..Case::new(
                "stExample/13_tloadStaticCallFiller.yml",
                vec![(A, reenters(2, "STATICCALL", "0x03 PUSH0 TSTORE STOP"))],
                [0, 2],
            )
        },
    ]
}

#[test]
fn the_state_after_is_that_of_the_official_tests() {
    for case in cases() {
        run(&server(), &case);
    }
}

fn run(server: &Server, case: &Case) {
    let name = case.source;
    server.rpc("anvil_setBalance", json!([SENDER, U256::from(ETHER)]));
    for (address, code) in &case.code {
        let code = hex::encode_prefixed(asm::assemble(code));
        server.rpc("anvil_setCode", json!([address, code]));
        server.rpc("anvil_setBalance", json!([address, U256::from(ETHER)]));
    }
    let target = case.code[0].0;
    let hash = server.rpc("eth_sendRawTransaction", json!([signed(case, target)]));
    let receipt = server.rpc("eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["status"], "0x1", "{name}");
    assert_eq!(receipt["from"], json!(SENDER), "{name}");
    if let Some(gas) = case.gas_used {
        assert_eq!(number(&receipt["gasUsed"]), U256::from(gas), "{name}");
    }
    for (slot, want) in case.storage.into_iter().enumerate() {
        let have = server.rpc("eth_getStorageAt", json!([target, format!("{slot:#x}")]));
        assert_eq!(number(&have), U256::from(want), "{name}, slot {slot}");
    }
    let balance = |account| number(&server.rpc("eth_getBalance", json!([account])));
    assert_eq!(balance(target), U256::from(ETHER + case.value), "{name}");
    let paid = number(&receipt["gasUsed"]) * number(&receipt["effectiveGasPrice"]);
    assert_eq!(balance(SENDER), U256::from(ETHER - case.value) - paid, "{name}");
    assert_eq!(server.rpc("eth_getTransactionCount", json!([SENDER])), "0x1", "{name}");
    assert_eq!(server.rpc("eth_getCode", json!([SENDER])), "0x", "{name}");
}

fn signed(case: &Case, target: Address) -> String {
    let tx = TxEip2930 {
        chain_id: CHAIN_ID,
        nonce: 0,
        gas_price: 1_000_000_000,
        gas_limit: 400_000,
        to: TxKind::Call(target),
        value: U256::from(case.value),
        access_list: AccessList(case.access_list.clone()),
        input: case.data.into(),
    };
    let signer = PrivateKeySigner::from_bytes(&KEY).unwrap();
    assert_eq!(signer.address(), SENDER);
    let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(TxEnvelope::from(tx.into_signed(signature)).encoded_2718())
}
