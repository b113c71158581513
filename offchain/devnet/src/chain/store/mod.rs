//! A chain in a file.
//!
//! [`Chain::open`] continues the chain in a file, or starts one in a new file: whatever then
//! changes is in the file when the method that changed it returns. [`Chain::load`] reads a file
//! and leaves it alone.
//!
//! The file is a redb database. It keeps blocks with their transactions and receipts, every change
//! of the state in order (so that past states can be asked for), code, waiting transactions, and
//! what was set on the chain: time, snapshots, impersonation, mining. Traces are not kept: they are
//! made anew when asked for. Reading a file executes nothing, but computes every hash again.

mod backend;
mod error;
mod load;
mod parameters;
mod record;
mod save;
mod table;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend, StorageError};
use tempfile::{NamedTempFile, PersistError};

pub use error::{Damage, StoreError};

use super::Chain;
use super::config::{ChainConfig, Durability};
use backend::{Image, Unflushed};
use record::Controls;
pub use save::Store;
use save::{Present, Saved};

/// Bytes of the file that redb keeps in memory. The chain itself is in memory; the file is read
/// once.
const CACHE: usize = 16 << 20;

/// Gives a new file its name, in place of one that is there or not.
type Naming<'p> = fn(NamedTempFile, &'p Path) -> Result<File, PersistError>;

impl Chain {
    /// The chain in the file `path`, to go on from where it was left. A file that is missing or
    /// empty becomes that of a new chain.
    ///
    /// From then on every method that changes the chain writes the change before it returns, as
    /// one transaction: after a crash the file holds all changes whose methods returned, and each
    /// other one wholly or not at all. [`ChainConfig::durability`] tells which crashes that is true
    /// for. Only one chain has a file open at a time.
    ///
    /// `config` must be that the file was made with; accounts and clock may differ. Accounts are
    /// funded when the chain is new, not later.
    ///
    /// # Errors
    /// [`StoreError`]; a file that is refused is left as it is.
    pub fn open(path: impl AsRef<Path>, config: ChainConfig) -> Result<Self, StoreError> {
        let path = path.as_ref();
        match fs::metadata(path) {
            Ok(meta) if meta.len() > 0 => Self::reopen(path, config),
            Ok(_) => Self::create(path, config, NamedTempFile::persist),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Self::create(path, config, NamedTempFile::persist_noclobber)
            }
            Err(cause) => Err(StoreError::Open { path: path.into(), cause }),
        }
    }

    /// A copy of the chain in the file `path`. Nothing is written back; the file must not be open
    /// as a chain's meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn load(path: impl AsRef<Path>, config: ChainConfig) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let content = read_shared(path)?;
        let db = database(path, Image::new(content))?;
        parameters::check(path, &db, &config)?;
        let mut chain = Self::blank(config)?;
        load::fill(&mut chain, &db).map_err(|damage| damaged(path, damage))?;
        Ok(chain)
    }

    fn reopen(path: &Path, config: ChainConfig) -> Result<Self, StoreError> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|cause| StoreError::Open { path: path.into(), cause })?;
        let db = database_in(path, file, config.durability)?;
        parameters::check(path, &db, &config)?;
        let mut chain = Self::blank(config)?;
        let saved = load::fill(&mut chain, &db).map_err(|damage| damaged(path, damage))?;
        chain.store = Some(Store::new(db, path.into(), saved));
        Ok(chain)
    }

    /// The file gets its name, by `name`, when the genesis block is in it, so that a crash before
    /// leaves none.
    fn create<'p>(
        path: &'p Path,
        config: ChainConfig,
        name: Naming<'p>,
    ) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::Open { path: path.into(), cause };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        folder.metadata().map_err(failed)?;
        // Its own text names the temporary file.
        let temporary = NamedTempFile::new_in(folder);
        let temporary = temporary.map_err(|error| failed(error.kind().into()))?;
        let file = temporary.reopen().map_err(failed)?;
        let durability = config.durability;
        let db = database_in(path, file, durability)?;
        parameters::write(path, &db, &config)?;
        let mut chain = Self::new(config)?;
        chain.store = Some(Store::new(db, path.into(), Saved::default()));
        chain.commit()?;
        name(temporary, path).map_err(|error| match error.error {
            // Another chain was quicker.
            error if error.kind() == io::ErrorKind::AlreadyExists => {
                StoreError::InUse { path: path.into() }
            }
            error => failed(error),
        })?;
        if durability == Durability::PowerLoss {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(chain)
    }

    /// Writes what changed to the chain's file, if it has one.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let mut impersonated: Vec<_> = self.impersonated.iter().copied().collect();
        impersonated.sort_unstable();
        let controls = Controls {
            mining: self.mining,
            time: self.time,
            snapshots: self.snapshots.clone(),
            last_snapshot: self.last_snapshot,
            impersonated,
            impersonate_all: self.impersonate_all,
        };
        let present = Present {
            blocks: &self.blocks,
            state: &self.state,
            pool: self.pool.transactions(),
            controls,
        };
        store.save(&present)
    }
}

fn damaged(path: &Path, damage: Damage) -> StoreError {
    StoreError::Damaged { path: path.into(), damage }
}

fn database_in(path: &Path, file: File, durability: Durability) -> Result<Database, StoreError> {
    let backend = FileBackend::new(file).map_err(|error| unusable(path, error))?;
    match durability {
        Durability::PowerLoss => database(path, backend),
        Durability::Process => database(path, Unflushed(backend)),
    }
}

fn database(path: &Path, backend: impl StorageBackend) -> Result<Database, StoreError> {
    let mut builder = Builder::new();
    // Without the check redb trusts the file, and panics where it should not.
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder.create_with_backend(backend).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.to_path_buf();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::InUse { path }
        }
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() == io::ErrorKind::InvalidData =>
        {
            StoreError::Foreign { path }
        }
        error => StoreError::Damaged { path, damage: Damage::database(error) },
    }
}

/// The content of a file that no chain is writing to.
fn read_shared(path: &Path) -> Result<Vec<u8>, StoreError> {
    let failed = |cause| StoreError::Open { path: path.into(), cause };
    let mut file = File::open(path).map_err(failed)?;
    match file.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: path.into() }),
        Err(TryLockError::Error(cause)) => return Err(failed(cause)),
    }
    let mut content = Vec::new();
    io::Read::read_to_end(&mut file, &mut content).map_err(failed)?;
    if content.is_empty() {
        return Err(StoreError::Foreign { path: path.into() });
    }
    Ok(content)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
