//! One step from a witness: the same successor as over the whole memory, and none from anything
//! but the one right witness.
#![allow(clippy::unwrap_used)]

mod honest;
mod malformed;
#[path = "../support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
#[path = "../support/scenario.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenario;
mod step;
#[path = "../support/table.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod table;
mod work;
