//! Whole lives of requests, with every party a process of its own: a chain, nodes, liars.
//!
//! A liar is this very test program, started again with one test that only it runs.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod daemon;
mod delayed;
mod disturbed;
mod games;
mod liar;
#[path = "../../../node/tests/node/liar.rs"]
mod lie;
mod money;
mod operator;
mod process;
mod proxy;
mod refused;
mod reordered;
mod scene;
mod soak;
#[path = "../../../devnet/tests/consumers/solidity.rs"]
mod solidity;
mod waiting;
mod world;
