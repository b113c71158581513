//! Disputes on the compiled contracts `game` and `step`, over the real machines.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "errors of the ABI are small")]

#[path = "../chain_support/mod.rs"]
mod chain_support;
mod clocks;
#[path = "../../../runtime/tests/common/mod.rs"]
mod common;
mod disputes;
mod encoding;
mod liar;
mod machines;
mod opening;
mod players;
mod refused;
mod stage;
mod table;
mod verdicts;
mod verifiers;
