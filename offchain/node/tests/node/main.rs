//! Nodes on a real development chain behind a real endpoint: whole lives of requests, with all of the money.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod courier;
mod disturbed;
mod honest;
mod kills;
mod liar;
mod lies;
mod proxy;
mod refused;
mod renewal;
mod setup;
mod soak;
mod watched;
mod world;
