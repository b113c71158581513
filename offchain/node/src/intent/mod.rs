//! What a duty wants done on the chain, named by its content so that it is done once.

mod act;

use std::fmt;

use alloy_primitives::{Address, Bytes, U256};
use serde::{Deserialize, Serialize};

pub use act::{Act, ClaimedResult, Renewal};

/// Names an intent by what it is about. Equal intents have equal keys, also after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// That of a transaction that only uses a nonce up.
    pub(crate) fn fill(nonce: u64) -> Self {
        Self(format!("fill:{nonce}"))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A call as a transaction makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Who is called.
    pub to: Address,
    /// Wei sent.
    pub value: U256,
    /// Calldata.
    pub data: Bytes,
}

impl Urgency {
    /// Whether money is lost if it is late.
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::Before(_))
    }
}

/// How soon an act must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Urgency {
    /// Before this second, or money is lost.
    Before(u64),
    /// Soon: others may be first.
    Soon,
    /// Whenever it is convenient.
    Later,
}

/// An act with its name, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its name.
    pub key: Key,
    /// What it does, in a word.
    pub kind: String,
    /// How.
    pub call: Call,
    /// How soon.
    pub urgency: Urgency,
    /// It may be wanted again after it was done: its name does not tell the times apart.
    #[serde(default)]
    pub repeats: bool,
}
