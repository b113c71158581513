//! Hub: the Stylus contract that keeps models, requests, claims, the stakes of games, and all of the
//! money.
//!
//! The ABI is `sol/IHub.sol`; ids and rules are `docs/spec.md`, section "Hub". The contract routes calls
//! by the types generated from the ABI, so that every refusal has a typed error; storage, calls, events
//! and the guard against re-entrant calls are the SDK's.
//!
//! On other machines than the contract's, the crate is the ABI, [`ids`] and the limits of parameters.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![allow(unexpected_cfgs, reason = "the SDK's macros ask for features of their own")]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

extern crate alloc;

mod abi;
pub mod ids;
mod limits;

pub use abi::IHub;
pub use limits::check_parameters;
pub use opml_host::created_address;

#[cfg(target_arch = "wasm32")]
mod contract;
