//! What a development chain lets one do to it.

use alloy_primitives::{Address, Bytes, U256};

use super::Chain;
use super::state::{Leaf, Mark, bytecode};
use super::store::StoreError;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Seconds to add to the clock.
    pub offset: i64,
    /// Timestamp of the next block, if it was chosen.
    pub next: Option<u64>,
}

/// A point to go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name.
    pub id: SnapshotId,
    /// Blocks there were.
    pub blocks: usize,
    /// The state there was.
    pub mark: Mark,
    /// The time settings there were.
    pub time: Time,
}

/// Every change here is written to the chain's file, if there is one; when that fails, the change
/// is made in memory only and the method returns [`StoreError::Write`].
impl Chain {
    /// Chooses when blocks are mined; [`Mining::Instant`] mines what waits.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_mining(&mut self, mining: Mining) -> Result<(), StoreError> {
        self.mining = mining;
        if mining == Mining::Instant && !self.pool().is_empty() {
            self.mine_waiting();
        }
        self.commit()
    }

    /// When blocks are mined.
    pub fn mining(&self) -> Mining {
        self.mining
    }

    /// Moves the time of the blocks to come forward; returns seconds moved in all.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn increase_time(&mut self, seconds: u64) -> Result<i64, StoreError> {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.time.offset = self.time.offset.saturating_add(seconds);
        self.commit()?;
        Ok(self.time.offset)
    }

    /// Makes `timestamp` (seconds since 1970) the present; later blocks go on from there. Time
    /// does not go back behind the last block.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_time(&mut self, timestamp: u64) -> Result<(), StoreError> {
        self.move_clock(timestamp);
        self.commit()
    }

    /// Wei that a unit of gas costs from the next block on. A chain that is opened again begins with the
    /// configured price.
    pub const fn set_base_fee(&mut self, wei: u64) {
        self.config.base_fee = wei;
    }

    fn move_clock(&mut self, timestamp: u64) {
        let offset = i128::from(timestamp) - i128::from((self.config.clock)());
        self.time.offset = i64::try_from(offset).unwrap_or(i64::MAX);
    }

    /// Chooses the timestamp of the next block; later ones go on from there. False, with nothing
    /// changed, if it lies before that of the last block.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_next_timestamp(&mut self, timestamp: u64) -> Result<bool, StoreError> {
        let done = self.choose_next_timestamp(timestamp);
        self.commit()?;
        Ok(done)
    }

    pub(super) fn choose_next_timestamp(&mut self, timestamp: u64) -> bool {
        if timestamp < self.head().header.timestamp {
            return false;
        }
        self.time.next = Some(timestamp);
        self.move_clock(timestamp);
        true
    }

    /// Timestamp of the last block.
    pub fn last_timestamp(&self) -> u64 {
        self.head().header.timestamp
    }

    /// Timestamp that a block mined now would get.
    pub fn next_timestamp(&self) -> u64 {
        let now = i128::from((self.config.clock)()) + i128::from(self.time.offset);
        let now = u64::try_from(now.max(0)).unwrap_or(u64::MAX);
        self.time.next.unwrap_or(now).max(self.head().header.timestamp)
    }

    /// Remembers the present state. Numbers are not used again.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn snapshot(&mut self) -> Result<SnapshotId, StoreError> {
        self.last_snapshot.0 += 1;
        let id = self.last_snapshot;
        let (blocks, mark, time) = (self.blocks.len(), self.state.mark(), self.time);
        self.snapshots.push(Snapshot { id, blocks, mark, time });
        self.commit()?;
        Ok(id)
    }

    /// Goes back to a snapshot, which is used up with all after it. False if there is none.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn revert(&mut self, id: SnapshotId) -> Result<bool, StoreError> {
        let Some(index) = self.snapshots.iter().position(|snapshot| snapshot.id == id) else {
            return Ok(false);
        };
        let Some(snapshot) = self.snapshots.drain(index..).next() else { return Ok(false) };
        self.state.rewind(snapshot.mark, snapshot.blocks);
        self.time = snapshot.time;
        self.pool.take();
        self.forget_blocks(snapshot.blocks);
        if let Some(store) = &mut self.store {
            store.rewound(snapshot.blocks, snapshot.mark);
        }
        self.commit()?;
        Ok(true)
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
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_balance(&mut self, account: Address, balance: U256) -> Result<(), StoreError> {
        let leaf = self.state.leaf(account);
        self.state.set_leaf(account, Leaf { balance, ..leaf });
        self.commit()
    }

    /// Sets a nonce.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_nonce(&mut self, account: Address, nonce: u64) -> Result<(), StoreError> {
        let leaf = self.state.leaf(account);
        self.state.set_leaf(account, Leaf { nonce, ..leaf });
        self.commit()
    }

    /// Sets code as deployed, a Stylus program included; that still has to be activated.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_code(&mut self, account: Address, code: Bytes) -> Result<(), StoreError> {
        self.state.set_code(account, bytecode(code));
        self.commit()
    }

    /// Sets a storage slot.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn set_storage(
        &mut self,
        account: Address,
        slot: U256,
        value: U256,
    ) -> Result<(), StoreError> {
        self.state.set_slot(account, slot, value);
        self.commit()
    }

    /// Lets [`Chain::send_request`] send from an account without its key.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn impersonate(&mut self, account: Address) -> Result<(), StoreError> {
        self.impersonated.insert(account);
        self.commit()
    }

    /// Takes that back.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn stop_impersonating(&mut self, account: Address) -> Result<(), StoreError> {
        self.impersonated.remove(&account);
        self.commit()
    }

    /// Lets it send from any account, or takes that back.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn impersonate_all(&mut self, whether: bool) -> Result<(), StoreError> {
        self.impersonate_all = whether;
        self.commit()
    }
}
