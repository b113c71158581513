//! What is kept of an intent.

use alloy_primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};

use crate::intent::Intent;

/// An intent, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What is wanted.
    pub intent: Intent,
    /// How far it is.
    pub state: State,
}

impl Record {
    /// The nonce of what may be on its way.
    pub const fn nonce(&self) -> Option<u64> {
        if let State::Sent { nonce, .. } = self.state { Some(nonce) } else { None }
    }
}

/// A transaction as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Its hash.
    pub hash: B256,
    /// Its encoding.
    pub raw: Bytes,
    /// Most wei that it pays for a unit of gas.
    pub max_fee: u128,
}

/// Where a transaction was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mined {
    /// Its hash.
    pub hash: B256,
    /// Number of the block.
    pub block: u64,
    /// Hash of the block.
    pub block_hash: B256,
    /// Whether it has done anything.
    pub success: bool,
}

/// How far an intent is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down; nothing is signed.
    Written,
    /// Signed, and maybe sent: one of these may be in the chain.
    Sent {
        /// Nonce of all of them.
        nonce: u64,
        /// Gas limit of all of them.
        gas: u64,
        /// In the order of signing, each dearer than the one before.
        transactions: Vec<Signed>,
    },
    /// In a block.
    Mined {
        /// Where.
        mined: Mined,
        /// Nonce and gas limit, in case the block goes.
        nonce: u64,
        /// Gas limit of all of them.
        gas: u64,
        /// All that were signed.
        transactions: Vec<Signed>,
    },
    /// The contract would refuse it.
    Refused {
        /// Why.
        reason: String,
    },
    /// Another transaction has its nonce: none of its own can come any more.
    Dropped,
}

impl State {
    /// Whether a transaction may be on its way.
    pub const fn is_sent(&self) -> bool {
        matches!(self, Self::Sent { .. })
    }
}
