//! Runs transactions: revm with Stylus programs as frames.
//!
//! revm keeps its own frames, journal, gas rules and precompiles. [`evm::ArbEvm`] adds one thing:
//! a frame whose code carries the Stylus prefix is run by [`crate::stylus::engine`] instead of the
//! interpreter. It stays on revm's frame stack meanwhile, and what it calls is pushed on top of it,
//! so both kinds share one journal, one depth and one memory buffer.

mod calls;
mod env;
mod evm;
mod handler;
mod host;
mod program;
mod programs;
mod trace;

pub use env::{ArbEnv, BlockFacts, RecentPrograms};
pub use evm::ArbContext;
pub use handler::{Checks, Executed, Execution, Rejected, execute};
pub use programs::Programs;
pub use trace::{CallTrace, HookCall, TraceTooLarge, Tracer};
