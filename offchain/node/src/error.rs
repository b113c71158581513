//! Why a node does not start, or stops.

use alloy_primitives::B256;
use opml_client::{ClientError, KeyError, Severity};
use thiserror::Error;

use crate::chain::ChainError;
use crate::config::ConfigError;
use crate::models::OpenError;
use crate::sender::SenderError;
use crate::store::StoreError;

/// Whether the chain itself has refused, with a reason or without one; an endpoint that cannot be understood
/// has said nothing.
pub(crate) fn is_refusal(error: &ClientError) -> bool {
    match error {
        ClientError::Reverted(_) => true,
        ClientError::Transport(transport) => {
            transport.as_error_resp().is_some() && error.severity() == Severity::Fatal
        }
        _ => false,
    }
}

/// Why a node does not start, or stops.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The endpoint, or the deployment does not fit it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Reading the chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bundle.
    #[error(transparent)]
    Bundle(#[from] OpenError),
    /// Sending.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// A model was configured that the hub does not know.
    #[error("the hub has no model {id}")]
    UnknownModel {
        /// Its id.
        id: B256,
    },
    /// The hub has no parameters yet.
    #[error("the hub is not initialised")]
    NotInitialised,
    /// The HTTP server cannot listen.
    #[error("cannot listen for HTTP")]
    Listen(#[source] std::io::Error),
    /// A task of the node broke down.
    #[error("a part of the node broke down")]
    Panicked,
    /// The threads of the node.
    #[error("the runtime cannot be set up")]
    Runtime(#[source] std::io::Error),
}
