//! What clients ask: blocks, code, logs, fees, simulations, and methods of development chains.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, STRANGER, clients};

#[test]
fn the_chain_tells_what_it_is() {
    let Some(clients) = clients() else { return };
    assert_eq!(clients.cast(&["chain-id"]), "412346");
    assert_eq!(clients.cast(&["block-number"]), "0");
    assert!(clients.cast(&["client"]).contains("opml"));
    let price: u128 = clients.cast(&["gas-price"]).parse().unwrap();
    let base: u128 = clients.cast(&["base-fee"]).parse().unwrap();
    assert!(price >= base && base > 0);
    assert_eq!(clients.cast(&["rpc", "net_version"]), "\"412346\"");
}

#[test]
fn websockets_answer_as_well() {
    let Some(clients) = clients() else { return };
    assert_eq!(clients.cast(&["chain-id", "--rpc-url", &clients.ws_url]), "412346");
    let sent = clients.send(&[STRANGER, "--value", "1", "--rpc-url", &clients.ws_url]);
    assert_eq!(sent["status"], "0x1");
}

#[test]
fn blocks_are_found_by_number_hash_and_name() {
    let Some(clients) = clients() else { return };
    let receipt = clients.send(&[STRANGER, "--value", "1"]);
    let latest = clients.json(&["block", "latest"]);
    assert_eq!(latest["hash"], receipt["blockHash"]);
    assert_eq!(latest["transactions"], json!([receipt["transactionHash"]]));
    for name in ["1", latest["hash"].as_str().unwrap()] {
        assert_eq!(clients.json(&["block", name])["hash"], latest["hash"]);
    }
    let full = clients.json(&["block", "latest", "--full"]);
    assert_eq!(full["transactions"][0]["from"], ACCOUNT.to_lowercase());
    let first = clients.json(&["block", "0"]);
    assert_eq!(latest["parentHash"], first["hash"]);
    let time = latest["timestamp"].as_str().unwrap();
    let found = clients.cast(&["find-block", &clients.offline(&["to-dec", time])]);
    assert_eq!(found, "1");
}

#[test]
fn code_and_logs_are_read() {
    let Some(clients) = clients() else { return };
    let counter = clients.deployed_counter(0);
    for number in ["5", "6"] {
        clients.send(&[&counter, "set(uint256)", number]);
    }
    let code = clients.cast(&["code", &counter]);
    assert_eq!(clients.cast(&["codesize", &counter]), ((code.len() - 2) / 2).to_string());
    let event = "Changed(address indexed by, uint256 number)";
    let logs = clients.json(&["logs", "--from-block", "0", "--address", &counter, event]);
    let numbers: Vec<&Value> = logs.as_array().unwrap().iter().map(|log| &log["data"]).collect();
    assert_eq!(numbers, [&json!(format!("0x{:064x}", 5)), &json!(format!("0x{:064x}", 6))]);
    let by = clients.json(&["logs", "--from-block", "0", event, STRANGER]);
    assert_eq!(by, json!([]));
}

#[test]
fn gas_is_estimated_as_it_is_used() {
    let Some(clients) = clients() else { return };
    let counter = clients.deployed_counter(0);
    let call = [&*counter, "set(uint256)", "9"];
    let from = ["--from", ACCOUNT];
    let gas = clients.cast(&[&["estimate"], &call[..], &from].concat());
    let receipt = clients.send(&[&call[..], &["--gas-limit", &gas]].concat());
    assert_eq!(receipt["status"], "0x1", "the estimate does not do");
    let used = clients.offline(&["to-dec", receipt["gasUsed"].as_str().unwrap()]);
    let (gas, used): (u64, u64) = (gas.parse().unwrap(), used.parse().unwrap());
    assert!(gas <= used + used / 5, "{gas} estimated, {used} used");
    let list = clients.cast(&[&["access-list"], &call[..], &from].concat());
    assert!(list.to_lowercase().contains(&counter.to_lowercase()), "{list}");
}

#[test]
fn calls_take_overrides_and_past_blocks() {
    let Some(clients) = clients() else { return };
    let counter = clients.deployed_counter(3);
    clients.send(&[&counter, "set(uint256)", "4"]);
    let number = [&*counter, "number()(uint256)"];
    assert_eq!(clients.cast(&[&["call"], &number[..], &["--block", "1"]].concat()), "3");
    let slot = format!("{counter}:0:{:#x}", 77);
    let call = [&["call"], &number[..], &["--override-state-diff", &slot]].concat();
    assert_eq!(clients.cast(&call), "77");
    assert_eq!(clients.cast(&[&["call"], &number[..]].concat()), "4");
}

#[test]
fn the_chain_is_steered() {
    let Some(clients) = clients() else { return };
    clients.cast(&["rpc", "evm_mine"]);
    assert_eq!(clients.cast(&["block-number"]), "1");
    let age = || clients.cast(&["block", "latest", "--field", "timestamp"]).parse::<u64>().unwrap();
    let before = age();
    clients.cast(&["rpc", "evm_increaseTime", "86400"]);
    clients.cast(&["rpc", "evm_mine"]);
    assert!(age() >= before + 86400);
    let snapshot = clients.cast(&["rpc", "evm_snapshot"]);
    clients.cast(&["rpc", "anvil_setBalance", STRANGER, "0x64"]);
    assert_eq!(clients.cast(&["balance", STRANGER]), "100");
    assert_eq!(clients.cast(&["rpc", "evm_revert", snapshot.trim_matches('"')]), "true");
    assert_eq!(clients.cast(&["balance", STRANGER]), "0");
}

#[test]
fn a_transaction_is_traced() {
    let Some(clients) = clients() else { return };
    let counter = clients.deployed_counter(0);
    let receipt = clients.send(&[&counter, "set(uint256)", "5"]);
    let hash = receipt["transactionHash"].as_str().unwrap();
    let tracer = r#"{"tracer":"callTracer"}"#;
    let text = clients.cast(&["rpc", "debug_traceTransaction", hash, tracer]);
    let trace: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(trace["type"], "CALL");
    assert_eq!(trace["to"].as_str().unwrap().to_lowercase(), counter.to_lowercase());
    assert_eq!(trace["gasUsed"], receipt["gasUsed"]);
    // `cast run` replays the transaction itself, on state that it asks the chain for.
    let replay = clients.cast(&["run", hash, "--quick"]);
    assert!(replay.contains("Transaction successfully executed"), "{replay}");
}

#[test]
fn methods_that_do_not_exist_are_named() {
    let Some(clients) = clients() else { return };
    let said = clients.refused(&["rpc", "eth_noSuchMethod"]);
    assert!(said.contains("-32601"), "{said}");
}
