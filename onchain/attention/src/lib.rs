//! Attention: the Stylus contract that draws verifiers for claims, pays those who answer right, and
//! takes the stake of those who do not answer or answer wrong.
//!
//! The ABI is `sol/IAttention.sol`; hashes, draws and rules are `docs/spec.md`, section "Attention". The
//! structure is that of the hub: calls are routed by the types generated from the ABI, and arguments,
//! results, events, errors and storage are sequences of words.
//!
//! On other machines than the contract's, the crate is the ABI, [`ids`], the [`draw`], the cuts of an
//! [`answer`] and the limits of parameters: what a daemon needs to take part.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![allow(unexpected_cfgs, reason = "the SDK's macros ask for features of their own")]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

extern crate alloc;

mod abi;
pub mod answer;
pub mod draw;
pub mod ids;
mod limits;
pub mod schedule;

pub use abi::IAttention;
pub use limits::{check_parameters, share_of};

#[cfg(target_arch = "wasm32")]
mod contract;
