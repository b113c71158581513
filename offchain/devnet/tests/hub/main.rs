//! The compiled contract `hub`, with the compiled contract `game` beside it.
//!
//! Verdicts come from real games, whose clocks run out on one side or the other: what a step leads to is
//! of no account here.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

mod acceptance;
mod activation;
mod answer;
#[path = "../chain_support/mod.rs"]
mod chain_support;
mod claims;
mod events;
mod games;
mod gas;
mod lifecycle;
mod models;
mod money;
mod random;
mod requests;
mod setup;
mod world;
