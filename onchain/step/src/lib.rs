//! Step verifier: the Stylus contract that executes one MIPS instruction from a witness, and leads from
//! a state of the graph machine to the run of its step and back.
//!
//! The ABI is `sol/IStepVerifier.sol`. The contract parses calldata by hand and strictly, because
//! the SDK's router takes encodings that are not canonical and reverts without data; what is left
//! is [`call`], a function from calldata to returned or reverted data. Everything a step *means*
//! is in `opml-core`.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

extern crate alloc;

mod abi;
mod calldata;
#[cfg(target_arch = "wasm32")]
mod entrypoint;
mod errors;
mod graph;
mod graph_errors;
mod router;

pub use abi::IStepVerifier;
pub use router::call;
