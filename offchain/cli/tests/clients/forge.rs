//! `forge create` and `forge script`.

use crate::support::{COUNTER, clients};

#[test]
fn forge_creates_a_contract() {
    let Some(clients) = clients() else { return };
    let contract = format!("{COUNTER}:Counter");
    let said = clients.forge("create", &[&contract, "--constructor-args", "7"]);
    let address = said.lines().find_map(|line| line.strip_prefix("Deployed to: ")).unwrap();
    assert_eq!(clients.cast(&["call", address, "number()(uint256)"]), "7");
}

#[test]
fn forge_broadcasts_a_script() {
    let Some(clients) = clients() else { return };
    let said = clients.forge("script", &["test/fixtures/Counter.s.sol"]);
    assert!(said.contains("ONCHAIN EXECUTION COMPLETE & SUCCESSFUL"), "{said}");
    assert_eq!(clients.cast(&["block-number"]), "3");
    let first = clients.json(&["block", "1", "--full"]);
    let created = clients.json(&["receipt", first["transactions"][0]["hash"].as_str().unwrap()]);
    let counter = created["contractAddress"].as_str().unwrap();
    assert_eq!(clients.cast(&["call", counter, "number()(uint256)"]), "42");
    assert_eq!(clients.cast(&["balance", counter, "--ether"]), "1.000000000000000000");
}
