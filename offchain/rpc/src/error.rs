//! Errors as JSON-RPC objects, with the codes and texts of geth.

use alloy_primitives::Bytes;
use alloy_rpc_types_eth::BlockId;
use alloy_sol_types::{Panic, SolError};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::error::METHOD_NOT_FOUND_CODE;
use opml_devnet::chain::{CallError, NotFound, SendError, StoreError};
use thiserror::Error;

use crate::params::BadValue;

/// The parameters are not what the method takes.
pub const INVALID_PARAMS: i32 = -32602;
/// Something is wrong in the server.
pub const INTERNAL: i32 = -32603;
/// Any other failure.
pub const SERVER: i32 = -32000;
/// More was asked for than is allowed.
pub const LIMIT: i32 = -32005;
/// A call reverted.
pub const REVERTED: i32 = 3;

/// Why a request has no result.
#[derive(Debug, Error)]
pub enum Error {
    /// The parameters are no array.
    #[error("non-array args")]
    NotArray,
    /// A parameter is missing.
    #[error("missing value for required argument {0}")]
    Missing(usize),
    /// There are more parameters than the method takes.
    #[error("too many arguments, want at most {0}")]
    TooMany(usize),
    /// A parameter is not of its type.
    #[error("invalid argument {index}: {reason}")]
    Argument {
        /// Its place.
        index: usize,
        /// What is wrong with it.
        reason: BadValue,
    },
    /// There is no such block, transaction or range.
    #[error("{}", not_found(.0))]
    NotFound(#[from] NotFound),
    /// A call failed.
    #[error("{}", call(.0))]
    Call(#[from] CallError),
    /// A transaction was refused.
    #[error("{}", send(.0))]
    Send(#[from] SendError),
    /// It was done, but the chain's file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction is waiting already.
    #[error("already known")]
    AlreadyKnown,
    /// `data` and `input` of a request differ.
    #[error(
        "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass \
         transaction call data"
    )]
    TwoInputs,
    /// A contract is to be created of nothing.
    #[error("contract creation without any data provided")]
    EmptyCreation,
    /// The chain does not hold the key of an account.
    #[error("unknown account")]
    UnknownAccount,
    /// Signing failed.
    #[error("signing failed: {0}")]
    Sign(#[from] alloy_signer::Error),
    /// The filter was removed, or never was.
    #[error("filter not found")]
    FilterNotFound,
    /// Logs were asked of a filter for something else.
    #[error("filter is not a log filter")]
    NotLogFilter,
    /// There are as many filters as allowed.
    #[error("too many filters, at most {0} are kept")]
    TooManyFilters(usize),
    /// A query covers too many blocks.
    #[error("block range of {blocks} blocks exceeds the limit of {limit}")]
    LogRange {
        /// Blocks asked for.
        blocks: u64,
        /// Blocks allowed.
        limit: u64,
    },
    /// A query has too many results.
    #[error("query returned more than {0} results")]
    TooManyLogs(usize),
    /// More percentiles of tips are asked for than allowed.
    #[error("invalid reward percentile: over the query limit {0}")]
    TooManyPercentiles(usize),
    /// A percentile is none.
    #[error("invalid reward percentile: {0:.6}")]
    Percentile(f64),
    /// Percentiles do not ascend.
    #[error(
        "invalid reward percentile: #{}:{before:.6} >= #{index}:{after:.6}",
        index.saturating_sub(1)
    )]
    PercentileOrder {
        /// Place of the second one.
        index: usize,
        /// The first one.
        before: f64,
        /// The second one.
        after: f64,
    },
    /// More blocks are to be mined than allowed.
    #[error("cannot mine {blocks} blocks at once, the limit is {limit}")]
    TooManyBlocks {
        /// Blocks asked for.
        blocks: u64,
        /// Blocks allowed.
        limit: u64,
    },
    /// A block is to be older than the last one.
    #[error("timestamp {0} is lower than that of the last block")]
    Timestamp(u64),
    /// A block is to be younger than time is long.
    #[error("timestamp {timestamp} is higher than {limit}")]
    FarTimestamp {
        /// The block's.
        timestamp: u64,
        /// The highest.
        limit: u64,
    },
    /// There is no such tracer.
    #[error("tracer {0:?} is not supported, only \"callTracer\" and \"stylusTracer\"")]
    Tracer(String),
    /// A tracer has no such option.
    #[error("option {0:?} of the tracer is not supported")]
    TracerOption(&'static str),
    /// There is no such kind of subscription.
    #[error("no {0:?} subscription in eth namespace")]
    Subscription(String),
    /// The handler panicked.
    #[error("internal error")]
    Panicked,
    /// The answer cannot be written as JSON.
    #[error("internal error: {0}")]
    Encode(#[from] serde_json::Error),
}

impl Error {
    /// The code clients tell errors apart by.
    pub const fn code(&self) -> i32 {
        match self {
            Self::NotArray
            | Self::Missing(_)
            | Self::TooMany(_)
            | Self::Argument { .. }
            | Self::TwoInputs => INVALID_PARAMS,
            Self::Call(CallError::Revert(_))
            | Self::Send(SendError::Estimate(CallError::Revert(_))) => REVERTED,
            Self::TooManyFilters(_)
            | Self::LogRange { .. }
            | Self::TooManyLogs(_)
            | Self::TooManyBlocks { .. }
            | Self::Call(CallError::Trace(_)) => LIMIT,
            Self::Panicked | Self::Encode(_) => INTERNAL,
            Self::NotFound(_)
            | Self::Call(_)
            | Self::Send(_)
            | Self::Store(_)
            | Self::AlreadyKnown
            | Self::EmptyCreation
            | Self::UnknownAccount
            | Self::Sign(_)
            | Self::FilterNotFound
            | Self::NotLogFilter
            | Self::Timestamp(_)
            | Self::FarTimestamp { .. }
            | Self::Tracer(_)
            | Self::TracerOption(_)
            | Self::TooManyPercentiles(_)
            | Self::Percentile(_)
            | Self::PercentileOrder { .. } => SERVER,
            Self::Subscription(_) => METHOD_NOT_FOUND_CODE,
        }
    }

    /// What a reverted call returned.
    const fn data(&self) -> Option<&Bytes> {
        match self {
            Self::Call(CallError::Revert(data))
            | Self::Send(SendError::Estimate(CallError::Revert(data))) => Some(data),
            _ => None,
        }
    }
}

impl From<Error> for ErrorObjectOwned {
    fn from(error: Error) -> Self {
        Self::owned(error.code(), error.to_string(), error.data())
    }
}

fn not_found(error: &NotFound) -> String {
    match error {
        NotFound::Block(BlockId::Hash(_)) => "header for hash not found".to_owned(),
        NotFound::Block(BlockId::Number(_)) => "header not found".to_owned(),
        NotFound::Transaction(_) => "transaction not found".to_owned(),
        NotFound::Range => error.to_string(),
    }
}

fn call(error: &CallError) -> String {
    match error {
        CallError::NotFound(error) => not_found(error),
        CallError::Revert(data) => match Panic::abi_decode(data) {
            Ok(panic) => format!("execution reverted: {}", panicked(&panic)),
            Err(_) => error.to_string(),
        },
        error => error.to_string(),
    }
}

/// A failed `assert`, overflow and the like.
fn panicked(panic: &Panic) -> String {
    panic.kind().map_or_else(
        || format!("unknown panic code: {:#x}", panic.code),
        |kind| kind.as_str().to_owned(),
    )
}

fn send(error: &SendError) -> String {
    match error {
        SendError::NoKey(_) => Error::UnknownAccount.to_string(),
        SendError::Estimate(error) => call(error),
        error => error.to_string(),
    }
}
