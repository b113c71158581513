//! Logs asked for, and filters that are polled.

use std::time::Duration;

use opml_rpc::Limits;
use serde_json::{Value, json};

use crate::support::{BOB, DEV, Failure, Server, limited, server, word};

fn counted(server: &Server, times: usize) -> (String, Vec<Value>) {
    let counter = server.counter();
    let receipts = (0..times).map(|_| server.send(json!({ "from": DEV, "to": counter })));
    let logs = receipts.map(|receipt| receipt["logs"][0].clone()).collect();
    (counter, logs)
}

#[test]
fn logs_are_found_by_range_address_and_topic() {
    let server = server();
    let (counter, logs) = counted(&server, 3);
    let found = |filter: Value| server.rpc("eth_getLogs", json!([filter]));
    let all = json!(logs);
    assert_eq!(found(json!({ "fromBlock": "earliest" })), all);
    assert_eq!(found(json!({ "fromBlock": "0x0", "toBlock": "0x99" })), all);
    assert_eq!(found(json!({ "fromBlock": "0x3", "toBlock": "0x3" })), json!([logs[1]]));
    assert_eq!(found(json!({})), json!([logs[2]]));
    assert_eq!(found(json!({ "fromBlock": "0x0", "address": [counter, BOB] })), all);
    assert_eq!(found(json!({ "fromBlock": "0x0", "address": BOB })), json!([]));
    let topics = json!({ "fromBlock": "0x0", "topics": [[word(1), word(3)]] });
    assert_eq!(found(topics), json!([logs[0], logs[2]]));
    assert_eq!(found(json!({ "fromBlock": "0x0", "topics": [null] })), all);
    assert_eq!(found(json!({ "fromBlock": "0x0", "topics": [null, word(1)] })), json!([]));
    assert_eq!(found(json!({ "blockHash": logs[0]["blockHash"] })), json!([logs[0]]));
    assert_eq!(found(json!({ "fromBlock": "0x77", "toBlock": "0x99" })), json!([]));
    assert_eq!(found(json!({ "fromBlock": "0x77" })), json!([]));
    assert_eq!(found(json!({ "fromBlock": "latest", "toBlock": "0x0" })), json!([]));
}

#[test]
fn wrong_ranges_are_refused() {
    let server = server();
    let fails = |filter: Value| server.fails("eth_getLogs", json!([filter]));
    let failure = fails(json!({ "fromBlock": "0x2", "toBlock": "0x1" }));
    assert_eq!(failure.message, "invalid block range params");
    assert_eq!(fails(json!({ "blockHash": word(1) })).message, "header for hash not found");
    assert_eq!(fails(json!({ "fromBlock": "0x01" })).code, -32602);
    assert_eq!(fails(json!({ "blockHash": word(1), "fromBlock": "0x1" })).code, -32602);
    let words: Vec<String> = (0..1001).map(word).collect();
    let failure = fails(json!({ "topics": [words] }));
    assert_eq!(failure.message, "invalid argument 0: exceed max topics");
}

#[test]
fn queries_for_logs_are_limited() {
    let server = limited(Limits { log_blocks: 3, logs: 1, ..Limits::default() });
    counted(&server, 3);
    let fails = |filter: Value| server.fails("eth_getLogs", json!([filter]));
    let failure = fails(json!({ "fromBlock": "0x0" }));
    assert_eq!(failure, Failure::new(-32005, "block range of 5 blocks exceeds the limit of 3"));
    let failure = fails(json!({ "fromBlock": "0x2" }));
    assert_eq!(failure, Failure::new(-32005, "query returned more than 1 results"));
    server.rpc("eth_getLogs", json!([{ "fromBlock": "0x2", "toBlock": "0x2" }]));
}

#[test]
fn a_log_filter_gives_each_log_once() {
    let server = server();
    let (counter, before) = counted(&server, 1);
    let id = server.rpc("eth_newFilter", json!([{ "address": counter, "fromBlock": "0x0" }]));
    let changes = || server.rpc("eth_getFilterChanges", json!([id]));
    assert_eq!(changes(), json!([]));
    let first = server.send(json!({ "from": DEV, "to": counter }));
    let second = server.send(json!({ "from": DEV, "to": counter }));
    assert_eq!(changes(), json!([first["logs"][0], second["logs"][0]]));
    assert_eq!(changes(), json!([]));
    let all = json!([before[0], first["logs"][0], second["logs"][0]]);
    assert_eq!(server.rpc("eth_getFilterLogs", json!([id])), all);
    assert_eq!(server.rpc("eth_uninstallFilter", json!([id])), json!(true));
    assert_eq!(server.rpc("eth_uninstallFilter", json!([id])), json!(false));
    assert_eq!(server.fails("eth_getFilterChanges", json!([id])).message, "filter not found");
}

