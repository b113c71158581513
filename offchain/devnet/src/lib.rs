//! Runs compiled Stylus contracts as an Arbitrum chain would: activation rules, ink and memory
//! prices, host functions. See `docs/stylus.md` for the table of behaviours and their sources.
//!
//! With the `chain` feature (the default), `chain` is a whole development chain in process, on which
//! they and EVM contracts call one another. Without the `engine` feature the crate only packs,
//! compresses and checks contracts.

#[cfg(feature = "chain")]
pub mod chain;
pub mod stylus;
