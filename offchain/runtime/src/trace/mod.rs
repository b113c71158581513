//! Traces: the state at any step of either machine, and what proves the way from one to the other.

mod graph;
mod handover;
mod run;

use alloy_primitives::B256;
use thiserror::Error;

use crate::executor::ExecutorError;
use crate::tile::TileError;

pub use graph::GraphTrace;
pub(crate) use handover::window_region;
pub use handover::{begin_witness, end_witness};
pub use run::RunTrace;

/// Why a trace has no answer.
#[derive(Debug, Error)]
pub enum TraceError {
    /// The native executor cannot run the program.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The MIPS machine cannot run the tile.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The step is past the end of the trace.
    #[error("step {step} of a trace of 2^{steps_log2}")]
    Step {
        /// Step asked for.
        step: u64,
        /// Steps of the trace, as a power of two.
        steps_log2: u8,
    },
}

impl From<opml_vm::MemoryError> for TraceError {
    fn from(error: opml_vm::MemoryError) -> Self {
        Self::Tile(error.into())
    }
}

/// A computation as a row of state hashes: what a dispute is about.
pub trait TraceProvider {
    /// Steps of the trace, as a power of two; it is padded with its last state.
    fn steps_log2(&self) -> u8;

    /// Hash of the state behind `step` steps, 0 to `2^steps_log2`.
    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError>;
}

/// Whether `step` is one of a trace's.
const fn check_step(step: u64, steps_log2: u8) -> Result<(), TraceError> {
    if step <= 1 << steps_log2 { Ok(()) } else { Err(TraceError::Step { step, steps_log2 }) }
}
