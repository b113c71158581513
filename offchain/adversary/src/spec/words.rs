//! Words, ids and slots: docs/spec.md, 9.4, 10.1 and 10.5.

use alloy_primitives::{Address, B256, U256, keccak256};

use crate::machine::graph::tag;

/// keccak256 of a tag and words.
pub fn id(text: &str, words: &[B256]) -> B256 {
    let words = words.iter().flat_map(|word| word.0);
    keccak256(tag(text).into_iter().chain(words).collect::<Vec<u8>>())
}

/// A number as a word.
pub fn number(value: impl TryInto<u128>) -> B256 {
    U256::from(value.try_into().unwrap_or(u128::MAX)).into()
}

/// An address as a word.
pub fn address(value: Address) -> B256 {
    value.into_word()
}

/// Word `index` of a record of the hub.
pub fn slot(kind: u8, id: B256, index: u8) -> B256 {
    let mut slot = keccak256([number(kind).0, id.0].concat());
    slot.0[31] = index;
    slot
}

/// Word `index` of a game in the game contract.
pub fn game_slot(game: B256, index: u64) -> B256 {
    let base = keccak256([game.0, number(2_u8).0].concat());
    (U256::from_be_bytes(base.0) + U256::from(index)).into()
}

/// Packs fields from a word's first byte on.
#[derive(Clone, Debug, Default)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// A word without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number of so many bytes behind what is there.
    #[must_use]
    pub fn number(mut self, bytes: usize, value: impl TryInto<u128>) -> Self {
        self.0.extend(&number(value).0[32 - bytes..]);
        self
    }

    /// An address behind what is there.
    #[must_use]
    pub fn address(mut self, value: Address) -> Self {
        self.0.extend(value.as_slice());
        self
    }

    /// The word.
    pub fn word(mut self) -> B256 {
        self.0.resize(32, 0);
        B256::from_slice(&self.0)
    }
}
