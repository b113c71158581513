//! Encoding of calls and of events: words, then arguments of variable length.

use alloc::vec::Vec;

use alloy_primitives::B256;

use crate::calldata::wide;

/// An argument of variable length.
#[derive(Clone, Copy)]
pub enum Tail<'a> {
    Bytes(&'a [u8]),
    Words(&'a [B256]),
}

impl Tail<'_> {
    /// The number in its first word, and the bytes behind it.
    fn lengths(self) -> (usize, usize) {
        match self {
            Self::Bytes(bytes) => (bytes.len(), bytes.len().next_multiple_of(32)),
            Self::Words(words) => (words.len(), words.len().saturating_mul(32)),
        }
    }
}

/// `prefix`, the words, and the canonical encoding of `tails` behind them.
#[inline(never)]
pub fn encode(prefix: &[u8], words: &[B256], tails: &[Tail<'_>]) -> Vec<u8> {
    let mut offset = words.len().saturating_add(tails.len()).saturating_mul(32);
    let mut out = prefix.to_vec();
    for word in words {
        out.extend_from_slice(word.as_slice());
    }
    for tail in tails {
        out.extend_from_slice(number(wide(offset)).as_slice());
        offset = offset.saturating_add(32).saturating_add(tail.lengths().1);
    }
    for tail in tails {
        let (length, padded) = tail.lengths();
        out.extend_from_slice(number(wide(length)).as_slice());
        let end = out.len().saturating_add(padded);
        match tail {
            Tail::Bytes(bytes) => out.extend_from_slice(bytes),
            Tail::Words(words) => {
                for word in *words {
                    out.extend_from_slice(word.as_slice());
                }
            }
        }
        out.resize(end, 0);
    }
    out
}

/// A number as a word.
pub fn number(value: u64) -> B256 {
    B256::left_padding_from(&value.to_be_bytes())
}
