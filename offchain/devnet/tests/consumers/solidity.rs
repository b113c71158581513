//! Bytecode of the project's Solidity, by the project's own compiler (`test/tools/solc`, installed from npm).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use alloy_primitives::{hex, keccak256};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A source and all that it imports.
fn sources(path: &str, found: &mut BTreeMap<String, String>) {
    if found.contains_key(path) {
        return;
    }
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let folder = Path::new(path).parent().unwrap().to_owned();
    let imports: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with("import "))
        .map(|line| line.split('"').nth(1).unwrap().to_owned())
        .collect();
    found.insert(path.to_owned(), text);
    for import in imports {
        let target = folder.join(import);
        let mut clean = PathBuf::new();
        for part in target.components() {
            match part {
                std::path::Component::ParentDir => assert!(clean.pop()),
                std::path::Component::CurDir => {}
                other => clean.push(other),
            }
        }
        sources(clean.to_str().unwrap(), found);
    }
}

fn compile(input: &str) -> String {
    let tool = root().join("test/tools/solc");
    let mut child = Command::new(&tool)
        .arg("--standard-json")
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; Node.js is needed", tool.display()));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the compiler is installed by `cargo xtask setup`");
    String::from_utf8(output.stdout).unwrap()
}

/// What the compiler says of a source, kept from test to test.
fn compiled(path: &str) -> Value {
    let mut found = BTreeMap::new();
    sources(path, &mut found);
    let sources: BTreeMap<&String, Value> =
        found.iter().map(|(path, text)| (path, json!({ "content": text }))).collect();
    let input = json!({
        "language": "Solidity",
        "sources": sources,
        "settings": {
            "optimizer": { "enabled": true, "runs": 200 },
            "evmVersion": "cancun",
            "outputSelection": { "*": { "*": ["evm.bytecode.object"] } },
        },
    })
    .to_string();
    let binary = std::env::current_exe().unwrap();
    let folder = binary.ancestors().nth(3).unwrap().join("tmp");
    let kept = folder.join(format!("solc-{}.json", hex::encode(&keccak256(&input)[..16])));
    let text = std::fs::read_to_string(&kept).unwrap_or_else(|_| {
        let text = compile(&input);
        std::fs::create_dir_all(&folder).unwrap();
        let part = kept.with_extension(std::process::id().to_string());
        std::fs::write(&part, &text).unwrap();
        std::fs::rename(&part, &kept).unwrap();
        text
    });
    serde_json::from_str(&text).unwrap()
}

/// Init code of the contract that a file is named after; what the constructor takes goes behind it.
pub fn init_code(path: &str) -> Vec<u8> {
    let output = compiled(path);
    let errors = output["errors"].as_array().cloned().unwrap_or_default();
    let fatal = errors.iter().filter(|error| error["severity"] == "error");
    let messages: Vec<&Value> = fatal.map(|error| &error["formattedMessage"]).collect();
    assert!(messages.is_empty(), "{messages:?}");
    let name = Path::new(path).file_stem().unwrap().to_str().unwrap();
    let object = output["contracts"][path][name]["evm"]["bytecode"]["object"].as_str().unwrap();
    hex::decode(object).unwrap()
}
