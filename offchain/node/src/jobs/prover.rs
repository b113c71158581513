//! What a party computes about a request: its result, and its moves.

use alloy_primitives::Bytes;
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_core::graph::{GraphStatus, Request, RequestError};
use opml_core::merkle::{Region, RegionError, Space};
use opml_runtime::executor::Settings;
use opml_runtime::trace::{GraphTrace, TraceError};
use opml_runtime::{Executor, ExecutorError};
use opml_solver::machines::{EvidenceError, Machines};
use opml_solver::next_move;
use opml_vm::keccak::FastKeccak;
use thiserror::Error;

use super::Answer;
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
    /// The model's output lies nowhere.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The trace ends in a state that cannot be claimed.
    #[error("the trace does not end within 2^{steps_log2} steps, or in no output")]
    Unclaimable {
        /// Steps of the trace, as a power of two.
        steps_log2: u8,
    },
}

/// One request, computed.
pub trait Prover: Send {
    /// The result.
    fn answer(&mut self) -> Result<Answer, ProverError>;

    /// The move of `side` in a position; none if it has nothing to say.
    fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError>;
}

/// Sets up provers.
pub trait Provers: Send + Sync + 'static {
    /// A prover for a request, header and input, to a model.
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError>;
}

/// Computes what the model says.
#[derive(Clone, Copy, Debug)]
pub struct Honest {
    /// Most bytes of pages of a MIPS machine.
    pub vm_bytes: usize,
}

impl Provers for Honest {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        let request = Request::decode(request)?;
        let start = Executor::new(&model.bundle, &request, Settings::default())?;
        let steps_log2 = model.record.stepsLog2;
        let trace = GraphTrace::new(start, steps_log2);
        let machines = Machines::new(trace, model.image.clone(), self.vm_bytes);
        Ok(Box::new(HonestProver { machines, model: Claimed::of(model) }))
    }
}

/// What a claim about a model's result needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Claimed {
    steps_log2: u8,
    output_base: u64,
    output_log2: u8,
}

impl Claimed {
    /// That of `model`.
    pub const fn of(model: &Served) -> Self {
        Self {
            steps_log2: model.record.stepsLog2,
            output_base: model.record.outputBase,
            output_log2: model.record.outputLog2,
        }
    }

    /// The answer of a machine at the end of its trace.
    pub fn answer(&self, end: &mut Executor) -> Result<Answer, ProverError> {
        let state = end.state();
        let unclaimable = ProverError::Unclaimable { steps_log2: self.steps_log2 };
        let (output, path) = match state.status {
            GraphStatus::Running => return Err(unclaimable),
            GraphStatus::Failed => (Vec::new(), Vec::new()),
            GraphStatus::Halted => {
                let region = Region::new(Space::GRAPH, self.output_base, self.output_log2)?;
                let (base, log2_size) = (self.output_base, self.output_log2);
                let output = opml_runtime::bundle::manifest::OutputRegion { base, log2_size };
                let output = end.output(output).ok_or(unclaimable)?;
                let path = end.hashed_memory().path(region);
                (output, path.iter().flat_map(|sibling| sibling.0).collect())
            }
        };
        Ok(Answer {
            state,
            hash: state.hash::<FastKeccak>(),
            output: output.into(),
            path: Bytes::from(path),
        })
    }
}

struct HonestProver {
    machines: Machines,
    model: Claimed,
}

impl Prover for HonestProver {
    fn answer(&mut self) -> Result<Answer, ProverError> {
        let mut end = self.machines.at(1 << self.model.steps_log2)?;
        self.model.answer(&mut end)
    }

    fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError> {
        let Some(mv) = next_move(position, side, &mut self.machines)? else { return Ok(None) };
        let evidence = self.machines.evidence(position, &mv)?;
        Ok(Some(Shown { mv, evidence }))
    }
}
