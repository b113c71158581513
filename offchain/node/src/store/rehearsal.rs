//! Opening a copy first: a database that was not closed is mended as it is opened, and one that is damaged must
//! stay as it is.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use redb::backends::InMemoryBackend;
use redb::{Builder, DatabaseError, StorageBackend as _};

/// Opens what is in the file in memory, with every check that there is. A file that is not there or empty is in order:
/// a database is made of it. Takes as much memory as the file has bytes, for as long as it lasts.
pub(super) fn open(path: &Path) -> Result<(), DatabaseError> {
    let Some(content) = read(path)? else { return Ok(()) };
    let copy = InMemoryBackend::new();
    copy.set_len(content.len() as u64)?;
    copy.write(0, &content)?;
    // Without the check redb trusts a file that was closed, and panics where it should not.
    Builder::new().set_check_integrity_on_open(true).create_with_backend(copy)?;
    Ok(())
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, DatabaseError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match file.try_lock_shared() {
        // Half of what somebody writes just now would look like damage.
        Err(TryLockError::WouldBlock) => return Err(DatabaseError::DatabaseAlreadyOpen),
        // Where there are no locks, redb says so itself.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok((!content.is_empty()).then_some(content))
}
