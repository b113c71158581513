//! What an audit of the contracts has found, each as a test of the compiled contracts that says how it should be.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

#[allow(dead_code, reason = "what the hub's tests need")]
#[path = "../hub/answer.rs"]
mod answer;
mod behind;
#[path = "../chain_support/mod.rs"]
mod chain_support;
mod deliveries;
#[allow(dead_code, reason = "what the courier's tests need")]
#[path = "../courier/desk.rs"]
mod desk;
mod lapse;
mod names;
mod squatting;
#[allow(dead_code, reason = "what the hub's tests need")]
#[path = "../hub/world.rs"]
mod world;
