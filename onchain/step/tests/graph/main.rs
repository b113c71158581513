//! Calls of the contract's graph part as calldata and returned data, without a chain.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[path = "../support/calls.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod calls;
#[path = "../../../core/tests/support/draw.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod draw;
#[path = "../../../core/tests/support/graph.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod graph;
mod handover;
#[path = "../../../core/tests/support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
#[path = "../../../core/tests/support/scenario.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenario;
#[path = "../../../core/tests/graph/scenes.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenes;
#[path = "../../../core/tests/support/table.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod table;
mod views;

use alloy_sol_types::SolInterface;
use opml_core::keccak::AlloyKeccak;
use opml_step::IStepVerifier::IStepVerifierErrors as Revert;

fn call(calldata: &[u8]) -> Result<Vec<u8>, Revert> {
    opml_step::call::<AlloyKeccak>(calldata)
}

/// The error, after a round trip through its encoding.
fn revert(calldata: &[u8]) -> Revert {
    let error = call(calldata).expect_err("the call reverts");
    let decoded = Revert::abi_decode(&error.abi_encode()).unwrap();
    assert_eq!(decoded, error);
    decoded
}
