//! The compiled contract `attention` beside the compiled hub and step verifier, with a second instance of the
//! compiled game contract of its own. Answers are those of the real machine, and of one with a fault.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

mod abi;
#[path = "../chain_support/mod.rs"]
mod chain_support;
#[path = "../../../runtime/tests/common/mod.rs"]
mod common;
mod disputes;
mod duties;
#[path = "../game/encoding.rs"]
mod encoding;
mod enrolments;
mod leaving;
mod ledger;
#[path = "../game/liar.rs"]
mod liar;
#[allow(dead_code, reason = "shared with the other tests")]
#[path = "../court/model.rs"]
mod model;
mod player;
mod random;
mod rewards;
mod setup;
mod verifier;
mod world;
