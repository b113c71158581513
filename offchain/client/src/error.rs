//! What can go wrong between this program and a chain, and whether to try again.

use std::path::PathBuf;
use std::time::Duration;

use alloy_json_rpc::RpcError;
use alloy_primitives::{Address, B256, Bytes};
use alloy_provider::PendingTransactionError;
use alloy_transport::{TransportError, TransportErrorKind};
use thiserror::Error;

use crate::reverts::explain;

/// What the caller should do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The same request may succeed later.
    Retry,
    /// The same request will fail again.
    Fatal,
}

/// Why a request to a chain has failed.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The address of the endpoint is none.
    #[error("{url:?} is no URL that begins with http://, https://, ws:// or wss://")]
    BadUrl {
        /// What was given.
        url: String,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot set up an HTTP client")]
    HttpClient(#[source] alloy_transport_http::reqwest::Error),
    /// The endpoint did not answer, or not as a node does.
    #[error("no answer from the node")]
    Transport(#[source] Box<TransportError>),
    /// The endpoint did not answer in time.
    #[error("no answer from the node within {} s", .0.as_secs())]
    Timeout(Duration),
    /// A contract refused the call, or the call the node made for it.
    #[error("refused: {}", explain(.0))]
    Reverted(Bytes),
    /// A contract's answer cannot be decoded.
    #[error("a contract's answer is not what its interface says")]
    Answer(#[source] Box<alloy_contract::Error>),
    /// A transaction is in a block and has failed.
    #[error("transaction {transaction} has failed in block {block}")]
    Failed {
        /// Its hash.
        transaction: B256,
        /// Number of the block.
        block: u64,
    },
    /// A transaction is in no block yet.
    #[error("transaction {transaction} is in no block after {} s", waited.as_secs())]
    NotMined {
        /// Its hash.
        transaction: B256,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The node serves another chain.
    #[error("the node serves chain {actual}, wanted is chain {expected}")]
    WrongChain {
        /// Chain id of the deployment.
        expected: u64,
        /// Chain id of the node.
        actual: u64,
    },
    /// There is no contract where one should be.
    #[error("there is no code at {address}, where the {contract} should be")]
    NoCode {
        /// Name of the contract.
        contract: &'static str,
        /// Where it was looked for.
        address: Address,
    },
    /// There is another contract where one should be.
    #[error("the code of the {contract} at {address} hashes to {actual}, not to {expected}")]
    WrongCode {
        /// Name of the contract.
        contract: &'static str,
        /// Where it is.
        address: Address,
        /// Hash that the deployment names.
        expected: B256,
        /// Hash of the code there.
        actual: B256,
    },
    /// A file cannot be read or written.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A file is no deployment.
    #[error("{} is no deployment file", path.display())]
    DeploymentFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
}

impl ClientError {
    /// Whether to try again.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Transport(error) => transport_severity(error),
            Self::Timeout(_) | Self::NotMined { .. } => Severity::Retry,
            Self::BadUrl { .. }
            | Self::HttpClient(_)
            | Self::Reverted(_)
            | Self::Answer(_)
            | Self::Failed { .. }
            | Self::WrongChain { .. }
            | Self::NoCode { .. }
            | Self::WrongCode { .. }
            | Self::File { .. }
            | Self::DeploymentFile { .. } => Severity::Fatal,
        }
    }

    /// What the contract reverted with, if one did.
    pub const fn revert(&self) -> Option<&Bytes> {
        if let Self::Reverted(data) = self { Some(data) } else { None }
    }
}

/// A node that is away, overloaded or behind comes back; one that understood and refused does not.
fn transport_severity(error: &TransportError) -> Severity {
    match error {
        RpcError::Transport(TransportErrorKind::NonRetryable(_))
        | RpcError::UnsupportedFeature(_)
        | RpcError::LocalUsageError(_)
        | RpcError::SerError(_)
        | RpcError::DeserError { .. } => Severity::Fatal,
        RpcError::ErrorResp(payload) if !payload.is_retry_err() => Severity::Fatal,
        RpcError::Transport(TransportErrorKind::HttpError(http))
            if (400..500).contains(&http.status) && http.status != 429 && http.status != 408 =>
        {
            Severity::Fatal
        }
        RpcError::ErrorResp(_) | RpcError::Transport(_) | RpcError::NullResp => Severity::Retry,
    }
}

impl From<TransportError> for ClientError {
    fn from(error: TransportError) -> Self {
        match error.as_error_resp().and_then(alloy_json_rpc::ErrorPayload::as_revert_data) {
            Some(data) => Self::Reverted(data),
            None => Self::Transport(Box::new(error)),
        }
    }
}

impl From<alloy_contract::Error> for ClientError {
    fn from(error: alloy_contract::Error) -> Self {
        match error {
            alloy_contract::Error::TransportError(error) => error.into(),
            alloy_contract::Error::PendingTransactionError(error) => error.into(),
            other => Self::Answer(Box::new(other)),
        }
    }
}

impl From<PendingTransactionError> for ClientError {
    fn from(error: PendingTransactionError) -> Self {
        match error {
            PendingTransactionError::TransportError(error) => error.into(),
            other => Self::Transport(Box::new(TransportErrorKind::custom(other))),
        }
    }
}
