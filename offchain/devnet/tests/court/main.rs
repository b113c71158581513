//! The compiled contracts `hub`, `game` and `step`, bound to one another, over the real machines: whole
//! disputes with all of their money, and the holes of earlier systems, one scene each.
#![allow(clippy::unwrap_used)]
#![allow(clippy::needless_pass_by_value, reason = "calls and errors are made where they are given")]
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

mod abi;
#[path = "../chain_support/mod.rs"]
mod chain_support;
mod claims;
#[path = "../../../runtime/tests/common/mod.rs"]
mod common;
mod court;
mod crowd;
mod disputes;
#[path = "../game/encoding.rs"]
mod encoding;
mod exhaustive;
mod forced;
mod gas;
mod holes;
mod ledger;
#[path = "../game/liar.rs"]
mod liar;
mod model;
mod parties;
mod player;
mod replay;
mod season;
mod snapshot;
mod timing;
mod unstopped;
