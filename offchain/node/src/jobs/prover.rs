//! What a party computes about a request: its result, and its moves.

use alloy_primitives::B256;
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_core::graph::{GraphStatus, Request, RequestError};
use opml_core::merkle::RegionError;
use opml_runtime::bundle::manifest::OutputRegion;
use opml_runtime::executor::Settings;
use opml_runtime::trace::TraceError;
use opml_runtime::{Executor, ExecutorError};
use opml_solver::machines::EvidenceError;
use opml_vm::keccak::FastKeccak;
use thiserror::Error;

use super::{Answer, Output, Watch};
use crate::models::Served;

/// Why nothing can be computed.
#[derive(Debug, Error)]
pub enum ProverError {
    /// The bytes are no request: the hub would have refused them.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The machine cannot be set up.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The machine has no answer.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// A move has nothing to show.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The machine starts from another state than the hub says: no game about it could be won.
    #[error("the hub starts the trace at {registered}, the machine here at {actual}")]
    Start {
        /// Hash of the hub's first state.
        registered: B256,
        /// Hash of the machine's.
        actual: B256,
    },
    /// The model's output lies nowhere.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The file of the weights was cut short: what was read of them is wrong.
    #[error("{pages} pages of the weights were lost: their file was cut short")]
    Lost {
        /// Pages of memory.
        pages: usize,
    },
    /// It was called off on the way.
    #[error("called off")]
    Cancelled,
}

/// One request, computed.
pub trait Prover: Send {
    /// What is computed from now on tells `watch` how far it is, and stops once that is called off. A prover
    /// whose answers take no time need not listen.
    fn watch(&mut self, watch: Watch) {
        drop(watch);
    }

    /// The result.
    fn answer(&mut self) -> Result<Answer, ProverError>;

    /// The move of `side` in a position; none if it has nothing to say.
    fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError>;
}

/// Sets up provers.
pub trait Provers: Send + Sync + 'static {
    /// A prover for a request, header and input, to a model.
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError>;

    /// Hash of the state that the machine here starts from; the hub must say the same.
    fn start(&self, model: &Served, request: &[u8]) -> Result<B256, ProverError> {
        let request = Request::decode(request)?;
        let mut machine = Executor::new(&model.bundle, &request, Settings::default())?;
        Ok(machine.state().hash::<FastKeccak>())
    }
}

/// What a claim about a model's result needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Claimed {
    output: OutputRegion,
}

impl Claimed {
    /// That of `model`.
    pub const fn of(model: &Served) -> Self {
        let (base, log2_size) = (model.record.outputBase, model.record.outputLog2);
        Self { output: OutputRegion { base, log2_size } }
    }

    /// The answer of a machine at the end of its trace.
    pub fn answer(&self, end: &mut Executor) -> Result<Answer, ProverError> {
        let state = end.state();
        let output = match state.status {
            GraphStatus::Running => None,
            GraphStatus::Failed => Some(Output::default()),
            GraphStatus::Halted => Output::of(end, self.output)?,
        };
        Ok(Answer { state, hash: state.hash::<FastKeccak>(), output })
    }
}
