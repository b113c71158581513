//! Kernels between text and tokens.

use super::checks::Checks;
use super::text::REQUEST_HEADER;
use crate::illegal::Role;

/// Words in front of a row of tokens.
const HEADER: u64 = 8;
/// Bytes from one token of a history to the next.
const SLOT: u64 = 64;

/// [`crate::Kernel::Encode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encode {
    /// Most tokens and, before they are joined, most bytes and special tokens.
    pub n: u32,
    /// Words of the tokenizer's table.
    pub table: u32,
}

impl Encode {
    pub(super) fn parse(checks: &Checks) -> Self {
        let (n, table) = (checks.length(0), checks.length(1));
        checks.one_column();
        checks.holds(Role::Input(0), REQUEST_HEADER.saturating_add(n.into()));
        checks.holds_words(Role::Input(1), table.into());
        // Tokens, links in both directions, and a tree of at most 4 n nodes.
        let words = HEADER.saturating_add(u64::from(n).saturating_mul(7));
        checks.holds_words(Role::Output, words);
        Self { n, table }
    }
}

/// [`crate::Kernel::Next`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Most tokens of the prompt.
    pub n: u32,
    /// Positions that the model has.
    pub capacity: u32,
    /// Tokens that end a text.
    pub stops: [u32; 4],
}

impl Next {
    pub(super) fn parse(checks: &Checks) -> Self {
        let (n, capacity) = (checks.length(0), checks.length(1));
        checks.one_column();
        checks.holds_words(Role::Input(0), HEADER.saturating_add(n.into()));
        checks.holds(Role::Input(2), REQUEST_HEADER);
        checks.holds(Role::Output, SLOT);
        let stops = [2, 3, 4, 5].map(|index| checks.param(index));
        Self { n, capacity, stops }
    }

    /// Bytes of the prompt that are read.
    pub(super) fn prompt_bytes(&self) -> u64 {
        HEADER.saturating_add(self.n.into()).saturating_mul(4)
    }
}

/// [`crate::Kernel::Decode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decode {
    /// Positions that the model has.
    pub capacity: u32,
    /// Words of the vocabulary's table.
    pub table: u32,
    /// Most bytes of text.
    pub bytes: u32,
}

impl Decode {
    pub(super) fn parse(checks: &Checks) -> Self {
        let [capacity, table, bytes] = [checks.length(0), checks.length(1), checks.length(2)];
        let decode = Self { capacity, table, bytes };
        checks.one_column();
        checks.holds(Role::Input(0), decode.history_bytes());
        checks.holds_words(Role::Input(2), table.into());
        checks.holds(Role::Output, u64::from(bytes).saturating_add(32));
        decode
    }

    /// Bytes of the history: a slot a position.
    pub(super) fn history_bytes(&self) -> u64 {
        u64::from(self.capacity).saturating_mul(SLOT)
    }
}
