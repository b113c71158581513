//! The tables of a chain's file. Every value carries a checksum over its table, key and content.

use alloy_primitives::keccak256;
use alloy_rlp::{Decodable, Encodable};
use redb::{Key, TableDefinition};

use super::error::Damage;

/// Format of the file; it grows with every change of a table or record.
pub const FORMAT: u32 = 1;

/// Bytes of the checksum: the start of a Keccak-256.
const CHECKSUM: usize = 8;

/// A table from keys to bytes.
#[derive(Clone, Copy, Debug)]
pub struct Table<K: 'static> {
    /// Its name.
    pub name: &'static str,
    key: std::marker::PhantomData<K>,
}

/// Format, and settings that change.
pub const META: Table<&'static str> = Table::new("meta");
/// What the chain was configured with, by name.
pub const PARAMETERS: Table<&'static str> = Table::new("parameters");
/// Blocks by number.
pub const BLOCKS: Table<u64> = Table::new("blocks");
/// Changes of the state in order; the key is the position of the first in the state's log.
pub const CHANGES: Table<u64> = Table::new("changes");
/// Code by hash.
pub const CODES: Table<&'static [u8; 32]> = Table::new("codes");
/// Waiting transactions in order.
pub const POOL: Table<u64> = Table::new("pool");

/// Key of the format in [`META`].
pub const FORMAT_KEY: &str = "format";
/// Key of the settings in [`META`].
pub const CONTROLS_KEY: &str = "controls";

impl<K: Key + 'static> Table<K> {
    const fn new(name: &'static str) -> Self {
        Self { name, key: std::marker::PhantomData }
    }

    /// As redb wants it.
    pub const fn definition(&self) -> TableDefinition<'static, K, &'static [u8]> {
        TableDefinition::new(self.name)
    }

    /// `record` as it is stored under `key`.
    pub fn seal(&self, key: &K::SelfType<'_>, record: &impl Encodable) -> Vec<u8> {
        let mut value = vec![0; CHECKSUM];
        record.encode(&mut value);
        let checksum = self.checksum(key, &value[CHECKSUM..]);
        value[..CHECKSUM].copy_from_slice(&checksum);
        value
    }

    /// The record stored under `key`.
    ///
    /// # Errors
    /// [`Damage`] when it is not what was stored.
    pub fn open<T: Decodable>(&self, key: &K::SelfType<'_>, value: &[u8]) -> Result<T, Damage> {
        let (checksum, mut content) =
            value.split_at_checked(CHECKSUM).ok_or_else(|| self.checksum_is_wrong(key))?;
        if checksum != self.checksum(key, content) {
            return Err(self.checksum_is_wrong(key));
        }
        let record = T::decode(&mut content).map_err(|cause| self.undecodable(key, cause))?;
        if !content.is_empty() {
            return Err(self.undecodable(key, alloy_rlp::Error::UnexpectedLength));
        }
        Ok(record)
    }

    /// The entry under `key` does not say what it should.
    pub fn undecodable(&self, key: &K::SelfType<'_>, cause: alloy_rlp::Error) -> Damage {
        Damage::Entry { table: self.name, key: format!("{key:?}"), cause }
    }

    /// There is no entry under `key`.
    pub fn missing(&self, key: &K::SelfType<'_>) -> Damage {
        Damage::Missing { table: self.name, key: format!("{key:?}") }
    }

    fn checksum_is_wrong(&self, key: &K::SelfType<'_>) -> Damage {
        Damage::Checksum { table: self.name, key: format!("{key:?}") }
    }

    fn checksum(&self, key: &K::SelfType<'_>, content: &[u8]) -> [u8; CHECKSUM] {
        let key = K::as_bytes(key);
        let hash = keccak256([self.name.as_bytes(), key.as_ref(), content].concat());
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(&hash[..CHECKSUM]);
        checksum
    }
}
