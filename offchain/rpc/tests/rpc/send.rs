//! Transactions sent, and why they are refused.

use std::time::Duration;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Signature, TxKind, U256, eip191_hash_message, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use opml_devnet::chain::{CHAIN_ID, DEV_KEYS};
use opml_rpc::Limits;
use serde_json::{Value, json};

use crate::support::{ALICE, BOB, DEV, Failure, SERVER, asm, bytes, limited, server};

fn key() -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&DEV_KEYS[1]).unwrap()
}

fn payment() -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        gas_limit: 21_000,
        max_fee_per_gas: 1_000_000_000,
        to: TxKind::Call(BOB.parse::<Address>().unwrap()),
        value: U256::from(5),
        ..TxEip1559::default()
    }
}

fn raw(tx: TxEip1559) -> String {
    let signature = key().sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(TxEnvelope::from(tx.into_signed(signature)).encoded_2718())
}

#[test]
fn a_signed_transaction_is_mined_at_once() {
    let server = server();
    let hash = server.rpc("eth_sendRawTransaction", json!([raw(payment())]));
    let receipt = server.rpc("eth_getTransactionReceipt", json!([hash]));
    assert_eq!((&receipt["status"], &receipt["from"]), (&json!("0x1"), &json!(ALICE)));
    assert_eq!(server.rpc("eth_getBalance", json!([BOB])), "0x5");
    assert_eq!(server.rpc("eth_getRawTransactionByHash", json!([hash])), raw(payment()));
}

#[test]
fn refusals_carry_the_texts_clients_look_for() {
    let server = server();
    let refused = |tx| {
        let failure = server.fails("eth_sendRawTransaction", json!([raw(tx)]));
        assert_eq!((failure.code, &failure.data), (SERVER, &None));
        failure.message
    };
    let starts = |text: String, start: &str| assert!(text.starts_with(start), "{text}");
    starts(refused(TxEip1559 { nonce: 3, ..payment() }), "nonce too high: address 0xf39F");
    let low = refused(TxEip1559 { gas_limit: 20_999, ..payment() });
    assert_eq!(low, "intrinsic gas too low: have 20999, want 21000");
    let value = U256::from(10).pow(U256::from(30));
    starts(
        refused(TxEip1559 { value, ..payment() }),
        "insufficient funds for gas * price + value: address 0xf39F",
    );
    starts(
        refused(TxEip1559 { max_fee_per_gas: 1, ..payment() }),
        "max fee per gas less than block base fee",
    );
    starts(refused(TxEip1559 { chain_id: 1, ..payment() }), "invalid chain id for signer");
    server.rpc("eth_sendRawTransaction", json!([raw(payment())]));
    starts(refused(payment()), "nonce too low: address 0xf39F");
    let failure = server.fails("eth_sendRawTransaction", json!(["0x020304"]));
    assert!(failure.message.starts_with("failed to decode transaction"), "{failure:?}");
    assert_eq!(server.rpc("eth_blockNumber", json!([])), "0x1");
}

#[test]
fn a_waiting_transaction_is_known_and_has_no_block() {
    let server = server();
    server.rpc("evm_setAutomine", json!([false]));
    let hash = server.rpc("eth_sendRawTransaction", json!([raw(payment())]));
    let again = server.fails("eth_sendRawTransaction", json!([raw(payment())]));
    assert_eq!(again, Failure::new(SERVER, "already known"));
    let waiting = server.rpc("eth_getTransactionByHash", json!([hash]));
    assert_eq!((&waiting["blockNumber"], &waiting["blockHash"]), (&Value::Null, &Value::Null));
    assert_eq!(server.rpc("eth_getTransactionReceipt", json!([hash])), Value::Null);
    assert_eq!(server.rpc("eth_getTransactionCount", json!([ALICE, "pending"])), "0x1");
    assert_eq!(server.rpc("eth_getTransactionCount", json!([ALICE, "latest"])), "0x0");
    assert_eq!(server.rpc("txpool_status", json!([]))["pending"], "0x1");
    server.rpc("evm_mine", json!([]));
    assert_eq!(server.rpc("eth_getTransactionReceipt", json!([hash]))["status"], "0x1");
}

#[test]
fn transactions_sent_in_the_wrong_order_wait_for_one_another() {
    let nonce_gap_wait = Duration::from_secs(30);
    let server = limited(Limits { nonce_gap_wait, ..Limits::default() });
    std::thread::scope(|scope| {
        for nonce in (0..6).rev() {
            let transaction = raw(TxEip1559 { nonce, ..payment() });
            let server = &server;
            scope.spawn(move || server.rpc("eth_sendRawTransaction", json!([transaction])));
        }
    });
    assert_eq!(server.rpc("eth_getTransactionCount", json!([ALICE])), "0x6");
}

#[test]
fn the_chain_sends_and_signs_for_its_own_accounts_only() {
    let server = server();
    let refused = server.fails("eth_sendTransaction", json!([{ "from": BOB, "to": DEV }]));
    assert!(refused.message == "unknown account" || refused.message.starts_with("insufficient"));
    assert_eq!(server.fails("eth_sign", json!([BOB, "0x01"])).message, "unknown account");
    let empty = server.fails("eth_sendTransaction", json!([{ "from": DEV }]));
    assert_eq!(empty.message, "contract creation without any data provided");

    let signed = server.rpc("eth_sign", json!([ALICE, "0x010203"]));
    let signature = Signature::from_raw(&bytes(&signed)).unwrap();
    let hash = eip191_hash_message([1, 2, 3]);
    assert_eq!(signature.recover_address_from_prehash(&hash).unwrap(), key().address());
    assert_eq!(server.rpc("personal_sign", json!(["0x010203", ALICE])), signed);

    let request = json!([{ "from": ALICE, "to": BOB, "value": "0x9" }]);
    let signed = server.rpc("eth_signTransaction", request);
    let hash = server.rpc("eth_sendRawTransaction", json!([signed["raw"]]));
    assert_eq!(signed["tx"]["hash"], hash);
    assert_eq!(server.rpc("eth_getBalance", json!([BOB])), "0x9");
}

#[test]
fn a_failing_transaction_is_mined() {
    let server = server();
    let reverts = server.deploy(&asm::assemble("PUSH0 PUSH0 REVERT"));
    let receipt = server.send(json!({ "from": DEV, "to": reverts, "gas": "0x186a0" }));
    assert_eq!(receipt["status"], "0x0");
    assert_eq!(receipt["logs"], json!([]));
}

#[test]
fn parallel_senders_and_readers_do_not_disturb_one_another() {
    let server = server();
    let counter = server.counter();
    std::thread::scope(|scope| {
        for account in [DEV, ALICE] {
            let (server, counter) = (&server, &counter);
            scope.spawn(move || {
                for _ in 0..20 {
                    server.send(json!({ "from": account, "to": counter, "gas": "0x186a0" }));
                }
            });
            scope.spawn(move || {
                for _ in 0..40 {
                    server.rpc("eth_call", json!([{ "to": counter }]));
                    server.rpc("eth_getBlockByNumber", json!(["latest", true]));
                }
            });
        }
    });
    assert_eq!(server.rpc("eth_call", json!([{ "to": counter }])), crate::support::word(41));
}
