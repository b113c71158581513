//! A Stylus contract deployed, activated and called by `cast` alone.

use std::path::{Path, PathBuf};

use opml_devnet::stylus::code;

use crate::support::{ACCOUNT, Clients, clients};

/// In seconds.
const DAY: u64 = 86_400;
const ARB_WASM: &str = "0x0000000000000000000000000000000000000071";

/// The step contract as it is deployed.
fn compiled() -> Vec<u8> {
    let target: PathBuf = Path::new(env!("CARGO_BIN_EXE_opml")).ancestors().nth(2).unwrap().into();
    std::fs::read(target.join("contracts/step.wasm.br"))
        .expect("the contracts are built: cargo xtask build")
}

fn deployed(clients: &Clients) -> String {
    let init = code::init_code(&compiled()).unwrap();
    let init: String = init.iter().map(|byte| format!("{byte:02x}")).collect();
    let receipt = clients.send(&["--create", &format!("0x{init}")]);
    receipt["contractAddress"].as_str().unwrap().to_owned()
}

#[test]
fn cast_deploys_and_calls_a_stylus_contract() {
    let Some(clients) = clients() else { return };
    let step = deployed(&clients);
    assert!(clients.cast(&["code", &step]).starts_with("0xeff00000"));
    let version = ["call", &step, "version()(string)"];
    assert!(clients.refused(&version).contains("program not activated"));

    let activate = [ARB_WASM, "activateProgram(address)", &step];
    let receipt = clients.send(&[&activate[..], &["--value", "1ether"]].concat());
    assert_eq!(receipt["status"], "0x1");
    assert_eq!(clients.cast(&version), format!("\"{}\"", env!("CARGO_PKG_VERSION")));
    // A year, counted from the hour of the activation.
    let left = clients.cast(&["call", ARB_WASM, "programTimeLeft(address)(uint64)", &step]);
    let left: u64 = left.split_whitespace().next().unwrap().parse().unwrap();
    assert!((364 * DAY..=365 * DAY).contains(&left), "{left} s");
    let gas: u64 =
        clients.cast(&["estimate", &step, "version()", "--from", ACCOUNT]).parse().unwrap();
    assert!(gas > 21_000);
}

#[test]
fn a_typed_error_of_a_stylus_contract_reaches_the_client() {
    let Some(clients) = clients() else { return };
    let step = deployed(&clients);
    clients.send(&[ARB_WASM, "activateProgram(address)", &step, "--value", "1ether"]);
    let said = clients.refused(&["call", &step, "stateHash(bytes)", "0x"]);
    let error = clients.offline(&["abi-encode", "StateLength(uint64)", "0"]);
    let selector = clients.offline(&["sig", "StateLength(uint64)"]);
    assert!(said.contains(&format!("{selector}{}", &error[2..])), "{said}");
    let twice = clients.refused(&["call", ARB_WASM, "activateProgram(address)", &step]);
    let current = clients.offline(&["sig", "ProgramUpToDate()"]);
    assert!(twice.contains(&current), "{twice}");
}
