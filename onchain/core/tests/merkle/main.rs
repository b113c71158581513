//! Regions, zero roots and paths, against a tree that is computed by its definition.
#![allow(clippy::unwrap_used)]

#[path = "../support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
mod paths;
mod regions;
mod sweep;
