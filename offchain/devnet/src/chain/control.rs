//! What a development chain lets one do to it.

use alloy_primitives::{Address, Bytes, U256};

use super::Chain;
use super::state::{Leaf, Mark, bytecode};

/// When blocks are mined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mining {
    /// Each transaction gets a block at once.
    #[default]
    Instant,
    /// Transactions wait for [`Chain::mine`]. Interval mining is this with a timer.
    OnDemand,
}

/// Names a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotId(pub u64);

/// The chain's time, as far as it differs from the clock's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// Seconds to add to the clock.
    pub offset: i64,
    /// Timestamp of the next block, if it was chosen.
    pub next: Option<u64>,
}

/// A point to go back to.
#[derive(Debug)]
pub struct Snapshot {
    id: SnapshotId,
    blocks: usize,
    mark: Mark,
    time: Time,
}

impl Chain {
    /// Chooses when blocks are mined; [`Mining::Instant`] mines what waits.
    pub fn set_mining(&mut self, mining: Mining) {
        self.mining = mining;
        if mining == Mining::Instant && !self.pool.is_empty() {
            self.mine();
        }
    }

    /// When blocks are mined.
    pub fn mining(&self) -> Mining {
        self.mining
    }

    /// Moves the time of the blocks to come forward; returns seconds moved in all.
    pub fn increase_time(&mut self, seconds: u64) -> i64 {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.time.offset = self.time.offset.saturating_add(seconds);
        self.time.offset
    }

    /// Makes `timestamp` (seconds since 1970) the present; later blocks go on from there. Time
    /// does not go back behind the last block.
    pub fn set_time(&mut self, timestamp: u64) {
        let offset = i128::from(timestamp) - i128::from((self.config.clock)());
        self.time.offset = i64::try_from(offset).unwrap_or(i64::MAX);
    }

    /// Chooses the timestamp of the next block; later ones go on from there. False, with nothing
    /// changed, if it lies before that of the last block.
    pub fn set_next_timestamp(&mut self, timestamp: u64) -> bool {
        if timestamp < self.head().header.timestamp {
            return false;
        }
        self.time.next = Some(timestamp);
        self.set_time(timestamp);
        true
    }

    /// Timestamp that a block mined now would get.
    pub fn next_timestamp(&self) -> u64 {
        let now = i128::from((self.config.clock)()) + i128::from(self.time.offset);
        let now = u64::try_from(now.max(0)).unwrap_or(u64::MAX);
        self.time.next.unwrap_or(now).max(self.head().header.timestamp)
    }

    /// Remembers the present state. Numbers are not used again.
    pub fn snapshot(&mut self) -> SnapshotId {
        self.last_snapshot.0 += 1;
        let id = self.last_snapshot;
        let (blocks, mark, time) = (self.blocks.len(), self.state.mark(), self.time);
        self.snapshots.push(Snapshot { id, blocks, mark, time });
        id
    }

    /// Goes back to a snapshot, which is used up with all after it. False if there is none.
    pub fn revert(&mut self, id: SnapshotId) -> bool {
        let Some(index) = self.snapshots.iter().position(|snapshot| snapshot.id == id) else {
            return false;
        };
        let Some(snapshot) = self.snapshots.drain(index..).next() else { return false };
        self.state.rewind(snapshot.mark, snapshot.blocks);
        self.time = snapshot.time;
        self.pool.clear();
        self.forget_blocks(snapshot.blocks);
        true
    }

    /// Drops blocks from number `keep` on.
    fn forget_blocks(&mut self, keep: usize) {
        for block in self.blocks.drain(keep..) {
            self.block_numbers.remove(&block.hash);
            for tx in &block.transactions {
                self.mined.remove(tx.tx.inner().tx_hash());
            }
        }
    }

    /// Sets a balance in wei.
    pub fn set_balance(&mut self, account: Address, balance: U256) {
        let leaf = self.state.leaf(account);
        self.state.set_leaf(account, Leaf { balance, ..leaf });
    }

    /// Sets a nonce.
    pub fn set_nonce(&mut self, account: Address, nonce: u64) {
        let leaf = self.state.leaf(account);
        self.state.set_leaf(account, Leaf { nonce, ..leaf });
    }

    /// Sets code as deployed, a Stylus program included; that still has to be activated.
    pub fn set_code(&mut self, account: Address, code: Bytes) {
        self.state.set_code(account, bytecode(code));
    }

    /// Sets a storage slot.
    pub fn set_storage(&mut self, account: Address, slot: U256, value: U256) {
        self.state.set_slot(account, slot, value);
    }

    /// Lets [`Chain::send_request`] send from an account without its key.
    pub fn impersonate(&mut self, account: Address) {
        self.impersonated.insert(account);
    }

    /// Takes that back.
    pub fn stop_impersonating(&mut self, account: Address) {
        self.impersonated.remove(&account);
    }

    /// Lets it send from any account, or takes that back.
    pub fn impersonate_all(&mut self, whether: bool) {
        self.impersonate_all = whether;
    }
}
