//! Calls that are only tried: reverts, estimates, overrides, access lists.

use alloy_primitives::hex;
use serde_json::{Value, json};

use crate::support::{BOB, DEV, Failure, SERVER, Server, asm, server, word};

/// Reverts with `data`, which is at most 128 bytes long.
fn reverting(server: &Server, data: &[u8]) -> String {
    let mut source = String::new();
    for (index, part) in data.chunks(32).enumerate() {
        let mut padded = part.to_vec();
        padded.resize(32, 0);
        source += &format!("0x{} 0x{:02x} MSTORE ", hex::encode(padded), 32 * index);
    }
    source += &format!("0x{:02x} PUSH0 REVERT", data.len());
    server.deploy(&asm::assemble(&source))
}

/// `Error("no way")` as Solidity encodes it.
fn error_string() -> Vec<u8> {
    let text = hex::encode("no way");
    hex::decode(format!("08c379a0{}{}{text:0<64}", &word(32)[2..], &word(6)[2..])).unwrap()
}

#[test]
fn a_revert_has_code_3_its_reason_and_its_data() {
    let server = server();
    let data = error_string();
    let contract = reverting(&server, &data);
    let want = Failure {
        code: 3,
        message: "execution reverted: no way".to_owned(),
        data: Some(hex::encode_prefixed(&data)),
    };
    let call = json!([{ "from": DEV, "to": contract }, "latest"]);
    assert_eq!(server.fails("eth_call", call.clone()), want);
    assert_eq!(server.fails("eth_estimateGas", call), want);
    // Without a gas limit it is estimated first, and so refused.
    let sent = server.fails("eth_sendTransaction", json!([{ "from": DEV, "to": contract }]));
    assert_eq!(sent, want);
}

#[test]
fn custom_errors_panics_and_empty_reverts_keep_their_data() {
    let server = server();
    let custom = hex::decode(format!("deadbeef{}", &word(7)[2..])).unwrap();
    let overflow = hex::decode(format!("4e487b71{}", &word(0x11)[2..])).unwrap();
    for (data, message) in [
        (custom, "execution reverted"),
        (overflow, "execution reverted: arithmetic underflow or overflow"),
        (Vec::new(), "execution reverted"),
    ] {
        let contract = reverting(&server, &data);
        let failure = server.fails("eth_call", json!([{ "to": contract }]));
        assert_eq!(failure.code, 3);
        assert_eq!(failure.message, message);
        assert_eq!(failure.data, Some(hex::encode_prefixed(&data)));
    }
}

#[test]
fn other_failures_are_named_without_data() {
    let server = server();
    let invalid = server.deploy(&asm::assemble("INVALID"));
    let spin = server.deploy(&asm::assemble("loop: @loop JUMP"));
    let call = |to: &str| server.fails("eth_call", json!([{ "to": to, "gas": "0x186a0" }]));
    assert_eq!(call(&invalid), Failure::new(SERVER, "invalid opcode: INVALID"));
    assert_eq!(call(&spin), Failure::new(SERVER, "out of gas"));
    let estimate = json!([{ "from": DEV, "to": spin, "gas": "0x186a0" }]);
    let failure = server.fails("eth_estimateGas", estimate);
    assert_eq!(failure, Failure::new(SERVER, "gas required exceeds allowance (100000)"));
}

#[test]
fn calls_read_past_blocks() {
    let server = server();
    let counter = server.counter();
    server.send(json!({ "from": DEV, "to": counter }));
    let call = |at: &str| server.rpc("eth_call", json!([{ "to": counter }, at]));
    assert_eq!(call("0x1"), word(1));
    assert_eq!(call("latest"), word(2));
    assert_eq!(call("0x0"), "0x");
    let failure = server.fails("eth_call", json!([{ "to": counter }, "0x9"]));
    assert_eq!(failure, Failure::new(SERVER, "header not found"));
}

