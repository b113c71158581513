//! Who wins a game: by computing what it is about, where the model is at hand, else by the clock alone.

use std::path::PathBuf;

use alloy_primitives::B256;
use anyhow::{Context as _, Result};
use opml_client::ClientError;
use opml_client::contracts::IHub;
use opml_core::game::{Phase, Position, Side};
use opml_core::graph::Request;
use opml_core::graph::handover::Program;
use opml_runtime::executor::Settings;
use opml_runtime::trace::{GraphTrace, TraceError};
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::{Machines, image_of};
use opml_solver::{Computation as _, Trace as _, next_move};
use serde::Serialize;

use super::access::{Access, Reader};
use super::logs;
use crate::model::source;

/// Most bytes for the pages of a MIPS machine.
const VM_BYTES: usize = 256 << 20;

/// Who wins, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// `server`, `challenger`, or none that can be told.
    pub winner: Option<&'static str>,
    /// `computation` or `clock`.
    pub basis: &'static str,
    /// The same in a sentence.
    pub text: String,
}

/// Tells who wins a game.
pub enum Forecaster {
    /// Has what the game is about.
    Computing(Box<Machines>),
    /// Has not, and why.
    Watching(String),
}

impl Forecaster {
    /// For a game. `model` is the bundle to compute with; otherwise those of the configuration and the built-in one are
    /// looked through.
    pub async fn new(
        reader: &Reader,
        game: B256,
        (access, model): (&Access, Option<&PathBuf>),
    ) -> Result<Self> {
        let hub = reader.deployment.hub(&reader.connection);
        let claim = hub.getGame(game).call().await.map_err(ClientError::from)?.claimId;
        let request = hub.getClaim(claim).call().await.map_err(ClientError::from)?.requestId;
        let address = reader.deployment.hub.address;
        let asked = logs::all::<IHub::Requested>(reader, address, Some(request)).await?;
        let asked = asked.into_iter().next().context("the game is about no request")?.event;
        let found = hub.getModel(asked.modelId).call().await.map_err(ClientError::from)?.model;
        let candidates = match model {
            Some(model) => vec![model.clone()],
            None => [access.bundles()?, vec![source::DIGITS.into()]].concat(),
        };
        for candidate in candidates {
            let bundle = source::open(&candidate)?;
            let manifest = bundle.manifest();
            let roots = (manifest.program_root, manifest.weights_root);
            if roots == (found.programRoot, found.weightsRoot) {
                return machines(&bundle, &found, &asked.request);
            }
        }
        Ok(Self::Watching("no bundle of the model is here (--model BUNDLE)".into()))
    }

    /// About a position, where the side on turn has so many seconds.
    pub fn forecast(&mut self, position: &Position, seconds_left: u64) -> Result<Forecast> {
        let on_turn = position.on_turn();
        if seconds_left == 0 {
            let winner = name(other(on_turn));
            let text = format!("the {winner} wins: the other's time is over");
            return Ok(Forecast { winner: Some(winner), basis: "clock", text });
        }
        let (winner, basis, text) = match self {
            Self::Watching(why) => {
                let text = format!(
                    "by the clock only, for {why}: the {} loses in {seconds_left} s if it does not move",
                    name(on_turn)
                );
                (None, "clock", text)
            }
            Self::Computing(machines) => {
                let winner = right(position, machines)?.map(name);
                let text = winner.map_or_else(
                    || "both sides have agreed on a state that the model does not reach".into(),
                    |winner| format!("the {winner} wins if it keeps moving: computed here"),
                );
                (winner, "computation", text)
            }
        };
        Ok(Forecast { winner, basis, text })
    }
}

/// What computes a request to a registered model.
fn machines(bundle: &Bundle, model: &IHub::Model, request: &[u8]) -> Result<Forecaster> {
    let program = Program { program_root: model.programRoot, image_root: model.imageRoot };
    let image = match image_of(&program, bundle.manifest().program_root) {
        Ok(image) => image,
        Err(foreign) => return Ok(Forecaster::Watching(foreign.to_string())),
    };
    let start = Executor::new(bundle, &Request::decode(request)?, Settings::default())?;
    let graph = GraphTrace::new(start, model.stepsLog2);
    Ok(Forecaster::Computing(Box::new(Machines::new(graph, image, VM_BYTES))))
}

/// The side that holds the truth about a position; none if both have left it.
fn right(position: &Position, machines: &mut Machines) -> Result<Option<Side>, TraceError> {
    let on_turn = position.on_turn();
    if next_move(position, on_turn, machines)?.is_some() {
        return Ok(Some(on_turn));
    }
    let first = position.step_at(0);
    let start = match position.phase() {
        Phase::Graph => Some(machines.state_hash(first)?),
        Phase::Run { graph_step } => match machines.run(graph_step)? {
            Some(run) => Some(opml_solver::Trace::state_hash(run, first)?),
            None => None,
        },
    };
    let agreed = start.is_some() && start == position.segments().cut(0);
    Ok(agreed.then_some(other(on_turn)))
}

const fn other(side: Side) -> Side {
    match side {
        Side::Server => Side::Challenger,
        Side::Challenger => Side::Server,
    }
}

const fn name(side: Side) -> &'static str {
    match side {
        Side::Server => "server",
        Side::Challenger => "challenger",
    }
}
