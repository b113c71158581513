//! The Solidity contracts for consumers, compiled by the project's compiler, on the compiled contracts `hub`, `game`,
//! `step` and `courier`, with real models.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]
#![allow(clippy::too_many_arguments, reason = "the ABI's")]

#[path = "../court/abi.rs"]
mod abi;
mod adapter;
#[path = "../chain_support/mod.rs"]
mod chain_support;
#[path = "../../../runtime/tests/common/mod.rs"]
mod common;
#[allow(dead_code, reason = "what the court's tests need")]
#[path = "../court/court.rs"]
mod court;
mod deliveries;
mod desk;
mod digits;
#[path = "../game/encoding.rs"]
mod encoding;
mod gas;
#[path = "../court/ledger.rs"]
mod ledger;
#[allow(dead_code, reason = "what the court's tests need")]
#[path = "../game/liar.rs"]
mod liar;
#[allow(dead_code, reason = "what the court's tests need")]
#[path = "../court/model.rs"]
mod model;
mod parts;
#[allow(dead_code, reason = "what the court's tests need")]
#[path = "../court/player.rs"]
mod player;
mod prompts;
mod scenes;
#[path = "../court/snapshot.rs"]
mod snapshot;
mod solidity;
