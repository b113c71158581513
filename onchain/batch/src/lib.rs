//! Batch: the Stylus contract that answers many requests in one transaction.
//!
//! The ABI is `sol/IBatch.sol`; the rules are `docs/spec.md`, section "Batch". It keeps the hub's address and
//! bond and nothing else: each item is a claim of the hub's.
//!
//! On other machines than the contract's, the crate is the hashes.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![allow(unexpected_cfgs, reason = "the SDK's macros ask for features of their own")]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod abi;
mod root;

pub use root::{Item, MAX_ITEMS, root};

#[cfg(target_arch = "wasm32")]
mod contract;
