//! Records: up to 256 words of storage under an id.
//!
//! Word `i` of a record lies in the slot whose number is `keccak256(kind || id)`, kind a word, with its
//! last byte replaced by `i`.

use alloy_primitives::{Address, B256};
use opml_core::keccak::Keccak;

use crate::Word;
use crate::host::{self, HostKeccak};

/// Where a record lies.
#[derive(Clone, Copy, Debug)]
pub struct Record(B256);

impl Record {
    /// The record of this kind, a number of the contract's choice, with this id.
    #[inline(never)]
    pub fn new(kind: u8, id: B256) -> Self {
        Self(HostKeccak::node(&kind.word(), &id))
    }

    /// Word `index`.
    #[inline(never)]
    pub fn get(self, index: u8) -> B256 {
        host::load(self.slot(index))
    }

    /// Writes word `index`.
    #[inline(never)]
    pub fn set(self, index: u8, word: B256) {
        host::store(self.slot(index), word);
    }

    #[inline]
    fn slot(self, index: u8) -> B256 {
        let mut slot = self.0;
        let [.., last] = &mut slot.0;
        *last = index;
        slot
    }
}

/// A word that holds one number.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub Record, pub u8);

impl Number {
    /// The number.
    #[inline]
    pub fn get(self) -> u128 {
        self.0.get(self.1).last_chunk().copied().map(u128::from_be_bytes).unwrap_or_default()
    }

    /// Writes it.
    #[inline]
    pub fn set(self, value: u128) {
        self.0.set(self.1, value.word());
    }
}

/// The fields of a word from its first byte on.
#[derive(Clone, Copy, Debug)]
pub struct Unpacker(B256, usize);

impl Unpacker {
    /// Before the first field.
    #[inline]
    pub const fn new(word: B256) -> Self {
        Self(word, 0)
    }

    /// The next 20 bytes.
    #[inline]
    pub fn address(&mut self) -> Address {
        Address::from_word(self.next(20).word())
    }

    /// The next `bytes` bytes as a big-endian number; `T` holds it.
    pub fn number<T: TryFrom<u128> + Default>(&mut self, bytes: usize) -> T {
        T::try_from(self.wide(bytes)).unwrap_or_default()
    }

    /// Whether the next byte is not zero.
    #[inline]
    pub fn flag(&mut self) -> bool {
        self.wide(1) != 0
    }

    #[inline]
    fn wide(&mut self, bytes: usize) -> u128 {
        let word = self.next(bytes);
        word.last_chunk().copied().map(u128::from_be_bytes).unwrap_or_default()
    }

    #[inline(never)]
    fn next(&mut self, bytes: usize) -> B256 {
        let end = self.1.saturating_add(bytes);
        let field = B256::left_padding_from(self.0.get(self.1..end).unwrap_or_default());
        self.1 = end;
        field
    }
}

/// Fields of a word, put in from its first byte on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packer(B256, usize);

impl Packer {
    /// 20 bytes.
    #[inline]
    pub fn address(self, account: Address) -> Self {
        self.put(account.as_slice(), 20)
    }

    /// The last `bytes` bytes of a number.
    #[inline]
    pub fn number(self, value: impl Into<u128>, bytes: usize) -> Self {
        let value: u128 = value.into();
        self.put(&value.to_be_bytes(), bytes)
    }

    #[inline(never)]
    fn put(mut self, value: &[u8], bytes: usize) -> Self {
        let end = self.1.saturating_add(bytes);
        let from = value.get(value.len().saturating_sub(bytes)..).unwrap_or_default();
        for (place, byte) in self.0.get_mut(self.1..end).unwrap_or_default().iter_mut().zip(from) {
            *place = *byte;
        }
        self.1 = end;
        self
    }

    /// The word.
    #[inline]
    pub const fn word(self) -> B256 {
        self.0
    }
}
