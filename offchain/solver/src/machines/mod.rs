//! The real machines: their traces as a [`Computation`], what a move has to show of them, and the
//! judgement that the contract will make of it.

mod evidence;
mod judge;

use alloy_primitives::B256;
use opml_runtime::tile::{KernelImage, TileError, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError, TraceProvider};

pub use evidence::{Evidence, EvidenceError};
pub use judge::{Judge, JudgeError};

use crate::{Computation, Trace};

/// The trace of one request to a model, and of the runs below it.
pub struct Machines {
    graph: GraphTrace,
    image: KernelImage,
    /// Most bytes of memory for the pages of a MIPS machine.
    cap_bytes: usize,
    /// The run that was asked for last, by its graph step.
    run: Option<(u64, RunTrace)>,
}

impl Machines {
    /// The machines of `graph`, whose tiles are run by `image` in `cap_bytes` of pages.
    pub const fn new(graph: GraphTrace, image: KernelImage, cap_bytes: usize) -> Self {
        Self { graph, image, cap_bytes, run: None }
    }
}

impl Trace for RunTrace {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        TraceProvider::state_hash(self, step)
    }
}

impl Trace for Machines {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        self.graph.state_hash(step)
    }
}

impl Computation for Machines {
    type Run = RunTrace;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut RunTrace>, TraceError> {
        if self.run.as_ref().is_none_or(|(step, _)| *step != graph_step) {
            self.run = None;
            let mut machine = self.graph.at(graph_step)?;
            match TileRun::new(&mut machine, &self.image, self.cap_bytes) {
                Ok(run) => self.run = Some((graph_step, RunTrace::new(run)?)),
                Err(TileError::Stopped | TileError::Illegal(_)) => {}
                Err(error @ TileError::Memory(_)) => return Err(error.into()),
            }
        }
        Ok(self.run.as_mut().map(|(_, run)| run))
    }
}
