//! The chain as all requests share it.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use alloy_primitives::B256;
use alloy_rpc_types_eth::BlockId;
use opml_devnet::chain::{Chain, SnapshotId, StoreError};
use tokio::sync::watch;

use crate::config::Limits;
use crate::filters::Filters;

/// Transactions taken lately that are remembered for those who follow them.
const ACCEPTED: usize = 1 << 16;

/// The chain, and who follows it.
pub struct Node {
    ledger: RwLock<Ledger>,
    changes: watch::Sender<u64>,
    interval: watch::Sender<Option<Duration>>,
    /// Filters of clients that poll.
    pub filters: Filters,
    /// What clients may ask for.
    pub limits: Limits,
}

impl Node {
    /// A node on `chain`.
    pub fn new(chain: Chain, limits: Limits) -> Self {
        Self {
            ledger: RwLock::new(Ledger::new(chain)),
            changes: watch::Sender::new(0),
            interval: watch::Sender::new(None),
            filters: Filters::new(limits.filters, limits.filter_lifetime),
            limits,
        }
    }

    /// Reads; others may read meanwhile.
    pub fn read<T>(&self, work: impl FnOnce(&Ledger) -> T) -> T {
        // A panic of another request is answered there; the chain stays in use.
        work(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes, and wakes who follows.
    pub fn write<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        let done = work(&mut self.ledger.write().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|count| *count += 1);
        done
    }

    /// Tries to change, and wakes who follows only if blocks or transactions came of it: one that
    /// waits for the changes of others to try again must not wake itself.
    pub fn attempt<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        let before = ledger.cursor();
        let done = work(&mut ledger);
        let changed = ledger.cursor() != before;
        drop(ledger);
        if changed {
            self.changes.send_modify(|count| *count += 1);
        }
        done
    }

    /// Ticks after each change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The time between blocks, for who mines them.
    pub fn interval(&self) -> watch::Receiver<Option<Duration>> {
        self.interval.subscribe()
    }

    /// Sets the time between blocks.
    pub fn set_interval(&self, interval: Option<Duration>) {
        self.interval.send_replace(interval);
    }
}

/// The chain with what is needed to follow it.
pub struct Ledger {
    /// The chain.
    pub chain: Chain,
    /// Number of the last block after each time the chain went back.
    reverts: Vec<u64>,
    accepted: VecDeque<B256>,
    /// How many were taken before those in `accepted`.
    forgotten: u64,
}

/// How far a follower has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    next_block: u64,
    reverts: usize,
    next_transaction: u64,
}

impl Cursor {
    /// Puts the follower before `block`, which it has not come to yet.
    pub fn stop_before(&mut self, block: u64) {
        self.next_block = block;
    }
}

impl Ledger {
    fn new(chain: Chain) -> Self {
        Self { chain, reverts: Vec::new(), accepted: VecDeque::new(), forgotten: 0 }
    }

    /// Notes that a transaction was taken.
    pub fn accept(&mut self, hash: B256) {
        self.accepted.push_back(hash);
        if self.accepted.len() > ACCEPTED {
            self.accepted.pop_front();
            self.forgotten += 1;
        }
    }

    /// Goes back to a snapshot; false if there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the chain's file cannot be written.
    pub fn revert(&mut self, id: SnapshotId) -> Result<bool, StoreError> {
        let done = self.chain.revert(id);
        // With an error it has gone back, too.
        if !matches!(done, Ok(false)) {
            self.reverts.push(self.chain.block_number());
        }
        done
    }

    /// A follower who starts now.
    pub fn cursor(&self) -> Cursor {
        Cursor {
            next_block: self.chain.block_number() + 1,
            reverts: self.reverts.len(),
            next_transaction: self.forgotten + self.accepted.len() as u64,
        }
    }

    /// Blocks the follower has not seen, at most `most`. Where the chain went back, those that took
    /// the place of blocks already seen are among them.
    pub fn new_blocks(&self, cursor: &mut Cursor, most: usize) -> Range<u64> {
        let back = self.reverts[cursor.reverts..].iter().min();
        cursor.reverts = self.reverts.len();
        let first = back.map_or(cursor.next_block, |back| cursor.next_block.min(back + 1));
        let end = (self.chain.block_number() + 1).min(first.saturating_add(most as u64));
        cursor.next_block = end.max(first);
        first..cursor.next_block
    }

    /// Whether there are blocks or transactions that the follower has not seen.
    pub fn is_behind(&self, cursor: &Cursor) -> bool {
        cursor.next_block <= self.chain.block_number()
            || cursor.reverts < self.reverts.len()
            || cursor.next_transaction < self.forgotten + self.accepted.len() as u64
    }

    /// Hashes of all blocks the follower has not seen.
    pub fn new_block_hashes(&self, cursor: &mut Cursor) -> Vec<B256> {
        let numbers = self.new_blocks(cursor, usize::MAX);
        numbers
            .filter_map(|number| Some(self.chain.header(BlockId::number(number))?.hash))
            .collect()
    }

    /// Transactions taken that the follower has not seen; the oldest may be forgotten.
    pub fn new_transactions(&self, cursor: &mut Cursor) -> Vec<B256> {
        let seen = cursor.next_transaction.saturating_sub(self.forgotten);
        cursor.next_transaction = self.forgotten + self.accepted.len() as u64;
        self.accepted.iter().skip(usize::try_from(seen).unwrap_or(usize::MAX)).copied().collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use opml_devnet::chain::ChainConfig;

    use super::*;

    #[test]
    fn an_attempt_wakes_others_only_when_something_came_of_it() {
        let chain = Chain::new(ChainConfig::default()).unwrap();
        let node = Node::new(chain, Limits::default());
        let mut changes = node.changes();
        changes.mark_unchanged();
        node.attempt(|_| ());
        assert!(!changes.has_changed().unwrap());
        node.attempt(|ledger| ledger.chain.mine()).unwrap();
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        node.attempt(|ledger| ledger.accept(B256::ZERO));
        assert!(changes.has_changed().unwrap());
    }
}
