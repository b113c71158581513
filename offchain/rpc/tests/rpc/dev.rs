//! Controls of a development chain.

use serde_json::{Value, json};

use crate::support::{ALICE, BOB, DEV, Failure, SERVER, START, Server, server, word};

fn timestamp(server: &Server) -> u64 {
    let block = server.rpc("eth_getBlockByNumber", json!(["latest", false]));
    u64::from_str_radix(&block["timestamp"].as_str().unwrap()[2..], 16).unwrap()
}

#[test]
fn time_travels() {
    let server = server();
    assert_eq!(server.rpc("evm_increaseTime", json!([3600])), json!(3600));
    assert_eq!(server.rpc("evm_increaseTime", json!(["0x10"])), json!(3616));
    server.rpc("evm_mine", json!([]));
    assert_eq!(timestamp(&server), START + 3616);
    server.rpc("evm_setNextBlockTimestamp", json!([START + 5000]));
    server.rpc("evm_mine", json!([]));
    assert_eq!(timestamp(&server), START + 5000);
    let failure = server.fails("evm_setNextBlockTimestamp", json!([START]));
    let text = format!("timestamp {START} is lower than that of the last block");
    assert_eq!(failure, Failure::new(SERVER, &text));
    server.rpc("evm_setTime", json!([START + 9000]));
    server.rpc("evm_mine", json!([]));
    assert_eq!(timestamp(&server), START + 9000);
}

#[test]
fn blocks_are_mined_as_the_known_clients_ask() {
    let server = server();
    assert_eq!(server.rpc("evm_mine", json!([START + 10])), "0x0");
    assert_eq!(timestamp(&server), START + 10);
    server.rpc("evm_mine", json!([{ "timestamp": START + 20, "blocks": 3 }]));
    assert_eq!(server.rpc("eth_blockNumber", json!([])), "0x4");
    assert_eq!(server.rpc("anvil_mine", json!(["0x3", "0xa"])), Value::Null);
    assert_eq!(timestamp(&server), START + 40);
    server.rpc("hardhat_mine", json!([]));
    assert_eq!(server.rpc("eth_blockNumber", json!([])), "0x8");
    let failure = server.fails("anvil_mine", json!(["0xffffffffff"]));
    assert_eq!(failure.code, -32005);
}

#[test]
fn others_are_answered_while_many_blocks_are_mined() {
    let server = server();
    let blocks = 30_000;
    std::thread::scope(|scope| {
        let miner = scope.spawn(|| server.rpc("anvil_mine", json!([blocks, 2])));
        let between = std::iter::from_fn(|| Some(server.rpc("eth_blockNumber", json!([]))))
            .map(|number| crate::support::number(&number).to::<u64>())
            .find(|number| *number > 0);
        assert!(between.is_some_and(|number| number < blocks), "{between:?}");
        miner.join().unwrap();
    });
    assert_eq!(server.rpc("eth_blockNumber", json!([])), format!("{blocks:#x}"));
    assert_eq!(timestamp(&server), START + 2 * (blocks - 1));
}

#[test]
fn time_has_an_end() {
    let server = server();
    let far = "0xffffffffffffffff";
    for (method, params) in [
        ("evm_setNextBlockTimestamp", json!([far])),
        ("evm_setTime", json!([far])),
        ("evm_increaseTime", json!([far])),
        ("evm_mine", json!([far])),
        ("anvil_mine", json!(["0x2", far])),
    ] {
        let failure = server.fails(method, params);
        let text = format!("timestamp {} is higher than 281474976710656", u64::MAX);
        assert_eq!(failure, Failure::new(SERVER, &text), "{method}");
    }
    assert_eq!(server.rpc("eth_blockNumber", json!([])), "0x0");
}

