//! Nodes on a real development chain behind a real endpoint: whole lives of requests, with all of the money.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod bundle_files;
mod cancelled;
mod courier;
mod denied;
mod disturbed;
mod gap;
mod heads;
mod honest;
mod kills;
mod liar;
mod lies;
mod memory;
mod pool;
mod proxy;
mod refused;
mod renewal;
mod retries;
mod setup;
mod soak;
mod terms;
mod unclaimable;
mod urgent;
mod watched;
mod world;
