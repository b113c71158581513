//! The compiled contract `batch`, with the compiled contracts `hub` and `game` beside it.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

#[allow(dead_code, reason = "what the hub's tests need")]
#[path = "../hub/answer.rs"]
mod answer;
#[path = "../chain_support/mod.rs"]
mod chain_support;
mod claims;
mod counter;
mod limits;
#[allow(dead_code, reason = "what the hub's tests need")]
#[path = "../hub/world.rs"]
mod world;
