//! Games over the real machines: a liar about one tile of a classifier is beaten by one instruction.
#![allow(clippy::unwrap_used)]

#[path = "../../../runtime/tests/common/mod.rs"]
mod common;
mod games;
mod liar;
mod player;
