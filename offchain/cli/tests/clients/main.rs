//! Foundry's `cast` and `forge`, unchanged, against `opml devnet`.
//!
//! They come from npm (`cargo xtask setup`) or the search path. Without them these tests say so and
//! pass, unless `OPML_REQUIRE_FORGE` is set, as `cargo xtask test` does.
#![allow(clippy::unwrap_used)]

mod forge;
mod queries;
mod stylus;
mod support;
mod transactions;