#[test]
fn snapshots_bring_everything_back() {
    let server = server();
    let counter = server.counter();
    let snapshot = server.rpc("evm_snapshot", json!([]));
    let hash = server.send(json!({ "from": DEV, "to": counter }))["transactionHash"].clone();
    server.rpc("anvil_setBalance", json!([BOB, "0x5"]));
    assert_eq!(server.rpc("evm_revert", json!([snapshot])), json!(true));
    assert_eq!(server.rpc("eth_blockNumber", json!([])), "0x1");
    assert_eq!(server.rpc("eth_getStorageAt", json!([counter, "0x0"])), word(0));
    assert_eq!(server.rpc("eth_getBalance", json!([BOB])), "0x0");
    assert_eq!(server.rpc("eth_getTransactionReceipt", json!([hash])), Value::Null);
    assert_eq!(server.rpc("evm_revert", json!([snapshot])), json!(false));
}

#[test]
fn accounts_are_set() {
    let server = server();
    for prefix in ["anvil", "hardhat"] {
        let set = |what: &str, params: Value| server.rpc(&format!("{prefix}_{what}"), params);
        set("setBalance", json!([BOB, "0xde0b6b3a7640000"]));
        set("setNonce", json!([BOB, "0x7"]));
        set("setCode", json!([BOB, "0x6001"]));
        assert_eq!(set("setStorageAt", json!([BOB, "0x3", word(9)])), json!(true));
        assert_eq!(server.rpc("eth_getBalance", json!([BOB])), "0xde0b6b3a7640000");
        assert_eq!(server.rpc("eth_getTransactionCount", json!([BOB])), "0x7");
        assert_eq!(server.rpc("eth_getCode", json!([BOB])), "0x6001");
        assert_eq!(server.rpc("eth_getStorageAt", json!([BOB, "0x3"])), word(9));
        set("setBalance", json!([BOB, "0x0"]));
        set("setNonce", json!([BOB, "0x0"]));
        set("setCode", json!([BOB, "0x"]));
    }
}

#[test]
fn others_are_impersonated() {
    let server = server();
    let stranger = "0x00000000000000000000000000000000000000ff";
    server.rpc("anvil_setBalance", json!([stranger, "0xde0b6b3a7640000"]));
    let send = json!([{ "from": stranger, "to": BOB, "value": "0x1" }]);
    let failure = server.fails("eth_sendTransaction", send.clone());
    assert_eq!(failure, Failure::new(SERVER, "unknown account"));
    server.rpc("anvil_impersonateAccount", json!([stranger]));
    let receipt = server.send(send[0].clone());
    assert_eq!((&receipt["status"], &receipt["from"]), (&json!("0x1"), &json!(stranger)));
    server.rpc("anvil_stopImpersonatingAccount", json!([stranger]));
    assert_eq!(server.fails("eth_sendTransaction", send.clone()).message, "unknown account");
    server.rpc("anvil_autoImpersonateAccount", json!([true]));
    server.send(send[0].clone());
}

#[test]
fn a_waiting_transaction_is_dropped() {
    let server = server();
    server.rpc("evm_setAutomine", json!([false]));
    assert_eq!(server.rpc("hardhat_getAutomine", json!([])), json!(false));
    let send = |value: &str| {
        let gas = "0x5208";
        let request = json!([{ "from": ALICE, "to": BOB, "value": value, "gas": gas }]);
        server.rpc("eth_sendTransaction", request)
    };
    let (first, second) = (send("0x1"), send("0x2"));
    assert_eq!(server.rpc("anvil_dropTransaction", json!([second])), second);
    assert_eq!(server.rpc("anvil_dropTransaction", json!([second])), Value::Null);
    server.rpc("evm_setAutomine", json!([true]));
    let block = server.rpc("eth_getBlockByNumber", json!(["0x1", false]));
    assert_eq!(block["transactions"], json!([first]));
}

#[test]
fn the_node_tells_about_itself() {
    let server = server();
    let info = server.rpc("anvil_nodeInfo", json!([]));
    assert_eq!(info["environment"]["chainId"], 412_346);
    assert_eq!(info["currentBlockNumber"], "0x0");
    assert_eq!(info["currentBlockTimestamp"], START);
}
