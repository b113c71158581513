//! The node: tasks, and how they are started and stopped.

mod care;
mod decide;
mod driver;
mod knowledge;
mod start;
mod tell;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use alloy_primitives::Address;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::error::NodeError;
use crate::jobs::{Honest, Provers};

pub use tell::{Detail, Identity, OpenGame, Status};

/// Starts nodes.
#[derive(Clone, Copy, Debug)]
pub struct Node;

impl Node {
    /// Checks everything that can be checked before a bond is put in, and starts the node's tasks in the
    /// present tokio runtime.
    pub async fn start(config: Config) -> Result<NodeHandle, NodeError> {
        let honest = Honest { vm_bytes: config.jobs.vm_bytes };
        Self::start_with(config, Arc::new(honest)).await
    }

    /// As [`Self::start`], with other provers.
    pub async fn start_with(
        config: Config,
        provers: Arc<dyn Provers>,
    ) -> Result<NodeHandle, NodeError> {
        start::start(config, provers).await
    }
}

/// A running node. It stops when this is dropped.
#[derive(Debug)]
pub struct NodeHandle {
    account: Address,
    api: Option<SocketAddr>,
    status: watch::Receiver<Status>,
    cancel: CancellationToken,
    task: JoinHandle<Result<(), NodeError>>,
}

impl NodeHandle {
    /// The account that it acts for.
    pub const fn account(&self) -> Address {
        self.account
    }

    /// Where its HTTP server listens.
    pub const fn api(&self) -> Option<SocketAddr> {
        self.api
    }

    /// What it is doing; changes with every look at the chain.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Stops it. What is on its way then is in the database, and goes on with the next start.
    pub async fn stop(mut self) -> Result<(), NodeError> {
        self.cancel.cancel();
        (&mut self.task).await.unwrap_or(Err(NodeError::Panicked))
    }

    /// Waits until it stops by itself, which it does only for an error that trying again does not mend.
    pub async fn stopped(&mut self) -> Result<(), NodeError> {
        (&mut self.task).await.unwrap_or(Err(NodeError::Panicked))
    }
}

impl Drop for NodeHandle {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Runs a node until the process is told to stop.
pub async fn run(config: Config) -> Result<(), NodeError> {
    // Before anyone is told that it runs: a signal without a receiver would end it on the spot.
    let mut terminate = signal(SignalKind::terminate()).map_err(NodeError::Runtime)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(NodeError::Runtime)?;
    let mut told_to_stop = pin!(async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    });
    let mut node = tokio::select! {
        node = Node::start(config) => node?,
        () = &mut told_to_stop => return Ok(()),
    };
    tracing::info!(account = %node.account(), api = ?node.api(), "the node runs");
    tokio::select! {
        stopped = node.stopped() => return stopped,
        () = &mut told_to_stop => {}
    }
    tracing::info!("stopping");
    node.stop().await
}