#[test]
fn an_estimate_suffices() {
    let server = server();
    assert_eq!(server.rpc("eth_estimateGas", json!([{ "from": DEV, "to": BOB }])), "0x5208");
    let useless = json!([{ "from": DEV, "to": BOB, "gas": "0x0" }]);
    assert_eq!(server.rpc("eth_estimateGas", useless), "0x5208");
    let counter = server.counter();
    let gas = server.rpc("eth_estimateGas", json!([{ "from": DEV, "to": counter }]));
    let receipt = server.send(json!({ "from": DEV, "to": counter, "gas": gas }));
    assert_eq!(receipt["status"], "0x1");
}

#[test]
fn state_and_block_can_be_overridden() {
    let server = server();
    let counter = server.counter();
    let set = json!({ &counter: { "stateDiff": { word(0): word(41) } } });
    let call = json!([{ "to": counter }, "latest", set]);
    assert_eq!(server.rpc("eth_call", call), word(42));
    assert_eq!(server.rpc("eth_call", json!([{ "to": counter }])), word(1));

    let code = asm::assemble("TIMESTAMP PUSH0 MSTORE NUMBER 0x20 MSTORE 0x40 PUSH0 RETURN");
    let state = json!({ BOB: { "code": hex::encode_prefixed(code), "balance": "0x7" } });
    let block = json!({ "time": "0x5", "number": "0x6" });
    let call = json!([{ "to": BOB }, "latest", state, block]);
    let want = format!("{}{}", word(5), &word(6)[2..]);
    assert_eq!(server.rpc("eth_call", call), want);

    let rich = json!({ BOB: { "balance": "0xffffffff" } });
    let estimate = json!([{ "from": BOB, "to": DEV, "value": "0xff" }, "latest"]);
    assert!(server.fails("eth_estimateGas", estimate).message.starts_with("insufficient funds"));
    let estimate = json!([{ "from": BOB, "to": DEV, "value": "0xff" }, "latest", rich]);
    assert_eq!(server.rpc("eth_estimateGas", estimate), "0x5208");

    let both = json!({ BOB: { "state": {}, "stateDiff": {} } });
    let failure = server.fails("eth_call", json!([{ "to": BOB }, "latest", both]));
    assert!(failure.message.contains("has both 'state' and 'stateDiff'"), "{failure:?}");
}

#[test]
fn an_access_list_names_what_is_read() {
    let server = server();
    let counter = server.counter();
    let other = format!("{:#042x}", 0x00c0_ffee);
    let reads = server.deploy(&asm::assemble(&format!(
        "0x07 SLOAD POP 0x{} BALANCE POP PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 0x{} GAS CALL",
        &other[2..],
        &counter[2..]
    )));
    let call = json!([{ "from": DEV, "to": reads, "gas": "0x186a0" }]);
    let result = server.rpc("eth_createAccessList", call);
    assert_eq!(result.get("error"), None);
    let mut want = vec![
        json!({ "address": other, "storageKeys": [] }),
        json!({ "address": counter, "storageKeys": [word(0)] }),
        json!({ "address": reads, "storageKeys": [word(7)] }),
    ];
    want.sort_by_key(|item| item["address"].as_str().unwrap().to_owned());
    assert_eq!(result["accessList"], Value::from(want));
    // The gas is that of a transaction with this list.
    let list = &result["accessList"];
    let sent = json!({ "from": DEV, "to": reads, "gas": "0x186a0", "accessList": list });
    assert_eq!(server.send(sent)["gasUsed"], result["gasUsed"]);
}

#[test]
fn a_request_that_says_two_things_is_refused() {
    let server = server();
    let call = json!([{ "to": BOB, "data": "0x01", "input": "0x02" }]);
    let failure = server.fails("eth_call", call);
    assert_eq!(failure.code, -32602);
    assert!(failure.message.starts_with("both \"data\" and \"input\" are set"), "{failure:?}");
    let same = json!([{ "to": BOB, "data": "0x01", "input": "0x01" }]);
    assert_eq!(server.rpc("eth_call", same), "0x");
}
