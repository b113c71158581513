//! Compiles activated contracts and runs them.

mod outcome;
mod program;
mod pure;
mod run;

pub use outcome::{Failure, Finished, Outcome};
pub use program::{Engine, EngineError, Program};
pub use pure::{PureHost, PureRunner};
pub use run::{Call, run};

/// Native stack a contract may use. The chain's own limit in words always comes first: compiled
/// frames take at most a few machine words a word of [`super::entry::StylusParams`].
const NATIVE_STACK: usize = 24 << 20;

/// Runs `work` with enough native stack for one contract.
///
/// Entering a contract does this too; wrap a loop over many calls in it to pay for the larger
/// stack once.
pub fn on_deep_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(NATIVE_STACK + (2 << 20), NATIVE_STACK + (8 << 20), work)
}
