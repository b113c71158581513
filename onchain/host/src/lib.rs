//! What the Stylus contracts share. A contract that takes its arguments, results, events, errors and storage
//! as sequences of words, put together by functions that are not generic, is a third smaller than one
//! written with the SDK's storage types and generated encoders.
//!
//! The functions of [`host`] need a contract's host and exist for WebAssembly only.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

extern crate alloc;

mod arguments;
mod creator;
mod encode;
#[cfg(target_arch = "wasm32")]
pub mod host;
#[cfg(target_arch = "wasm32")]
mod record;

pub use arguments::Arguments;
pub use creator::created_address;
pub use encode::{Answer, Refusal, Word, concat, refusal, size, with_bytes, with_strings};
#[cfg(target_arch = "wasm32")]
pub use record::{Number, Packer, Record, Unpacker};

/// What the macros name.
#[doc(hidden)]
pub use alloy_sol_types::{SolError, SolEvent};
