//! What must survive a crash, in an embedded database: every intent before it is sent, and what was spent.
//!
//! An intent owns a nonce from the moment it is first signed. All transactions that are ever signed for it
//! have that nonce, so that at most one of them can be in the chain; they are kept as they were signed, and
//! sending one again changes nothing.

mod error;
mod record;
mod rehearsal;

use std::path::Path;

use alloy_primitives::{Address, U256};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

pub use error::StoreError;
pub use record::{Mined, Record, Signed, State};

use crate::intent::Key;

const INTENTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("intents");
const SPENT: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("spent");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

const OWNER: &str = "owner";

/// Version of the tables' content.
const VERSION: u32 = 1;

/// Most bytes of the database that are kept in memory: records are read once or twice.
const CACHE: usize = 8 << 20;

/// Seconds of a day.
const DAY: u64 = 24 * 3600;

/// Whose database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The account.
    pub account: Address,
    /// The chain.
    pub chain_id: u64,
    /// The hub.
    pub hub: Address,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    version: u32,
    owner: Owner,
}

/// The database of one account.
#[derive(Debug)]
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the database of `owner`, or makes it. A file that is damaged or another's is refused, and left as it
    /// is: it may hold what was sent and is not known yet.
    pub fn open(path: &Path, owner: Owner) -> Result<Self, StoreError> {
        rehearsal::open(path).map_err(|error| StoreError::open(path, error))?;
        let database = Database::builder().set_cache_size(CACHE).create(path);
        let database = database.map_err(|error| StoreError::open(path, error))?;
        let store = Self { database };
        store.own(owner)?;
        Ok(store)
    }

    fn own(&self, owner: Owner) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        {
            let mut meta = write.open_table(META)?;
            let known = meta.get(OWNER)?.map(|bytes| bytes.value().to_vec());
            if let Some(bytes) = known {
                let known: Meta = decode(&bytes, "meta")?;
                if known.version != VERSION {
                    return Err(StoreError::Version { found: known.version, known: VERSION });
                }
                if known.owner != owner {
                    return Err(StoreError::Owner { found: known.owner, wanted: owner });
                }
            } else {
                meta.insert(OWNER, encode(&Meta { version: VERSION, owner })?.as_slice())?;
            }
            write.open_table(INTENTS)?;
            write.open_table(SPENT)?;
        }
        Ok(write.commit()?)
    }

    /// The record of an intent.
    pub fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let read = self.database.begin_read()?;
        let found = read.open_table(INTENTS)?.get(key.as_ref())?;
        found.map(|bytes| decode(bytes.value(), key.as_ref())).transpose()
    }

    /// Writes a record; it is on the disk when this returns.
    pub fn put(&self, record: &Record) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        let bytes = encode(record)?;
        write.open_table(INTENTS)?.insert(record.intent.key.as_ref(), bytes.as_slice())?;
        Ok(write.commit()?)
    }

    /// Writes a record of a transaction that is in a block, and what its gas has cost, both or neither.
    pub fn settle(&self, record: &Record, second: u64, gas: U256) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        {
            let bytes = encode(record)?;
            write.open_table(INTENTS)?.insert(record.intent.key.as_ref(), bytes.as_slice())?;
            let mut spent = write.open_table(SPENT)?;
            let day = second / DAY;
            let before = spent.get(day)?.map(|bytes| U256::from_be_slice(bytes.value()));
            let sum = before.unwrap_or_default().saturating_add(gas);
            spent.insert(day, sum.to_be_bytes::<32>().as_slice())?;
        }
        Ok(write.commit()?)
    }

    /// All records.
    pub fn records(&self) -> Result<Vec<Record>, StoreError> {
        let read = self.database.begin_read()?;
        let table = read.open_table(INTENTS)?;
        let mut records = Vec::new();
        for entry in table.iter()? {
            let (key, bytes) = entry?;
            records.push(decode(bytes.value(), key.value())?);
        }
        Ok(records)
    }

    /// Forgets records; only such of which nothing can come any more.
    pub fn forget(&self, keys: &[Key]) -> Result<(), StoreError> {
        let write = self.database.begin_write()?;
        {
            let mut table = write.open_table(INTENTS)?;
            for key in keys {
                table.remove(key.as_ref())?;
            }
        }
        Ok(write.commit()?)
    }

    /// Wei of gas on the day of `second`.
    pub fn gas_on_day_of(&self, second: u64) -> Result<U256, StoreError> {
        let read = self.database.begin_read()?;
        let bytes = read.open_table(SPENT)?.get(second / DAY)?;
        Ok(bytes.map(|bytes| U256::from_be_slice(bytes.value())).unwrap_or_default())
    }
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(StoreError::Encode)
}

fn decode<T: for<'a> Deserialize<'a>>(bytes: &[u8], key: &str) -> Result<T, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|error| StoreError::Content { key: key.to_owned(), error })
}
