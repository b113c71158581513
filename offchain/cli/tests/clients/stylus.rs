//! A Stylus contract deployed, activated and called by `cast` alone.

use std::path::{Path, PathBuf};

use opml_devnet::stylus::code;

use crate::support::{ACCOUNT, Clients, STRANGER, clients};

/// In seconds.
const DAY: u64 = 86_400;
const ARB_WASM: &str = "0x0000000000000000000000000000000000000071";

/// The step contract as it is deployed.
fn compiled() -> Vec<u8> {
    let target: PathBuf = Path::new(env!("CARGO_BIN_EXE_opml")).ancestors().nth(2).unwrap().into();
    std::fs::read(target.join("contracts/step.wasm.br"))
        .expect("the contracts are built: cargo xtask build")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}

fn deployed(clients: &Clients) -> String {
    let init = code::init_code(&compiled()).unwrap();
    let receipt = clients.send(&["--create", &hex(&init)]);
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

/// The requests that `cargo stylus check` makes before a deployment: code and balance by overrides.
#[test]
fn activation_is_tried_before_anything_is_deployed() {
    let Some(clients) = clients() else { return };
    let code = hex(&compiled());
    let hash = clients.offline(&["keccak", &code]);
    let version = ["call", ARB_WASM, "codehashVersion(bytes32)(uint16)", &hash];
    let inactive = clients.offline(&["sig", "ProgramNotActivated()"]);
    assert!(clients.refused(&version).contains(&inactive));

    let (nowhere, nobody) = ("0x0000000000000000000000000000000000c0de01", STRANGER);
    let rich = format!("{nobody}:0x{}", "f".repeat(64));
    let activate = ["call", ARB_WASM, "activateProgram(address)(uint16,uint256)", nowhere];
    let from = ["--from", nobody, "--value", "1ether", "--override-balance", &rich];
    let with = |code: &str| format!("{nowhere}:{code}");
    let said = clients.cast(&[&activate[..], &from, &["--override-code", &with(&code)]].concat());
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("2"), "version of Stylus");
    let fee: u64 = lines.next().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(fee > 0);
    let broken = with("0xeff00000aabbcc");
    let said = clients.refused(&[&activate[..], &from, &["--override-code", &broken]].concat());
    assert!(said.contains("program activation failed"), "{said}");

    // A fifth more than the fee, as the tool pays; the surplus comes back.
    let step = deployed(&clients);
    let activate = [ARB_WASM, "activateProgram(address)", &step];
    let paid = (fee + fee / 5).to_string();
    assert_eq!(clients.send(&[&activate[..], &["--value", &paid]].concat())["status"], "0x1");
    assert_eq!(clients.cast(&version), "2");
    assert_eq!(clients.cast(&["balance", ARB_WASM]), "0");
}
