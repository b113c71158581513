//! The server over real sockets.
#![allow(clippy::unwrap_used, missing_docs)]
#![allow(clippy::needless_pass_by_value, reason = "JSON is written in place")]

mod alloy;
mod browsers;
mod calls;
mod dev;
mod filters;
mod official;
mod queries;
mod send;
mod subscriptions;
mod support;
mod trace;
mod wire;
