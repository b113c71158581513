//! `eth_subscribe` over WebSocket.

use std::time::Duration;

use opml_rpc::{Config, Limits};
use serde_json::{Value, json};

use crate::support::{BOB, DEV, limited, number, server, with, word};

#[test]
fn heads_arrive_in_order() {
    let server = server();
    let mut socket = server.ws();
    let id = socket.subscribe(json!(["newHeads"]));
    assert!(id.as_str().is_some());
    server.rpc("anvil_mine", json!(["0x64"]));
    for height in 1..=100u64 {
        let head = socket.notified(&id);
        assert_eq!(head["number"], format!("{height:#x}"));
        assert_eq!(head.get("transactions"), None);
    }
    let block = server.rpc("eth_getBlockByNumber", json!(["latest", false]));
    server.send(json!({ "from": DEV, "to": BOB }));
    assert_eq!(socket.notified(&id)["parentHash"], block["hash"]);
}

#[test]
fn logs_arrive_filtered() {
    let server = server();
    let (one, other) = (server.counter(), server.counter());
    let mut socket = server.ws();
    let id = socket.subscribe(json!(["logs", { "address": one, "topics": [word(2)] }]));
    server.send(json!({ "from": DEV, "to": one }));
    server.send(json!({ "from": DEV, "to": other }));
    server.send(json!({ "from": DEV, "to": other }));
    let wanted = server.send(json!({ "from": DEV, "to": one }));
    assert_eq!(socket.notified(&id), wanted["logs"][0]);
}

#[test]
fn transactions_arrive_as_hashes_or_in_full() {
    let server = server();
    let mut socket = server.ws();
    let hashes = socket.subscribe(json!(["newPendingTransactions"]));
    let mut other = server.ws();
    let full = other.subscribe(json!(["newPendingTransactions", true]));
    let receipt = server.send(json!({ "from": DEV, "to": BOB, "value": "0x7" }));
    assert_eq!(socket.notified(&hashes), receipt["transactionHash"]);
    let transaction = other.notified(&full);
    assert_eq!(transaction["hash"], receipt["transactionHash"]);
    assert_eq!(transaction["value"], "0x7");
}

#[test]
fn after_unsubscribing_nothing_arrives() {
    let server = server();
    let mut socket = server.ws();
    let first = socket.subscribe(json!(["newHeads"]));
    let second = socket.subscribe(json!(["newHeads"]));
    assert_eq!(socket.ask("eth_unsubscribe", json!([first]))["result"], json!(true));
    assert_eq!(socket.ask("eth_unsubscribe", json!([first]))["result"], json!(false));
    server.rpc("evm_mine", json!([]));
    server.rpc("evm_mine", json!([]));
    assert_eq!(socket.notified(&second)["number"], "0x1");
    assert_eq!(socket.notified(&second)["number"], "0x2");
}

#[test]
fn blocks_that_replace_others_arrive_as_well() {
    let server = server();
    let mut socket = server.ws();
    let id = socket.subscribe(json!(["newHeads"]));
    let snapshot = server.rpc("evm_snapshot", json!([]));
    server.rpc("evm_mine", json!([]));
    let first = socket.notified(&id);
    server.rpc("evm_revert", json!([snapshot]));
    server.rpc("evm_mine", json!([{ "timestamp": 1_800_000_000u64 }]));
    let second = socket.notified(&id);
    assert_eq!((&first["number"], &second["number"]), (&json!("0x1"), &json!("0x1")));
    assert_ne!(first["hash"], second["hash"]);
}

#[test]
fn subscriptions_are_checked_and_limited() {
    let server = limited(Limits { subscriptions: 1, ..Limits::default() });
    // Each refusal on a connection of its own: the place of one is free a little after it is told.
    let mut socket = server.ws();
    let failure = socket.ask("eth_subscribe", json!(["oldHeads"]));
    assert_eq!(failure["error"]["message"], "no \"oldHeads\" subscription in eth namespace");
    assert_eq!(failure["error"]["code"], -32601);
    let mut socket = server.ws();
    let failure = socket.ask("eth_subscribe", json!(["logs", { "address": "0x1" }]));
    assert_eq!(failure["error"]["code"], -32602);
    let mut socket = server.ws();
    socket.subscribe(json!(["newHeads"]));
    let failure = socket.ask("eth_subscribe", json!(["newHeads"]));
    assert!(failure["error"]["message"].as_str().unwrap().contains("Too many subscriptions"));
}

#[test]
fn a_slow_client_gets_everything_and_holds_nobody_up() {
    let server = limited(Limits { buffered_messages: 4, ..Limits::default() });
    let mut slow = server.ws();
    let id = slow.subscribe(json!(["newHeads"]));
    server.rpc("anvil_mine", json!(["0xbb8"]));
    assert_eq!(server.rpc("eth_blockNumber", json!([])), "0xbb8");
    for height in 1..=3000u64 {
        assert_eq!(slow.notified(&id)["number"], format!("{height:#x}"));
    }
}

#[test]
fn blocks_are_mined_in_intervals() {
    let block_time = Some(Duration::from_millis(40));
    let server = with(Config { block_time, ..Config::default() });
    assert_eq!(server.rpc("anvil_getAutomine", json!([])), json!(false));
    let mut socket = server.ws();
    let id = socket.subscribe(json!(["newHeads"]));
    let first = number(&socket.notified(&id)["number"]);
    let hash =
        server.rpc("eth_sendTransaction", json!([{ "from": DEV, "to": BOB, "gas": "0x5208" }]));
    // It is in one of the blocks to come.
    let mined = loop {
        let head = socket.notified(&id);
        let block = server.rpc("eth_getBlockByHash", json!([head["hash"], false]));
        if block["transactions"] == json!([hash]) {
            break number(&head["number"]);
        }
    };
    assert!(mined > first);
    // Instant mining again: no block without a transaction.
    server.rpc("evm_setAutomine", json!([true]));
    assert_eq!(server.rpc("anvil_getIntervalMining", json!([])), Value::Null);
    let receipt = server.send(json!({ "from": DEV, "to": BOB }));
    assert_eq!(receipt["status"], "0x1");
}
