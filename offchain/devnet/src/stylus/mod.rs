//! Stylus: WebAssembly contracts metered in ink.
//!
//! - [`pack`]: compiler output into a module that activates;
//! - [`code`]: that module into the bytes deployed on chain, and back;
//! - [`activate`]: the rules a module has to meet, and what it costs to enter;
//! - [`price`]: what each instruction costs.

pub mod code;
mod error;
mod imports;
mod module;
pub mod pack;
pub mod price;
mod validate;

pub use error::{ActivationError, Limited, Proposal};
pub use imports::{HOOKS, Signature};
