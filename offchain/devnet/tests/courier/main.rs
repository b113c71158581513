//! The compiled contract `courier`, with the compiled contracts `hub` and `game` beside it. Consumers are EVM
//! contracts.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

#[allow(dead_code, reason = "what the hub's tests need")]
#[path = "../hub/answer.rs"]
mod answer;
#[path = "../chain_support/mod.rs"]
mod chain_support;
mod consumers;
mod deliveries;
mod desk;
mod gas;
mod money;
mod orders;
mod reentry;
#[allow(dead_code, reason = "what the hub's tests need")]
#[path = "../hub/world.rs"]
mod world;
