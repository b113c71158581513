//! JSON-RPC over HTTP and WebSocket for the development chain.
//!
//! [`serve`] puts a [`Chain`](opml_devnet::chain::Chain) behind one port, where clients of Ethereum
//! and Arbitrum find the methods they know: `eth_*`, `net_*`, `web3_*`, `debug_trace*`, and the
//! controls of a development chain, `evm_*` and `anvil_*`. Quantities, errors and absent values
//! are written as geth writes them.

#![allow(clippy::needless_pass_by_value, reason = "handlers own their parameters")]

mod config;
mod debug;
mod dev;
mod error;
mod eth;
mod filters;
mod methods;
mod mining;
mod net;
mod node;
mod origins;
mod params;
mod pubsub;
mod server;
mod service;

pub use config::{Config, Limits, PORT};
pub use net::CLIENT;
pub use server::{Handle, ServeError, serve};
