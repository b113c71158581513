//! A disk that stops taking anything.

use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::Bytes;
use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

use super::super::{Store, database, load};
use super::twins::{COUNTER, config, creation, open, place, to};
use crate::chain::{Chain, SendError, StoreError};

/// A file that can be written to a number of times.
#[derive(Debug)]
struct Failing {
    file: FileBackend,
    writes: AtomicU64,
}

impl Failing {
    fn write_once(&self) -> io::Result<()> {
        let spend = |left: u64| left.checked_sub(1);
        let taken = self.writes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend);
        taken.map(drop).map_err(|_| io::ErrorKind::StorageFull.into())
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.write_once()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write_once()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

/// The chain in a file that takes `writes` more.
fn open_failing(path: &Path, writes: u64) -> Result<Chain, StoreError> {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let file = FileBackend::new(file).unwrap();
    let db = database(path, Failing { file, writes: AtomicU64::new(writes) })?;
    let mut chain = Chain::blank(config()).unwrap();
    let saved = load::fill(&mut chain, &db).unwrap();
    chain.store = Some(Store::new(db, path.into(), saved));
    Ok(chain)
}

#[test]
fn a_disk_that_fails_is_told_of_and_loses_nothing_told_before() {
    let (_folder, path) = place();
    let hash = open(&path).send_request(creation(&COUNTER)).unwrap();
    let counter = open(&path).receipt(hash).unwrap().contract_address.unwrap();
    let mut failed = 0;
    for writes in (0..120).step_by(5) {
        let Ok(mut chain) = open_failing(&path, writes) else { continue };
        let mut told = chain.block_number();
        let error = loop {
            match chain.send_request(to(counter, Bytes::new())) {
                Ok(hash) => told = chain.receipt(hash).unwrap().block_number.unwrap(),
                Err(error) => break error,
            }
        };
        failed += 1;
        assert!(matches!(&error, SendError::Store(StoreError::Write { .. })), "{error}");
        assert!(matches!(chain.mine(), Err(StoreError::Write { .. })));
        // Questions are still answered.
        assert!(chain.block_number() > told);
        drop(chain);
        let again = open(&path);
        assert!(again.block_number() >= told, "{writes} writes");
    }
    assert!(failed > 10);
}
