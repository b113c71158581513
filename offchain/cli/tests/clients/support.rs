//! A chain in a process of its own, and the programs that talk to it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// An account that the chain funds, and its public key.
pub const ACCOUNT: &str = "0x3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E";
pub const KEY: &str = "0xb6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659";
/// Source of the contract that clients deploy.
pub const COUNTER: &str = "test/fixtures/Counter.sol";
/// An account that holds nothing.
pub const STRANGER: &str = "0x00000000000000000000000000000000000b0b01";

/// A running `opml devnet` and Foundry; the chain is stopped when this is dropped.
pub struct Clients {
    chain: Child,
    pub url: String,
    pub ws_url: String,
    cast: PathBuf,
    forge: PathBuf,
}

/// What a test needs, or `None` with a line that says why it is skipped.
pub fn clients() -> Option<Clients> {
    let Some((cast, forge)) = program("cast").zip(program("forge")) else {
        assert!(std::env::var_os("OPML_REQUIRE_FORGE").is_none(), "Foundry: cargo xtask setup");
        eprintln!("skipped: no cast and forge in node_modules or on the search path");
        return None;
    };
    let mut chain = Command::new(env!("CARGO_BIN_EXE_opml"))
        .args(["devnet", "--port", "0", "--silent"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(chain.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let word = |scheme| line.split_whitespace().find(|word| word.starts_with(scheme));
    let url = word("http://").unwrap().to_owned();
    let ws_url = word("ws://").unwrap().to_owned();
    Some(Clients { chain, url, ws_url, cast, forge })
}

/// The first that runs of the programs that npm installed and the one on the search path. npm's
/// launcher in `node_modules/.bin` will not do: it always reports success.
fn program(name: &str) -> Option<PathBuf> {
    let folders = fs::read_dir(root().join("node_modules/@foundry-rs")).into_iter().flatten();
    let installed = folders
        .filter_map(Result::ok)
        .filter(|folder| folder.file_name().to_string_lossy().starts_with(&format!("{name}-")))
        .map(|folder| folder.path().join("bin").join(name));
    installed.chain([name.into()]).find(|program| {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    })
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

impl Clients {
    /// Runs `cast` without naming the chain.
    pub fn offline(&self, arguments: &[&str]) -> String {
        said(&command(&self.cast, arguments).output().unwrap())
    }

    /// Runs `cast` on the chain; what it prints.
    pub fn cast(&self, arguments: &[&str]) -> String {
        said(&self.on_chain(arguments).output().unwrap())
    }

    /// The same, where it prints JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.cast(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Runs `cast` where it must fail; what it complains about.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.on_chain(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?} succeeded");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Sends a transaction of the funded account; its receipt.
    pub fn send(&self, arguments: &[&str]) -> Value {
        self.json(&[&["send", "--private-key", KEY], arguments].concat())
    }

    /// Runs `forge VERB` on the repository with compiler output of its own, and broadcasts.
    pub fn forge(&self, verb: &str, arguments: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let chain = [verb, "--rpc-url", &self.url, "--private-key", KEY, "--broadcast"];
        let mut command = command(&self.forge, &[&chain, arguments].concat());
        command.env("FOUNDRY_OUT", folder.path().join("out"));
        command.env("FOUNDRY_CACHE_PATH", folder.path().join("cache"));
        command.env("FOUNDRY_BROADCAST", folder.path().join("broadcast"));
        said(&command.output().unwrap())
    }

    /// Init code of the contract in test/fixtures/Counter.sol, which starts at `first`.
    pub fn counter(&self, first: u64) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(&self.forge, &["build", COUNTER]);
        command.env("FOUNDRY_OUT", folder.path().join("out"));
        command.env("FOUNDRY_CACHE_PATH", folder.path().join("cache"));
        said(&command.output().unwrap());
        let file = fs::File::open(folder.path().join("out/Counter.sol/Counter.json")).unwrap();
        let artifact: Value = serde_json::from_reader(file).unwrap();
        format!("{}{first:064x}", artifact["bytecode"]["object"].as_str().unwrap())
    }

    /// Deploys that contract; its address.
    pub fn deployed_counter(&self, first: u64) -> String {
        let receipt = self.send(&["--create", &self.counter(first)]);
        receipt["contractAddress"].as_str().unwrap().to_owned()
    }

    fn on_chain(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.cast, arguments);
        command.env("ETH_RPC_URL", &self.url);
        command
    }
}

fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1");
    command
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.chain.kill().unwrap();
        self.chain.wait().unwrap();
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{complaint}");
    text
}
