//! Reading the chain: all questions to an endpoint are asked here.

mod activation;
mod follow;
#[cfg(test)]
mod follow_tests;
mod heads;
mod reader;

use alloy_primitives::{B256, U256};

pub use activation::Activation;
pub use follow::{Advance, Follower, Interest};
pub use heads::Heads;
pub use reader::{ChainError, Reader};

/// A block that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Hash of the block before it.
    pub parent: B256,
    /// Its timestamp in seconds.
    pub timestamp: u64,
}

/// What an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    /// Wei outside the hub.
    pub balance: U256,
    /// Wei of credit in the hub.
    pub credit: U256,
}
