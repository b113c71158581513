//! Dispute games: the Stylus contract that keeps their positions, turns and clocks, asks the step
//! verifier where a step leads, and tells the hub who has won.
//!
//! The ABI is `sol/IGame.sol`. The rules are `opml_core::game`; here is what a chain adds to them: who
//! sends, what is stored, what is called. [`call`] is the whole contract, a function from calldata to
//! returned or reverted data over a [`Host`].
#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

extern crate alloc;

mod abi;
mod answer;
mod calldata;
mod encode;
#[cfg(target_arch = "wasm32")]
mod entrypoint;
mod errors;
mod finish;
mod host;
mod moves;
mod open;
mod record;
mod revert;
mod router;
mod settings;
mod verifier;
mod views;

pub use abi::{IGame, IGameHub};
pub use host::Host;
pub use revert::Revert;
pub use router::call;
