//! A liar as a process: a node whose provers lie.

use std::path::PathBuf;
use std::sync::Arc;

use opml_core::graph::{GraphStep, Request};
use opml_node::Node;
use opml_node::config::Config;
use opml_node::jobs::{Honest, Prover, ProverError, Provers};
use opml_node::models::Served;
use opml_runtime::Executor;
use opml_runtime::executor::Settings;
use tokio::signal::unix::{SignalKind, signal};

use crate::lie::Liars;

/// Names the configuration of the process.
pub const CONFIG: &str = "OPML_TEST_LIAR";
/// Names what it lies about.
pub const LIE: &str = "OPML_TEST_LIE";

/// The same tile each time.
pub const ONE_TILE: &str = "one-tile";
/// A tile and an instruction that only the request determines.
pub const RANDOM: &str = "random";
/// One tile of every tenth request, by the request's seed.
pub const EVERY_TENTH: &str = "every-tenth";

/// What the other process runs.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that other tests start"]
async fn process() {
    let path = PathBuf::from(std::env::var(CONFIG).expect("started by a test"));
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).json();
    log.with_env_filter(tracing_subscriber::EnvFilter::new("info")).init();
    let lie = match std::env::var(LIE).unwrap().as_str() {
        ONE_TILE => Lie::OneTile,
        RANDOM => Lie::Random,
        EVERY_TENTH => Lie::EveryTenth,
        other => panic!("{other} is no lie"),
    };
    let config = Config::load(&path, []).unwrap();
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let node = Node::start_with(config, Arc::new(lie)).await.unwrap();
    let said = serde_json::json!({"message": "the node runs", "api": node.api().unwrap()});
    eprintln!("{}", serde_json::json!({ "fields": said }));
    terminate.recv().await;
    node.stop().await.unwrap();
}

/// What is lied about.
#[derive(Clone, Copy, Debug)]
enum Lie {
    OneTile,
    Random,
    EveryTenth,
}

const TILE: Liars = Liars { step: 3, from: 1000 };

impl Provers for Lie {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        match self {
            Self::OneTile => TILE.prover(model, request),
            Self::Random => random(model, request)?.prover(model, request),
            Self::EveryTenth if seed(request).is_multiple_of(10) => TILE.prover(model, request),
            Self::EveryTenth => Honest { vm_bytes: 64 << 20 }.prover(model, request),
        }
    }
}

/// The seed of a request's header.
pub fn seed(request: &[u8]) -> u64 {
    u64::from_le_bytes(request[8..16].try_into().unwrap())
}

/// Any step of the trace, any instruction of its run; from a step behind the run's end on there is nothing to tell
/// truly.
fn random(model: &Served, request: &[u8]) -> Result<Liars, ProverError> {
    let hash = alloy_primitives::keccak256(request);
    let number = |at: usize| u64::from_le_bytes(hash[at..at + 8].try_into().unwrap());
    let decoded = Request::decode(request)?;
    let mut machine = Executor::new(&model.bundle, &decoded, Settings::default())?;
    while let GraphStep::Tile(_) = machine.next_step() {
        machine.step()?;
    }
    let log2 = 5 + number(8) % 19;
    let lie = Liars { step: number(0) % machine.step_count(), from: number(16) % (1 << log2) };
    eprintln!("{lie:?}");
    Ok(lie)
}
