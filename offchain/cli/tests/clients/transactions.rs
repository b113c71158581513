//! Transactions of every kind, their receipts, and what clients are told when one fails.

use serde_json::Value;

use crate::support::{ACCOUNT, Clients, KEY, STRANGER, clients};

const ETHER: &str = "1000000000000000000";

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// Sends ether with further flags and returns the transaction's type.
fn kind_of_transfer(clients: &Clients, flags: &[&str]) -> String {
    let receipt = clients.send(&[&[STRANGER, "--value", "1"], flags].concat());
    assert_eq!(field(&receipt, "status"), "0x1", "{receipt}");
    let hash = field(&receipt, "transactionHash");
    let transaction = clients.json(&["tx", hash]);
    assert_eq!(field(&transaction, "hash"), hash);
    assert_eq!(transaction["type"], receipt["type"]);
    field(&receipt, "type").to_owned()
}

#[test]
fn ether_is_sent() {
    let Some(clients) = clients() else { return };
    let receipt = clients.send(&[STRANGER, "--value", "1ether"]);
    assert_eq!(field(&receipt, "status"), "0x1");
    assert_eq!(field(&receipt, "gasUsed"), "0x5208");
    assert_eq!(clients.cast(&["balance", STRANGER]), ETHER);
    assert_eq!(clients.cast(&["nonce", ACCOUNT]), "1");
    let again = clients.json(&["receipt", field(&receipt, "transactionHash")]);
    assert_eq!(again["blockHash"], receipt["blockHash"]);
    assert_eq!(again["logs"], receipt["logs"]);
}

#[test]
fn transactions_of_all_types_are_mined() {
    let Some(clients) = clients() else { return };
    assert_eq!(kind_of_transfer(&clients, &["--legacy"]), "0x0");
    assert_eq!(kind_of_transfer(&clients, &["--legacy", "--access-list", "[]"]), "0x1");
    assert_eq!(kind_of_transfer(&clients, &[]), "0x2");
    // The account delegates to the counter's code and calls itself.
    let counter = clients.deployed_counter(0);
    let receipt = clients.send(&[ACCOUNT, "set(uint256)", "7", "--auth", &counter]);
    assert_eq!((field(&receipt, "status"), field(&receipt, "type")), ("0x1", "0x4"));
    assert_eq!(clients.cast(&["call", ACCOUNT, "number()(uint256)"]), "7");
    assert!(clients.cast(&["code", ACCOUNT]).starts_with("0xef0100"));
}

#[test]
fn a_transaction_is_signed_here_and_published() {
    let Some(clients) = clients() else { return };
    let raw = clients.cast(&["mktx", STRANGER, "--value", "5", "--private-key", KEY]);
    let receipt = clients.json(&["publish", &raw]);
    assert_eq!(field(&receipt, "status"), "0x1");
    assert_eq!(clients.cast(&["balance", STRANGER]), "5");
    let said = clients.refused(&["publish", &raw]);
    assert!(said.contains("nonce too low") || said.contains("already known"), "{said}");
}

#[test]
fn the_chain_signs_for_accounts_that_it_holds() {
    let Some(clients) = clients() else { return };
    let arguments = ["send", "--unlocked", "--from", ACCOUNT, STRANGER, "--value", "3"];
    assert_eq!(field(&clients.json(&arguments), "status"), "0x1");
    let said =
        clients.refused(&["send", "--unlocked", "--from", STRANGER, ACCOUNT, "--value", "1"]);
    assert!(said.contains("unknown account") || said.contains("No Signer"), "{said}");
}

#[test]
fn a_sent_transaction_is_found_later() {
    let Some(clients) = clients() else { return };
    let hash = clients.cast(&["send", "--async", "--private-key", KEY, STRANGER, "--value", "1"]);
    assert_eq!(field(&clients.json(&["receipt", &hash]), "status"), "0x1");
}

#[test]
fn code_is_created_and_called() {
    let Some(clients) = clients() else { return };
    let created = clients.send(&["--create", &clients.counter(41)]);
    let counter = field(&created, "contractAddress");
    assert_eq!(field(&created, "status"), "0x1");
    let receipt = clients.send(&[counter, "increment()"]);
    assert_eq!(clients.cast(&["call", counter, "number()(uint256)"]), "42");
    assert_eq!(clients.cast(&["storage", counter, "0"]), format!("0x{:064x}", 42));
    let log = &receipt["logs"][0];
    assert_eq!(field(log, "address").to_lowercase(), counter.to_lowercase());
    assert_eq!(log["topics"][0], clients.offline(&["sig-event", "Changed(address,uint256)"]));
    assert_eq!(field(log, "data"), format!("0x{:064x}", 42));
}

#[test]
fn a_revert_is_told_with_its_error() {
    let Some(clients) = clients() else { return };
    let counter = clients.deployed_counter(0);
    let selector = clients.offline(&["sig", "TooLarge(uint256,uint256)"]);
    let call = [&*counter, "set(uint256)", "1001"];
    for verb in ["call", "estimate"] {
        let said = clients.refused(&[&[verb], &call[..]].concat());
        assert!(said.contains("execution reverted") && said.contains(&selector), "{said}");
    }
    let send = ["send", "--private-key", KEY];
    let said = clients.refused(&[&send[..], &call[..]].concat());
    assert!(said.contains(&selector), "{said}");
    // With its gas given, it is mined all the same.
    let receipt = clients.send(&[&call[..], &["--gas-limit", "100000"]].concat());
    assert_eq!(field(&receipt, "status"), "0x0");
}

#[test]
fn what_cannot_be_paid_is_refused() {
    let Some(clients) = clients() else { return };
    let key = "0x0000000000000000000000000000000000000000000000000000000000000001";
    let said = clients.refused(&["send", "--private-key", key, ACCOUNT, "--value", "1ether"]);
    assert!(said.contains("insufficient funds"), "{said}");
}
