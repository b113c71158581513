//! Reads a chain from its file. Nothing is executed; everything is checked.

use std::vec::IntoIter;

use alloy_primitives::{B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use redb::{Database, Key, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable};

use super::error::Damage;
use super::record::{BlockRecord, ChangeRecord, Controls, ControlsRecord, TxRecord};
use super::save::Saved;
use super::table::{BLOCKS, CHANGES, CODES, CONTROLS_KEY, META, POOL, Table};
use crate::chain::Chain;
use crate::chain::block::End;
use crate::chain::state::{Change, Mark, State, bytecode};

type Read<T = ()> = Result<T, Damage>;

/// A table of the file; none if nothing was ever written to it.
pub fn table<K: Key + 'static>(
    read: &ReadTransaction,
    table: &Table<K>,
) -> Read<Option<ReadOnlyTable<K, &'static [u8]>>> {
    match read.open_table(table.definition()) {
        Ok(opened) => Ok(Some(opened)),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(Damage::database(error)),
    }
}

/// Fills a chain without blocks with what is in the file.
pub fn fill(chain: &mut Chain, db: &Database) -> Read<Saved> {
    let read = db.begin_read().map_err(Damage::database)?;
    let mut saved = Saved::default();
    read_codes(chain, &read, &mut saved)?;
    read_blocks(chain, &read)?;
    read_pool(chain, &read, &mut saved)?;
    read_controls(chain, &read, &mut saved)?;
    saved.blocks = chain.blocks.len();
    saved.log = chain.state.mark();
    Ok(saved)
}

fn read_codes(chain: &mut Chain, read: &ReadTransaction, saved: &mut Saved) -> Read {
    let Some(codes) = table(read, &CODES)? else { return Ok(()) };
    for entry in codes.iter().map_err(Damage::database)? {
        let (key, value) = entry.map_err(Damage::database)?;
        let code: Bytes = CODES.open(&key.value(), value.value())?;
        let hash = B256::from(key.value());
        if keccak256(&code) != hash {
            return Err(CODES.undecodable(&key.value(), alloy_rlp::Error::Custom("wrong hash")));
        }
        chain.state.keep_code(bytecode(code));
        saved.codes.insert(hash);
    }
    Ok(())
}

/// Changes of the state in the order they were made.
struct Changes {
    entries: redb::Range<'static, u64, &'static [u8]>,
    chunk: IntoIter<ChangeRecord>,
}

impl Changes {
    /// The change at `position`, where all before it were taken; none after the last.
    fn next(&mut self, position: u64) -> Read<Option<Change>> {
        if self.chunk.len() == 0 {
            let Some(entry) = self.entries.next() else { return Ok(None) };
            let (key, value) = entry.map_err(Damage::database)?;
            if key.value() != position {
                return Err(CHANGES.missing(&position));
            }
            let records: Vec<ChangeRecord> = CHANGES.open(&position, value.value())?;
            self.chunk = records.into_iter();
        }
        let change = self.chunk.next().map(ChangeRecord::read).transpose();
        change.map_err(|error| CHANGES.undecodable(&position, error))
    }

    /// Makes the next change; false if there is none.
    fn make(&mut self, state: &mut State) -> Read<bool> {
        let position = state.mark().position();
        let Some(change) = self.next(position)? else { return Ok(false) };
        if let Change::Leaf(_, Some(leaf)) = change
            && leaf.code_hash != KECCAK256_EMPTY
            && !state.has_code(leaf.code_hash)
        {
            return Err(Damage::Change(position));
        }
        state.apply(change);
        if state.mark().position() != position + 1 {
            return Err(Damage::Change(position));
        }
        Ok(true)
    }
}

