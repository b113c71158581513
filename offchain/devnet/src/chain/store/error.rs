//! Why a chain could not be read from its file or written to it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::chain::StartError;

/// A chain's file could not be used. Each error names the file. What it was caused by is part of
/// its text, and so not its [`source`](std::error::Error::source).
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file cannot be opened, made or read.
    #[error("{}: {cause}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// Another process, or another chain of this one, has it open.
    #[error("{}: in use by another chain", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It holds something else.
    #[error("{}: not the file of a chain", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It was written by a version of this program with another format.
    #[error("{}: format {have}, this program reads {want}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        have: u32,
        /// Format that is read.
        want: u32,
    },
    /// It belongs to a chain with other parameters.
    #[error("{}: {name} is {have} there and {want} here", path.display())]
    Parameter {
        /// The file.
        path: PathBuf,
        /// Which parameter.
        name: &'static str,
        /// Its value in the file.
        have: String,
        /// Its value in the configuration.
        want: String,
    },
    /// It is damaged. Nothing was changed.
    #[error("{}: damaged: {damage}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        damage: Damage,
    },
    /// What the chain did could not be written: the chain in memory is ahead of its file. Later
    /// changes are refused in the same way; opening the file again goes on from the last change
    /// that was acknowledged.
    #[error("{}: cannot be written: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: Box<redb::Error>,
    },
    /// The chain itself could not be set up.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// What is wrong with a damaged file.
#[derive(Debug, Error)]
pub enum Damage {
    /// Its pages do not fit together.
    #[error("database: {0}")]
    Database(Box<redb::Error>),
    /// The checksum of an entry is wrong.
    #[error("{table} entry {key}: wrong checksum")]
    Checksum {
        /// Its table.
        table: &'static str,
        /// Its key.
        key: String,
    },
    /// An entry cannot be decoded.
    #[error("{table} entry {key}: {cause}")]
    Entry {
        /// Its table.
        table: &'static str,
        /// Its key.
        key: String,
        /// What is wrong.
        cause: alloy_rlp::Error,
    },
    /// An entry is missing or out of its place.
    #[error("{table} entry {key} is missing")]
    Missing {
        /// Its table.
        table: &'static str,
        /// Its key.
        key: String,
    },
    /// A block's content does not have the block's hash.
    #[error("block {0} does not have its hash")]
    Block(u64),
    /// A change that changes nothing, or names code that is not there.
    #[error("change {0} does not fit the state")]
    Change(u64),
}

impl Damage {
    /// What redb found.
    pub fn database(error: impl Into<redb::Error>) -> Self {
        Self::Database(Box::new(error.into()))
    }
}
