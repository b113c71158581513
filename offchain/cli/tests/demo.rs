//! The demonstration, and a new user's first commands, on development chains of their own.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const OPML: &str = env!("CARGO_BIN_EXE_opml");
/// Public, worthless.
const KEY: &str = "0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659";

#[test]
fn a_lie_of_each_kind_is_caught_down_to_one_instruction() {
    for lie in ["output", "weights", "operator", "tile"] {
        let output = Command::new(OPML).args(["demo", "--json", "--lie", lie]).output().unwrap();
        assert!(output.status.success(), "{lie}: {}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["lie"], lie);
        let moves = report["moves"].as_array().unwrap();
        let last = moves.last().unwrap();
        assert_eq!((&last["kind"], &last["side"]), (&"prove".into(), &"verifier".into()), "{lie}");
        assert!(report["instruction"]["text"].is_string(), "{lie}: {report}");
        let story = String::from_utf8(output.stderr).unwrap();
        // Once by the honest server, once after the lie.
        assert!(!story.contains("DigitsConsumer is not built"), "built by cargo xtask build");
        assert!(story.contains("DigitsConsumer is told \"7\""), "{story}");
        assert!(story.contains("DigitsConsumer is told \"3\""), "{story}");
    }
}

struct Devnet {
    child: Child,
    url: String,
}

impl Devnet {
    fn start() -> Self {
        let mut child = Command::new(OPML)
            .args(["devnet", "--port", "0", "--silent"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().into();
        Self { child, url }
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `opml` in `folder`; whether it succeeded, and what it printed.
fn opml(folder: &Path, devnet: &Devnet, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(OPML)
        .current_dir(folder)
        .env("OPML_RPC", &devnet.url)
        .env("OPML_DEPLOYMENT", "deployment.json")
        .env("OPML_KEY", KEY)
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(!said.contains(&KEY[2..]), "a key was printed");
    (output.status.success(), said)
}

#[test]
fn contracts_are_deployed_compared_and_used() {
    let (devnet, folder) = (Devnet::start(), TempDir::new().unwrap());
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits");
    let models = models.canonicalize().unwrap();
    let uri = format!("file://{}", models.display());
    let image = models.join("samples/7-1.png");
    let run = |arguments: &[&str]| opml(folder.path(), &devnet, arguments);
    for arguments in [
        &["deploy"][..],
        &["deploy", "--verify"],
        &["model", "register", "digits", "--uri", &uri],
        &["infer", "--no-wait", "--image", image.to_str().unwrap()],
        &["account"],
        &["game", "list"],
    ] {
        let (success, said) = run(arguments);
        assert!(success, "{arguments:?}: {said}");
    }
    let (_, listed) = run(&["model", "list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let id = listed[0]["id"].as_str().unwrap();
    let (success, said) = run(&["model", "pull", id, "--out", "pulled"]);
    assert!(success && said.contains("whole and verified"), "{said}");
    let (_, quote) = run(&["quote", id]);
    assert!(quote.contains("fee        0.001 ether"), "{quote}");

    let (success, said) = run(&["deploy"]);
    assert!(!success && said.contains("is there already"), "{said}");
    let (success, said) = run(&["claim", "show", id]);
    assert!(!success && said.contains("UnknownClaim"), "{said}");
    let (success, said) = run(&["withdraw", "1 wei"]);
    assert!(!success && said.contains("InsufficientFunds"), "{said}");
    let (success, said) = run(&["deploy", "--profile", "one", "--out", "other.json"]);
    assert!(!success && said.contains("profile one is for chain 42161"), "{said}");
}

#[test]
fn a_damaged_bundle_is_not_taken() {
    let (devnet, folder) = (Devnet::start(), TempDir::new().unwrap());
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits");
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    for name in ["manifest.json", "program.bin", "weights.bin", "weights.tree"] {
        std::fs::copy(models.join(name), source.join(name)).unwrap();
    }
    let mut weights = std::fs::read(source.join("weights.bin")).unwrap();
    weights[5000] ^= 1;
    std::fs::write(source.join("weights.bin"), weights).unwrap();
    let uri = format!("file://{}", source.display());
    let (success, said) = opml(folder.path(), &devnet, &["model", "pull", &uri, "--out", "pulled"]);
    assert!(!success && said.contains("damaged"), "{said}");
}
