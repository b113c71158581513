//! Blocks, transactions, receipts, accounts.

use serde_json::{Value, json};

use crate::support::{
    ALICE, BOB, DEV, Failure, INVALID_PARAMS, SERVER, START, number, server, word,
};

const NOWHERE: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn the_chain_tells_what_it_is() {
    let server = server();
    for (method, want) in [
        ("eth_chainId", json!("0x64aba")),
        ("eth_blockNumber", json!("0x0")),
        ("eth_gasPrice", json!("0x5f5e100")),
        ("eth_maxPriorityFeePerGas", json!("0x0")),
        ("eth_syncing", json!(false)),
        ("eth_mining", json!(true)),
        ("eth_hashrate", json!("0x0")),
        ("eth_protocolVersion", json!("0x44")),
        ("eth_coinbase", json!("0xa4b000000000000000000073657175656e636572")),
        ("net_version", json!("412346")),
        ("net_listening", json!(true)),
        ("net_peerCount", json!("0x0")),
        ("web3_clientVersion", json!(opml_rpc::CLIENT)),
        ("txpool_status", json!({ "pending": "0x0", "queued": "0x0" })),
    ] {
        assert_eq!(server.rpc(method, json!([])), want, "{method}");
    }
    let accounts = server.rpc("eth_accounts", json!([]));
    assert_eq!(accounts.as_array().unwrap()[..2], [json!(DEV), json!(ALICE)]);
    let empty = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(server.rpc("web3_sha3", json!(["0x"])), empty);
}

#[test]
fn accounts_are_read_at_any_block_however_it_is_named() {
    let server = server();
    let receipt = server.send(json!({ "from": DEV, "to": BOB, "value": "0x5" }));
    server.send(json!({ "from": DEV, "to": BOB, "value": "0x6" }));
    let hash = &receipt["blockHash"];
    for (at, want) in [
        (json!("latest"), "0xb"),
        (json!("pending"), "0xb"),
        (json!("safe"), "0xb"),
        (json!("finalized"), "0xb"),
        (json!("earliest"), "0x0"),
        (json!("0x1"), "0x5"),
        (hash.clone(), "0x5"),
        (json!({ "blockHash": hash }), "0x5"),
        (json!({ "blockHash": hash, "requireCanonical": true }), "0x5"),
        (json!({ "blockNumber": "0x1" }), "0x5"),
        (Value::Null, "0xb"),
    ] {
        assert_eq!(server.rpc("eth_getBalance", json!([BOB, at])), want, "{at}");
    }
    assert_eq!(server.rpc("eth_getTransactionCount", json!([DEV, "0x1"])), "0x1");
    assert_eq!(server.rpc("eth_getTransactionCount", json!([DEV])), "0x2");
    assert_eq!(server.rpc("eth_getCode", json!([BOB, "latest"])), "0x");
}

#[test]
fn blocks_that_are_not_there_are_errors_or_null() {
    let server = server();
    let failure = server.fails("eth_getBalance", json!([BOB, "0x1"]));
    assert_eq!(failure, Failure::new(SERVER, "header not found"));
    let failure = server.fails("eth_getBalance", json!([BOB, { "blockHash": NOWHERE }]));
    assert_eq!(failure, Failure::new(SERVER, "header for hash not found"));
    for (method, params) in [
        ("eth_getBlockByNumber", json!(["0x1", false])),
        ("eth_getBlockByHash", json!([NOWHERE, false])),
        ("eth_getBlockTransactionCountByNumber", json!(["0x1"])),
        ("eth_getBlockTransactionCountByHash", json!([NOWHERE])),
        ("eth_getUncleCountByBlockNumber", json!(["0x1"])),
        ("eth_getUncleByBlockNumberAndIndex", json!(["0x0", "0x0"])),
        ("eth_getTransactionByHash", json!([NOWHERE])),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["0x0", "0x0"])),
        ("eth_getTransactionReceipt", json!([NOWHERE])),
        ("eth_getRawTransactionByHash", json!([NOWHERE])),
        ("eth_getBlockReceipts", json!(["0x1"])),
    ] {
        assert_eq!(server.rpc(method, params), Value::Null, "{method}");
    }
}

