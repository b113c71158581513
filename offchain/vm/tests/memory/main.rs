//! Paged memory against a map of leaves and a tree by its definition.
#![allow(clippy::unwrap_used)]

mod cap;
mod mapping;
#[path = "../../../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
mod roots;
mod source;
#[path = "../support/sources.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod sources;