fn read_blocks(chain: &mut Chain, read: &ReadTransaction) -> Read {
    let missing = || BLOCKS.missing(&0);
    let changes = table(read, &CHANGES)?.ok_or_else(missing)?;
    let entries = changes.range::<u64>(..).map_err(Damage::database)?;
    let mut changes = Changes { entries, chunk: Vec::new().into_iter() };
    for entry in table(read, &BLOCKS)?.ok_or_else(missing)?.iter().map_err(Damage::database)? {
        let (key, value) = entry.map_err(Damage::database)?;
        let number = chain.blocks.len() as u64;
        if key.value() != number {
            return Err(BLOCKS.missing(&number));
        }
        read_block(chain, &mut changes, BLOCKS.open(&number, value.value())?)?;
    }
    if chain.blocks.is_empty() {
        return Err(missing());
    }
    // What was set by hand after the last block.
    while changes.make(&mut chain.state)? {}
    Ok(())
}

fn read_block(chain: &mut Chain, changes: &mut Changes, record: BlockRecord) -> Read {
    let number = chain.blocks.len() as u64;
    while chain.state.mark().position() < record.end {
        if !changes.make(&mut chain.state)? {
            return Err(CHANGES.missing(&chain.state.mark().position()));
        }
    }
    let (parent, root, start) = chain.blocks.last().map_or_else(
        || (B256::ZERO, B256::ZERO, Mark::default()),
        |block| (block.hash, block.header.state_root, block.end),
    );
    let end = End { state: chain.state.commitment(root, start), mark: chain.state.mark() };
    let hash = record.hash;
    let block = record.read(number, parent, end);
    let block = block.map_err(|error| BLOCKS.undecodable(&number, error))?;
    if block.hash != hash {
        return Err(Damage::Block(number));
    }
    chain.append(block);
    Ok(())
}

fn read_pool(chain: &mut Chain, read: &ReadTransaction, saved: &mut Saved) -> Read {
    let Some(pool) = table(read, &POOL)? else { return Ok(()) };
    for entry in pool.iter().map_err(Damage::database)? {
        let (key, value) = entry.map_err(Damage::database)?;
        let record: TxRecord = POOL.open(&key.value(), value.value())?;
        let tx = record.read().map_err(|error| POOL.undecodable(&key.value(), error))?;
        saved.pool.push(*tx.inner().tx_hash());
        chain.pool.push(tx);
    }
    Ok(())
}

fn read_controls(chain: &mut Chain, read: &ReadTransaction, saved: &mut Saved) -> Read {
    let missing = || META.missing(&CONTROLS_KEY);
    let meta = table(read, &META)?.ok_or_else(missing)?;
    let value = meta.get(CONTROLS_KEY).map_err(Damage::database)?.ok_or_else(missing)?;
    let record: ControlsRecord = META.open(&CONTROLS_KEY, value.value())?;
    let controls = record.read().map_err(|error| META.undecodable(&CONTROLS_KEY, error))?;
    let blocks = 1..=chain.blocks.len();
    let fits = |mark: Mark, count: &usize| mark <= chain.state.mark() && blocks.contains(count);
    if !controls.snapshots.iter().all(|snapshot| fits(snapshot.mark, &snapshot.blocks)) {
        let error = alloy_rlp::Error::Custom("snapshot after the last block");
        return Err(META.undecodable(&CONTROLS_KEY, error));
    }
    let Controls { mining, time, snapshots, last_snapshot, impersonated, impersonate_all } =
        controls;
    saved.controls = value.value().to_vec();
    chain.mining = mining;
    chain.time = time;
    chain.snapshots = snapshots;
    chain.last_snapshot = last_snapshot;
    chain.impersonated = impersonated.into_iter().collect();
    chain.impersonate_all = impersonate_all;
    Ok(())
}

/// A word under a name in a table.
pub fn word(
    read: &ReadTransaction,
    words: &Table<&'static str>,
    name: &'static str,
) -> Read<Option<U256>> {
    let Some(table) = table(read, words)? else { return Ok(None) };
    let value = table.get(name).map_err(Damage::database)?;
    value.map(|value| words.open(&name, value.value())).transpose()
}