#[test]
fn parameters_are_read_strictly() {
    let server = server();
    for (method, params, message) in [
        ("eth_getBalance", json!([]), "missing value for required argument 0"),
        ("eth_chainId", json!([1]), "too many arguments, want at most 0"),
        (
            "eth_getBalance",
            json!([BOB, "0x01"]),
            "invalid argument 1: hex number with leading zero digits",
        ),
        ("eth_getBalance", json!([BOB, "1"]), "invalid argument 1: hex string without 0x prefix"),
        ("eth_getBalance", json!([BOB, "0x"]), "invalid argument 1: hex string \"0x\""),
        (
            "eth_getBalance",
            json!([BOB, "0x10000000000000000"]),
            "invalid argument 1: hex number > 64 bits",
        ),
        (
            "eth_getBalance",
            json!([BOB, "newest"]),
            "invalid argument 1: hex string without 0x prefix",
        ),
        (
            "eth_getBalance",
            json!(["0x0b", "latest"]),
            "invalid argument 0: hex string has length 2, want 40 for common.Address",
        ),
        (
            "eth_getBalance",
            json!([5]),
            "invalid argument 0: json: cannot unmarshal non-string into Go value of type common.Address",
        ),
        (
            "web3_sha3",
            json!(["0xabc"]),
            "invalid argument 0: json: cannot unmarshal hex string of odd length into Go value of type hexutil.Bytes",
        ),
        (
            "web3_sha3",
            json!(["0xzz"]),
            "invalid argument 0: json: cannot unmarshal invalid hex string into Go value of type hexutil.Bytes",
        ),
        (
            "eth_call",
            json!([{ "to": BOB, "value": "0x01" }]),
            "invalid argument 0: json: cannot unmarshal hex number with leading zero digits into Go struct field TransactionArgs.value of type *hexutil.Big",
        ),
        (
            "eth_getBalance",
            json!([BOB, { "blockHash": NOWHERE, "blockNumber": "0x0" }]),
            "invalid argument 1: cannot specify both BlockHash and BlockNumber, choose one or the other",
        ),
    ] {
        assert_eq!(server.fails(method, params), Failure::new(INVALID_PARAMS, message), "{method}");
    }
}

#[test]
fn a_block_is_written_as_a_nitro_node_writes_it() {
    let server = server();
    let receipt = server.send(json!({ "from": DEV, "to": BOB, "value": "0x5" }));
    let block = server.rpc("eth_getBlockByNumber", json!(["0x1", false]));
    assert_eq!(block["number"], "0x1");
    assert_eq!(block["hash"], receipt["blockHash"]);
    assert_eq!(block["timestamp"], format!("{START:#x}"));
    assert_eq!(block["transactions"], json!([receipt["transactionHash"]]));
    assert_eq!(block["gasUsed"], "0x5208");
    assert_eq!(block["baseFeePerGas"], "0x5f5e100");
    assert_eq!(block["uncles"], json!([]));
    assert_eq!(block["nonce"], "0x0000000000000000");
    assert_eq!(block["l1BlockNumber"], "0x0");
    assert_eq!(block["sendCount"], "0x0");
    let hash = &block["hash"];
    let full = server.rpc("eth_getBlockByHash", json!([hash, true]));
    let transaction = &full["transactions"][0];
    assert_eq!(transaction["hash"], receipt["transactionHash"]);
    assert_eq!((&transaction["from"], &transaction["to"]), (&json!(DEV), &json!(BOB)));
    assert_eq!((&transaction["value"], &transaction["type"]), (&json!("0x5"), &json!("0x2")));
    for (method, params) in [
        ("eth_getTransactionByHash", json!([receipt["transactionHash"]])),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["latest", "0x0"])),
        ("eth_getTransactionByBlockHashAndIndex", json!([hash, "0x0"])),
    ] {
        assert_eq!(server.rpc(method, params), *transaction, "{method}");
    }
    assert_eq!(server.rpc("eth_getBlockTransactionCountByHash", json!([hash])), "0x1");
    assert_eq!(server.rpc("eth_getUncleCountByBlockHash", json!([hash])), "0x0");
    assert_eq!(server.rpc("eth_getBlockReceipts", json!([hash])), json!([receipt]));
}

