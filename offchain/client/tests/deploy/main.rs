//! Deployments on a development chain, by JSON-RPC.
#![allow(clippy::unwrap_used)]

mod resume;
mod support;
mod whole;
