//! What can go wrong with the database.

use std::path::{Path, PathBuf};

use redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};
use thiserror::Error;

use super::Owner;

/// Why the database cannot be used. None of these is mended by trying again: the node stops, and what was
/// written stays as it is.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file cannot be opened, is no database, is damaged, or is in use.
    #[error("cannot open the database {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: Box<DatabaseError>,
    },
    /// Reading or writing has failed: a full disk, or a damaged file.
    #[error("the database cannot be read or written")]
    Database(#[source] Box<redb::Error>),
    /// The database is of another version.
    #[error("the database has version {found}, this program knows {known}")]
    Version {
        /// Version found.
        found: u32,
        /// Version known.
        known: u32,
    },
    /// The database belongs to another account or system.
    #[error(
        "the database belongs to {} at hub {} on chain {}, wanted is {} at hub {} on chain {}",
        found.account, found.hub, found.chain_id, wanted.account, wanted.hub, wanted.chain_id
    )]
    Owner {
        /// Whose it is.
        found: Owner,
        /// Whose it should be.
        wanted: Owner,
    },
    /// An entry is not what was written.
    #[error("the entry {key:?} of the database is damaged")]
    Content {
        /// Its key.
        key: String,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
    /// An entry cannot be encoded.
    #[error("an entry cannot be encoded")]
    Encode(#[source] serde_json::Error),
}

impl StoreError {
    pub(super) fn open(path: &Path, error: DatabaseError) -> Self {
        Self::Open { path: path.to_owned(), error: Box::new(error) }
    }
}

macro_rules! from {
    ($($error:ty),*) => {
        $(impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}

from!(TransactionError, TableError, StorageError, CommitError);
