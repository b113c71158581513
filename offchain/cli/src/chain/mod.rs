//! Commands about the contracts on a chain.

pub mod access;
pub mod account;
pub mod claim;
pub mod deploy;
mod forecast;
pub mod game;
pub mod infer;
pub mod logs;
pub mod models;
pub mod quote;
pub mod withdraw;

use std::future::Future;

use anyhow::Result;

/// Runs `work` on a runtime of its own.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
