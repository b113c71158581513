//! How a contract's run ended.

use thiserror::Error;

use super::super::hooks::Escape;

/// A run that ended.
#[derive(Debug)]
pub struct Finished {
    /// How.
    pub outcome: Outcome,
    /// Ink spent.
    pub ink_used: u64,
    /// Gas left for the caller; none after [`Outcome::OutOfInk`] and [`Outcome::OutOfStack`].
    pub gas_left: u64,
    /// Pages of 64 KiB the contract's memory has now.
    pub pages: u64,
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// Status zero, with the result.
    Success(Vec<u8>),
    /// Another status, with the revert data.
    Revert(Vec<u8>),
    /// The ink did not suffice: all gas is taken.
    OutOfInk,
    /// The stack did not suffice: all gas is taken, as for a call too deep.
    OutOfStack,
    /// The contract trapped or asked for the impossible: reverts without data, unspent gas is
    /// returned.
    Failure(Failure),
}

/// What a contract did wrong.
#[derive(Debug, Error)]
pub enum Failure {
    /// A WebAssembly trap.
    #[error("trap: {0}")]
    Trap(wasmtime::Trap),
    /// A host function refused.
    #[error("host function: {0}")]
    Hook(String),
    /// The module could not be entered; impossible for activated programs.
    #[error("engine: {0}")]
    Engine(wasmtime::Error),
}

impl Outcome {
    /// The outcome of an entry point that came back with `status`.
    pub(super) fn returned(status: u32, output: Vec<u8>) -> Self {
        match status {
            0 => Self::Success(output),
            _ => Self::Revert(output),
        }
    }

    /// The outcome of an entry point that did not come back, ink and stack sufficing.
    pub(super) fn stopped(error: wasmtime::Error, output: Vec<u8>) -> Self {
        match error.downcast::<Escape>() {
            Ok(Escape::OutOfInk) => Self::OutOfInk,
            Ok(Escape::Exit(status)) => Self::returned(status, output),
            Ok(escape) => Self::Failure(Failure::Hook(escape.to_string())),
            Err(error) => match error.downcast::<wasmtime::Trap>() {
                Ok(wasmtime::Trap::StackOverflow) => Self::OutOfStack,
                Ok(trap) => Self::Failure(Failure::Trap(trap)),
                Err(error) => Self::Failure(Failure::Engine(error)),
            },
        }
    }
}