#[test]
fn a_receipt_says_what_happened() {
    let server = server();
    let counter = server.counter();
    let receipt = server.send(json!({ "from": DEV, "to": counter }));
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(receipt["effectiveGasPrice"], "0x5f5e100");
    assert_eq!(receipt["contractAddress"], Value::Null);
    assert_eq!(receipt["gasUsedForL1"], "0x0");
    assert_eq!(receipt["type"], "0x2");
    assert_eq!(receipt["cumulativeGasUsed"], receipt["gasUsed"]);
    let log = &receipt["logs"][0];
    assert_eq!(log["address"], json!(counter));
    assert_eq!(log["topics"], json!([word(1)]));
    assert_eq!((&log["logIndex"], &log["removed"]), (&json!("0x0"), &json!(false)));
    assert_eq!(log["transactionHash"], receipt["transactionHash"]);
}

#[test]
fn storage_is_read_by_keys_of_any_length() {
    let server = server();
    let counter = server.counter();
    server.send(json!({ "from": DEV, "to": counter }));
    for key in ["0x0", "0x", "0x00", &word(0)] {
        assert_eq!(server.rpc("eth_getStorageAt", json!([counter, key, "latest"])), word(1));
    }
    assert_eq!(server.rpc("eth_getStorageAt", json!([counter, "0x0", "0x1"])), word(0));
    assert!(server.rpc("eth_getCode", json!([counter])).as_str().unwrap().len() > 10);
}

#[test]
fn fees_are_told() {
    let server = server();
    server.rpc("anvil_mine", json!(["0x4"]));
    let history = server.rpc("eth_feeHistory", json!(["0x3", "latest", [10.0, 90.0]]));
    assert_eq!(history["oldestBlock"], "0x2");
    assert_eq!(history["baseFeePerGas"], json!(vec!["0x5f5e100"; 4]));
    assert_eq!(history["gasUsedRatio"], json!([0.0, 0.0, 0.0]));
    assert_eq!(history["reward"], json!(vec![["0x0", "0x0"]; 3]));
    let history = server.rpc("eth_feeHistory", json!([1, "0x0", []]));
    assert_eq!(history["oldestBlock"], "0x0");
    assert!(number(&history["baseFeePerGas"][0]) > alloy_primitives::U256::ZERO);
}

#[test]
fn percentiles_of_fees_are_few_and_ascend() {
    let server = server();
    let fails = |wanted: Value| {
        let failure = server.fails("eth_feeHistory", json!(["0x1", "latest", wanted]));
        failure.message.strip_prefix("invalid reward percentile: ").map(str::to_owned)
    };
    let ok = server.rpc("eth_feeHistory", json!(["0x1", "latest", percentiles(100)]));
    assert_eq!(ok["reward"][0].as_array().map(Vec::len), Some(100));
    assert_eq!(fails(percentiles(101)).as_deref(), Some("over the query limit 100"));
    assert_eq!(fails(json!([1, 101])).as_deref(), Some("101.000000"));
    assert_eq!(fails(json!([-1])).as_deref(), Some("-1.000000"));
    assert_eq!(fails(json!([1, 3, 3])).as_deref(), Some("#1:3.000000 >= #2:3.000000"));
}

/// Percentiles from 0 on.
fn percentiles(count: u32) -> Value {
    (0..count).collect()
}
