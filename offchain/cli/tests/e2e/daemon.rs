//! Nodes as processes, and what they say over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use alloy_transport_http::reqwest;
use opml_node::Config;
use serde::Deserialize;

use crate::liar;
use crate::process::{Lines, OPML, Process};

/// A node that runs.
pub struct Daemon {
    process: Process,
    log: Lines,
    api: SocketAddr,
    /// Number of its account.
    pub number: usize,
}

/// What a node does, as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Status {
    pub ready: bool,
    pub block: u64,
    pub computing: usize,
    pub sending: usize,
}

/// `opml node run`.
pub fn honest(config: &Path) -> Command {
    let mut command = Command::new(OPML);
    command.args(["node", "run", "--json", "--config"]).arg(config);
    command
}

/// The same with provers that lie.
pub fn lying(config: &Path, lie: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "liar::process", "--ignored", "--nocapture"]);
    command.env(liar::CONFIG, config).env(liar::LIE, lie);
    command
}

/// Writes a configuration where `opml node run` finds it.
pub fn write(config: &Config) -> std::path::PathBuf {
    let path = config.store.path.with_extension("toml");
    std::fs::write(&path, toml::to_string(config).unwrap()).unwrap();
    path
}

impl Daemon {
    /// Starts it, and waits until it says that it runs.
    pub fn start(command: Command, number: usize) -> Self {
        let mut process = Process::start(command);
        let mut log = process.stderr();
        let Some(api) = log.find(listening) else {
            panic!("the node does not run:\n{}", log.all());
        };
        Self { process, log, api, number }
    }

    pub const fn process(&self) -> &Process {
        &self.process
    }

    /// SIGKILL.
    pub fn kill(self) {
        self.process.kill();
    }

    /// Asks it to stop, which it does without complaint.
    pub fn stop(mut self) {
        self.process.terminate();
        let said = self.log.rest();
        assert!(self.process.wait().success(), "{said}");
    }

    /// Waits for its end; whether it was without complaint, and its log.
    pub fn end(mut self) -> (Option<i32>, String) {
        let said = self.log.rest();
        (self.process.wait().code(), said)
    }

    pub async fn status(&self) -> Status {
        serde_json::from_str(&self.get("/v1/status").await).unwrap()
    }

    /// The body of an answer of its HTTP server.
    pub async fn get(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.api);
        reqwest::get(url).await.unwrap().text().await.unwrap()
    }

    pub const fn api(&self) -> SocketAddr {
        self.api
    }

    pub fn log(&mut self) -> String {
        self.log.all()
    }
}

/// Where a node listens, if that is what a line of its log says.
fn listening(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let said = &line["fields"];
    let api = said["api"].as_str().filter(|_| said["message"] == "the node runs")?;
    api.trim_start_matches("Some(").trim_end_matches(')').parse().ok()
}
