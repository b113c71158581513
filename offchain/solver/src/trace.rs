//! What a player knows of a computation.

use alloy_primitives::B256;

/// A computation as a row of state hashes, padded with its last one.
pub trait Trace {
    /// Why there is no answer.
    type Error;

    /// Hash of the state behind `step` steps.
    fn state_hash(&mut self, step: u64) -> Result<B256, Self::Error>;
}

/// The trace of the graph machine, and below each of its steps that of the step's run.
pub trait Computation: Trace {
    /// Trace of the MIPS machine.
    type Run: Trace<Error = Self::Error>;

    /// The run of the step behind `graph_step` steps; none where the successor is direct.
    fn run(&mut self, graph_step: u64) -> Result<Option<&mut Self::Run>, Self::Error>;
}