#[test]
fn a_filter_far_behind_catches_up_in_parts() {
    let server = limited(Limits { log_blocks: 4, logs: 2, ..Limits::default() });
    let counter = server.counter();
    let send = |nonce: u64| {
        let nonce = format!("{nonce:#x}");
        let call = json!({ "from": DEV, "to": counter, "gas": "0x186a0", "nonce": nonce });
        server.rpc("eth_sendTransaction", json!([call]))
    };
    let id = server.rpc("eth_newFilter", json!([{ "address": counter }]));
    let poll = || {
        let logs = server.rpc("eth_getFilterChanges", json!([id]));
        let counts = logs.as_array().unwrap().iter().map(|log| log["topics"][0].clone());
        counts.collect::<Vec<_>>()
    };
    (1..=3).for_each(|nonce| drop(send(nonce)));
    // One block with more than a query may give, then more blocks than it may cover.
    server.rpc("evm_setAutomine", json!([false]));
    (4..=6).for_each(|nonce| drop(send(nonce)));
    server.rpc("evm_mine", json!([]));
    server.rpc("anvil_mine", json!(["0x8"]));
    send(7);
    server.rpc("evm_mine", json!([]));
    for counts in [&[1, 2][..], &[3], &[4, 5, 6], &[], &[], &[7], &[]] {
        let words: Vec<Value> = counts.iter().map(|count| json!(word(*count))).collect();
        assert_eq!(poll(), words);
    }
}

#[test]
fn a_block_filter_follows_the_chain_back_and_forth() {
    let server = server();
    let id = server.rpc("eth_newBlockFilter", json!([]));
    let changes = || server.rpc("eth_getFilterChanges", json!([id]));
    let mine = || {
        server.rpc("evm_increaseTime", json!([1]));
        server.rpc("evm_mine", json!([]));
        server.rpc("eth_getBlockByNumber", json!(["latest", false]))["hash"].clone()
    };
    let snapshot = server.rpc("evm_snapshot", json!([]));
    let (first, second) = (mine(), mine());
    assert_eq!(changes(), json!([first, second]));
    server.rpc("evm_revert", json!([snapshot]));
    server.rpc("evm_increaseTime", json!([100]));
    let other = mine();
    assert_ne!(other, first);
    assert_eq!(changes(), json!([other]));
    assert_eq!(
        server.fails("eth_getFilterLogs", json!([id])).message,
        "filter is not a log filter"
    );
}

#[test]
fn a_transaction_filter_tells_what_was_taken() {
    let server = server();
    server.rpc("evm_setAutomine", json!([false]));
    let id = server.rpc("eth_newPendingTransactionFilter", json!([]));
    let hash =
        server.rpc("eth_sendTransaction", json!([{ "from": DEV, "to": BOB, "gas": "0x5208" }]));
    assert_eq!(server.rpc("eth_getFilterChanges", json!([id])), json!([hash]));
    assert_eq!(server.rpc("eth_getFilterChanges", json!([id])), json!([]));
}

#[test]
fn filters_are_limited_and_expire() {
    let lifetime = Duration::from_millis(50);
    let limits = Limits { filters: 2, filter_lifetime: lifetime, ..Limits::default() };
    let server = limited(limits);
    let id = server.rpc("eth_newBlockFilter", json!([]));
    server.rpc("eth_newBlockFilter", json!([]));
    let failure = server.fails("eth_newBlockFilter", json!([]));
    assert_eq!(failure, Failure::new(-32005, "too many filters, at most 2 are kept"));
    // Time itself is what is tested.
    std::thread::sleep(lifetime);
    assert_eq!(server.fails("eth_getFilterChanges", json!([id])).message, "filter not found");
    server.rpc("eth_newBlockFilter", json!([]));
}
