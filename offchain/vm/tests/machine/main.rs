//! The machine over paged memory against the plain step function, over random programs.
#![allow(clippy::unwrap_used)]

mod many_pages;
#[path = "../../../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
mod output;
#[path = "../support/program.rs"]
mod program;
#[path = "../../../../onchain/core/tests/support/scenario.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenario;
mod snapshots;
#[path = "../support/sources.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod sources;
#[path = "../../../../onchain/core/tests/support/table.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod table;
mod twins;
