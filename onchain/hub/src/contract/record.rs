//! Records: up to 256 words of storage under an id.
//!
//! Word `i` of a record lies in the slot whose number is `keccak256(kind || id)`, kind a word, with its
//! last byte replaced by `i`.

use alloy_primitives::{Address, B256};
use opml_core::keccak::Keccak;

use super::encode::Word;
use super::host::{self, HostKeccak};

/// What a record is about.
#[derive(Clone, Copy)]
pub enum Kind {
    Hub,
    Account,
    Model,
    Request,
    Claim,
    Game,
    Live,
}

/// Where a record lies.
#[derive(Clone, Copy)]
pub struct Record(B256);

impl Record {
    #[inline(never)]
    pub fn new(kind: Kind, id: B256) -> Self {
        Self(HostKeccak::node(&(kind as u8).word(), &id))
    }

    #[inline(never)]
    pub fn get(self, index: u8) -> B256 {
        host::load(self.slot(index))
    }

    #[inline(never)]
    pub fn set(self, index: u8, word: B256) {
        host::store(self.slot(index), word);
    }

    fn slot(self, index: u8) -> B256 {
        let mut slot = self.0;
        let [.., last] = &mut slot.0;
        *last = index;
        slot
    }
}

/// The fields of a word from its first byte on.
pub struct Unpacker(B256, usize);

impl Unpacker {
    pub const fn new(word: B256) -> Self {
        Self(word, 0)
    }

    pub fn address(&mut self) -> Address {
        Address::from_word(self.next(20).word())
    }

    /// The next `bytes` bytes as a big-endian number; `T` holds it.
    pub fn number<T: TryFrom<u128> + Default>(&mut self, bytes: usize) -> T {
        T::try_from(self.wide(bytes)).unwrap_or_default()
    }

    pub fn flag(&mut self) -> bool {
        self.wide(1) != 0
    }

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
#[derive(Default)]
pub struct Packer(B256, usize);

impl Packer {
    pub fn address(self, account: Address) -> Self {
        self.put(account.as_slice(), 20)
    }

    /// The last `bytes` bytes of a number.
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

    pub const fn word(self) -> B256 {
        self.0
    }
}
