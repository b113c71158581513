//! `opml node status`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use alloy_transport_http::reqwest::Client;
use anyhow::{Context as _, Result, ensure};
use opml_client::Wei;
use serde::{Deserialize, Serialize};

use crate::chain::block_on;
use crate::output::{Format, table};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Where the node listens, like 127.0.0.1:9100; by default what `api.listen` of the configuration says.
    #[arg(long, value_name = "ADDRESS")]
    api: Option<SocketAddr>,
    /// Configuration file of the node.
    #[arg(long, value_name = "FILE", default_value = "opml.toml")]
    config: PathBuf,
    #[command(flatten)]
    format: Format,
}

/// What a node says of itself; the fields are described in its `OpenAPI` document.
#[derive(Debug, Deserialize, Serialize)]
struct Status {
    ready: bool,
    #[serde(default)]
    account: String,
    #[serde(default)]
    roles: Vec<String>,
    block: u64,
    #[serde(default)]
    lag: u64,
    balance: String,
    credit: String,
    exposure: String,
    gas_today: String,
    claims: usize,
    games: usize,
    computing: usize,
    sending: usize,
    #[serde(default)]
    open_games: Vec<Game>,
    #[serde(default)]
    jobs: Vec<Job>,
    #[serde(default)]
    alarms: Vec<Alarm>,
}

/// A game of the node's account.
#[derive(Debug, Deserialize, Serialize)]
struct Game {
    id: String,
    claim: String,
    side: String,
    on_turn: Option<String>,
    seconds_left: Option<u64>,
    moves: u64,
}

/// Something that is computed.
#[derive(Debug, Deserialize, Serialize)]
struct Job {
    kind: String,
    request: String,
    steps_done: u64,
    steps_total: u64,
    seconds: f64,
}

#[derive(Debug, Deserialize, Serialize)]
struct Alarm {
    kind: String,
    message: String,
}

impl Args {
    /// Asks and prints. Success if the node is ready and raises no alarm.
    pub fn execute(&self) -> Result<ExitCode> {
        let address = match self.api {
            Some(address) => address,
            None => listening(&self.config)?,
        };
        let status = block_on(ask(address))?;
        self.format.print(&status, Status::text)?;
        let good = status.ready && status.alarms.is_empty();
        Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Where the node with this configuration listens.
fn listening(config: &Path) -> Result<SocketAddr> {
    #[derive(Deserialize)]
    struct Shared {
        api: Option<Api>,
    }
    #[derive(Deserialize)]
    struct Api {
        listen: SocketAddr,
    }
    let text = std::fs::read_to_string(config)
        .with_context(|| format!("cannot read {}; name the node by --api", config.display()))?;
    let shared: Shared = toml::from_str(&text).with_context(|| config.display().to_string())?;
    let api = shared.api.with_context(|| {
        format!("{} has no [api] with `listen`: the node does not listen", config.display())
    })?;
    Ok(api.listen)
}

async fn ask(address: SocketAddr) -> Result<Status> {
    let client = Client::builder().timeout(PATIENCE).build()?;
    let asked = client.get(format!("http://{address}/v1/status")).send().await;
    let answer = asked.with_context(|| format!("no node answers at {address}"))?;
    ensure!(answer.status().is_success(), "what listens at {address} answers {}", answer.status());
    let text = answer.text().await?;
    serde_json::from_str(&text).with_context(|| format!("what listens at {address} is no node"))
}

/// Wei in decimal as an amount with its unit.
fn amount(wei: &str) -> String {
    wei.parse().map_or_else(|_| wei.to_owned(), |wei| Wei(wei).to_string())
}

impl Status {
    fn text(&self) -> String {
        let ready = if self.ready { "ready" } else { "NOT READY" };
        let mut text = format!(
            "account   {}\nroles     {}\nchain     {ready}, at block {}, {} s old\nmoney     {} outside, {} of credit, {} at \
             stake, {} of gas today\nwork      {} claims, {} games; {} computing, {} sending",
            self.account,
            self.roles.join(", "),
            self.block,
            self.lag,
            amount(&self.balance),
            amount(&self.credit),
            amount(&self.exposure),
            amount(&self.gas_today),
            self.claims,
            self.games,
            self.computing,
            self.sending,
        );
        if !self.open_games.is_empty() {
            let rows = self.open_games.iter().map(Game::row);
            text += &format!("\n\n{}", table(["game", "we are", "on turn", "left", "moves"], rows));
        }
        if !self.jobs.is_empty() {
            let rows = self.jobs.iter().map(Job::row);
            text += &format!("\n\n{}", table(["request", "job", "steps", "time"], rows));
        }
        for alarm in &self.alarms {
            text += &format!("\nALARM     {}: {}", alarm.kind, alarm.message);
        }
        text
    }
}

impl Game {
    fn row(&self) -> [String; 5] {
        let left = self.seconds_left.map(|left| format!("{left} s")).unwrap_or_default();
        let turn = self.on_turn.clone().unwrap_or_default();
        [self.id.clone(), self.side.clone(), turn, left, self.moves.to_string()]
    }
}

impl Job {
    fn row(&self) -> [String; 4] {
        let steps = format!("{} of at most {}", self.steps_done, self.steps_total);
        [self.request.clone(), self.kind.clone(), steps, format!("{:.1} s", self.seconds)]
    }
}
