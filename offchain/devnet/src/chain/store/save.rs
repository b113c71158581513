//! Brings the file level with the chain in memory.

use std::collections::HashSet;
use std::path::PathBuf;

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::Recovered;
use alloy_primitives::{B256, KECCAK256_EMPTY};
use redb::{Database, ReadableTable, WriteTransaction};

use super::error::StoreError;
use super::record::{BlockRecord, ChangeRecord, Controls, ControlsRecord, TxRecord};
use super::table::{BLOCKS, CHANGES, CODES, CONTROLS_KEY, META, POOL};
use crate::chain::block::MinedBlock;
use crate::chain::state::{Change, Mark, State};

/// Most changes under one key.
const CHUNK: usize = 4096;

type Written<T = ()> = Result<T, redb::Error>;

/// The file of a chain, and how much of the chain is in it.
pub struct Store {
    db: Database,
    path: PathBuf,
    saved: Saved,
}

/// What is in the file.
#[derive(Debug, Default)]
pub struct Saved {
    /// Blocks.
    pub blocks: usize,
    /// Changes of the state.
    pub log: Mark,
    /// Waiting transactions.
    pub pool: Vec<B256>,
    /// Codes.
    pub codes: HashSet<B256>,
    /// Settings as written.
    pub controls: Vec<u8>,
    /// Whether the file may hold more than that.
    cut: bool,
}

/// What is to be in the file.
pub struct Present<'a> {
    /// All blocks.
    pub blocks: &'a [MinedBlock],
    /// The state with its log.
    pub state: &'a State,
    /// Waiting transactions.
    pub pool: &'a [Recovered<TxEnvelope>],
    /// Settings.
    pub controls: Controls,
}

impl Store {
    /// A file and what of the chain it holds.
    pub fn new(db: Database, path: PathBuf, saved: Saved) -> Self {
        Self { db, path, saved }
    }

    /// The chain went back to this many blocks, and to `log`.
    pub fn rewound(&mut self, blocks: usize, log: Mark) {
        self.saved.blocks = self.saved.blocks.min(blocks);
        self.saved.log = self.saved.log.min(log);
        self.saved.cut = true;
    }

    /// Writes what is not in the file yet, all of it or, on an error, nothing.
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn save(&mut self, present: &Present<'_>) -> Result<(), StoreError> {
        self.try_save(present)
            .map_err(|cause| StoreError::Write { path: self.path.clone(), cause: cause.into() })
    }

    fn try_save(&mut self, present: &Present<'_>) -> Written {
        let record = ControlsRecord::from(present.controls.clone());
        let controls = META.seal(&CONTROLS_KEY, &record);
        let pool: Vec<B256> = present.pool.iter().map(|tx| *tx.inner().tx_hash()).collect();
        let (blocks, log) = (present.blocks.len(), present.state.mark());
        let same = (blocks, log) == (self.saved.blocks, self.saved.log)
            && pool == self.saved.pool
            && controls == self.saved.controls;
        if same && !self.saved.cut {
            return Ok(());
        }
        let write = self.db.begin_write()?;
        if controls != self.saved.controls {
            write.open_table(META.definition())?.insert(CONTROLS_KEY, controls.as_slice())?;
        }
        if pool != self.saved.pool {
            save_pool(&write, &self.saved.pool, present.pool)?;
        }
        if self.saved.cut {
            cut(&write, self.saved.blocks, self.saved.log)?;
        }
        save_blocks(&write, self.saved.blocks, present.blocks)?;
        let codes = save_changes(&write, &self.saved, present.state)?;
        write.commit()?;
        self.saved.codes.extend(codes);
        self.saved.blocks = blocks;
        self.saved.log = log;
        self.saved.pool = pool;
        self.saved.controls = controls;
        self.saved.cut = false;
        Ok(())
    }
}

/// Removes blocks and changes behind those that stay.
fn cut(write: &WriteTransaction, blocks: usize, log: Mark) -> Written {
    write.open_table(BLOCKS.definition())?.retain_in(blocks as u64.., |_, _| false)?;
    let mut table = write.open_table(CHANGES.definition())?;
    table.retain_in(log.position().., |_, _| false)?;
    let Some(first) = table.last()?.map(|(key, _)| key.value()) else { return Ok(()) };
    let records: Option<Vec<ChangeRecord>> =
        table.get(first)?.and_then(|value| CHANGES.open(&first, value.value()).ok());
    // The log may end within an entry.
    let len = usize::try_from(log.position() - first).unwrap_or(usize::MAX);
    if let Some(mut records) = records.filter(|records| records.len() > len) {
        records.truncate(len);
        table.insert(first, CHANGES.seal(&first, &records).as_slice())?;
    }
    Ok(())
}

fn save_pool(write: &WriteTransaction, saved: &[B256], pool: &[Recovered<TxEnvelope>]) -> Written {
    let mut table = write.open_table(POOL.definition())?;
    let same = saved.iter().zip(pool).take_while(|(hash, tx)| *hash == tx.inner().tx_hash());
    let same = same.count();
    for index in same..saved.len() {
        table.remove(index as u64)?;
    }
    for (tx, index) in pool.iter().skip(same).zip(same as u64..) {
        table.insert(index, POOL.seal(&index, &TxRecord::from(tx)).as_slice())?;
    }
    Ok(())
}

fn save_blocks(write: &WriteTransaction, saved: usize, blocks: &[MinedBlock]) -> Written {
    let mut table = write.open_table(BLOCKS.definition())?;
    for (block, number) in blocks.iter().skip(saved).zip(saved as u64..) {
        table.insert(number, BLOCKS.seal(&number, &BlockRecord::from(block)).as_slice())?;
    }
    Ok(())
}

/// Writes changes and the code they need; gives the hashes of the latter.
fn save_changes(write: &WriteTransaction, saved: &Saved, state: &State) -> Written<Vec<B256>> {
    let mut table = write.open_table(CHANGES.definition())?;
    let changes = state.changes(saved.log);
    let mut first = saved.log.position();
    for chunk in changes.chunks(CHUNK) {
        let records: Vec<ChangeRecord> = chunk.iter().map(ChangeRecord::from).collect();
        table.insert(first, CHANGES.seal(&first, &records).as_slice())?;
        first += chunk.len() as u64;
    }
    let mut codes = Vec::new();
    for change in &changes {
        if let Change::Leaf(_, Some(leaf)) = change
            && leaf.code_hash != KECCAK256_EMPTY
            && !saved.codes.contains(&leaf.code_hash)
        {
            codes.push(leaf.code_hash);
        }
    }
    save_codes(write, &codes, state)?;
    Ok(codes)
}

fn save_codes(write: &WriteTransaction, hashes: &[B256], state: &State) -> Written {
    if hashes.is_empty() {
        return Ok(());
    }
    let mut table = write.open_table(CODES.definition())?;
    for hash in hashes {
        let code = state.now().code(*hash).original_bytes();
        table.insert(&hash.0, CODES.seal(&&hash.0, &code).as_slice())?;
    }
    Ok(())
}
