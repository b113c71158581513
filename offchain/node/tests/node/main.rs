//! Nodes on a real development chain behind a real endpoint: whole lives of requests, with all of the money.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod honest;
mod liar;
mod lies;
mod setup;
mod world;
