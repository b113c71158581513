//! The graph machine: states, requests, outputs and the handover, against steps whose memories are
//! written out in full.
#![allow(clippy::unwrap_used)]

mod begin;
mod builder;
mod control;
#[path = "../support/draw.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod draw;
mod end;
#[path = "../support/graph.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod graph;
#[path = "../support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
mod output;
mod output_root;
mod parts;
mod random;
mod request;
#[path = "../support/scenario.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenario;
mod scenes;
mod second_verifier;
mod state;
#[path = "../support/table.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod table;
mod totality;
mod vectors;
