//! Stylus: WebAssembly contracts metered in ink.
//!
//! - [`pack`]: compiler output into a module that activates;
//! - [`code`]: that module into the bytes deployed on chain, and back;
//! - [`activate`]: the rules a module has to meet, and what it costs to enter;
//! - [`price`], [`host_price`], [`memory_model`], [`entry`], [`data_fee`]: what instructions, host
//!   functions, memory, calls and activation cost;
//! - [`host`]: what a contract asks of its chain;
//! - `engine` (feature `engine`): compiles and runs contracts.

pub mod activate;
pub mod code;
pub mod data_fee;
#[cfg(feature = "engine")]
pub mod engine;
pub mod entry;
mod error;
#[cfg(feature = "engine")]
mod hooks;
pub mod host;
pub mod host_price;
mod imports;
mod instrument;
pub mod memory_model;
mod module;
pub mod pack;
pub mod price;
mod validate;

pub use error::{ActivationError, Limited, Proposal};
pub use imports::{HOOKS, Signature};
