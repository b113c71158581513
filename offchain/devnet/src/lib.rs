//! Runs compiled Stylus contracts as an Arbitrum chain would: activation rules, ink and memory
//! prices, host functions. See `docs/stylus.md` for the table of behaviours and their sources.
//!
//! Without the `engine` feature the crate only packs, compresses and checks contracts.

pub mod stylus;
