//! The start of a chain, and its blocks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::Recovered;
use alloy_primitives::{B256, Bytes};
use revm::bytecode::Bytecode;

use super::block::{End, MinedBlock, MinedTransaction, Stamp};
use super::config::{ChainConfig, PARENT_BLOCK_SECONDS};
use super::control::{Mining, SnapshotId, Time};
use super::error::{Invalid, StartError};
use super::exec::{self, Checks, Executed, Programs, RecentPrograms};
use super::pool::Pool;
use super::precompiles::ARBITRUM;
use super::state::{Leaf, Mark, State};
use super::store::StoreError;
use super::{Chain, arbos, run};

/// Code that precompiled contracts show: the `INVALID` instruction.
const PRECOMPILE_CODE: [u8; 1] = [0xfe];

/// A block being filled.
#[derive(Default)]
struct OpenBlock {
    transactions: Vec<MinedTransaction>,
    gas_used: u64,
    logs: u64,
    recent: RecentPrograms,
}

impl Chain {
    /// A chain with its genesis block.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn new(config: ChainConfig) -> Result<Self, StartError> {
        let mut state = State::default();
        for signer in &config.signers {
            let leaf = Leaf { balance: config.balance, ..Leaf::default() };
            state.set_leaf(signer.address(), leaf);
        }
        for (address, _) in ARBITRUM {
            state.set_code(address, Bytecode::new_legacy(Bytes::from_static(&PRECOMPILE_CODE)));
        }
        state.set_leaf(arbos::STATE_ACCOUNT, Leaf { nonce: 1, ..Leaf::default() });

        let stamp = Stamp {
            parent_chain_number: config.parent_block,
            timestamp: (config.clock)(),
            base_fee: config.base_fee,
            ..Stamp::default()
        };
        let mark = state.mark();
        let end = End { state: state.commitment(B256::ZERO, Mark::default()), mark };
        let genesis = MinedBlock::seal(stamp, Vec::new(), end);
        let mut chain = Self::blank(config)?;
        chain.state = state;
        chain.append(genesis);
        Ok(chain)
    }

    /// A chain without any block.
    pub(super) fn blank(config: ChainConfig) -> Result<Self, StartError> {
        Ok(Self {
            programs: Arc::new(Programs::new()?),
            config,
            state: State::default(),
            blocks: Vec::new(),
            block_numbers: HashMap::new(),
            mined: HashMap::new(),
            pool: Pool::default(),
            mining: Mining::default(),
            time: Time::default(),
            snapshots: Vec::new(),
            last_snapshot: SnapshotId::default(),
            impersonated: HashSet::new(),
            impersonate_all: false,
            store: None,
        })
    }

    /// Mines a block of all transactions waiting, or an empty one; returns its hash. Transactions
    /// that turn out invalid are dropped.
    ///
    /// # Errors
    /// [`StoreError::Write`] when the chain's file cannot be written. In memory the block is mined.
    pub fn mine(&mut self) -> Result<B256, StoreError> {
        let hash = self.mine_waiting();
        self.commit()?;
        Ok(hash)
    }

    /// Mines a block of what waits, in memory only.
    pub(super) fn mine_waiting(&mut self) -> B256 {
        let waiting = self.pool.take();
        let stamp = self.next_stamp();
        let mut open = OpenBlock::default();
        for tx in waiting {
            // It was valid when it came; what came between may have changed that.
            let _dropped = self.include(&stamp, &mut open, tx).is_err();
        }
        self.seal(stamp, open)
    }

    /// Mines `count` blocks, `seconds` apart from the second on. They are written to the chain's
    /// file together.
    ///
    /// # Errors
    /// As [`Self::mine`].
    pub fn mine_many(&mut self, count: u64, seconds: u64) -> Result<(), StoreError> {
        for index in 0..count {
            if index > 0 && seconds > 0 {
                let next = self.head().header.timestamp.saturating_add(seconds);
                self.choose_next_timestamp(next);
            }
            self.mine_waiting();
        }
        self.commit()
    }

    /// Mines a block of this transaction alone.
    pub(super) fn mine_alone(&mut self, tx: Recovered<TxEnvelope>) -> Result<B256, Invalid> {
        let stamp = self.next_stamp();
        let mut open = OpenBlock::default();
        self.include(&stamp, &mut open, tx)?;
        Ok(self.seal(stamp, open))
    }

    fn include(
        &mut self,
        stamp: &Stamp,
        open: &mut OpenBlock,
        tx: Recovered<TxEnvelope>,
    ) -> Result<(), Invalid> {
        let env = run::tx_env(&tx, stamp.base_fee, self.config.chain_id)?;
        let view = self.state.now();
        let recent = open.recent.clone();
        let context = self.context(view, stamp, recent.clone());
        let done = exec::execute(context, env, Checks::All, self.config.tx_gas_limit)
            .map_err(|rejected| Invalid::of(rejected, tx.signer()))?;
        let start = self.state.mark();
        self.state.commit(done.changes);
        let (success, logs, created) = match done.outcome {
            Executed::Success { logs, created, .. } => (true, logs, created),
            Executed::Revert(_) | Executed::Halt(_) => (false, Vec::new(), None),
        };
        open.gas_used += done.gas_used;
        open.recent = done.recent;
        let first_log = open.logs;
        open.logs += logs.len() as u64;
        open.transactions.push(MinedTransaction {
            tx,
            success,
            gas_used: done.gas_used,
            cumulative_gas_used: open.gas_used,
            logs,
            first_log,
            created,
            start,
            recent,
        });
        Ok(())
    }

    fn seal(&mut self, stamp: Stamp, mut open: OpenBlock) -> B256 {
        self.time.next = None;
        // Most blocks hold one transaction, and all are kept.
        open.transactions.shrink_to_fit();
        let head = self.head();
        let end = End {
            state: self.state.commitment(head.header.state_root, head.end),
            mark: self.state.mark(),
        };
        let block = MinedBlock::seal(stamp, open.transactions, end);
        let hash = block.hash;
        self.append(block);
        hash
    }

    pub(super) fn append(&mut self, block: MinedBlock) {
        let number = self.blocks.len();
        self.state.push_hash(block.hash);
        self.block_numbers.insert(block.hash, number);
        for (index, tx) in block.transactions.iter().enumerate() {
            self.mined.insert(*tx.tx.inner().tx_hash(), (number, index));
        }
        self.blocks.push(block);
    }

    /// The last block.
    pub(super) fn head(&self) -> &MinedBlock {
        // The genesis block is never removed.
        &self.blocks[self.blocks.len() - 1]
    }

    /// What the next block starts with.
    pub(super) fn next_stamp(&self) -> Stamp {
        let timestamp = self.next_timestamp();
        let genesis = self.blocks.first().map_or(timestamp, |block| block.header.timestamp);
        let elapsed = timestamp.saturating_sub(genesis);
        Stamp {
            parent: self.head().hash,
            number: self.blocks.len() as u64,
            parent_chain_number: self.config.parent_block + elapsed / PARENT_BLOCK_SECONDS,
            timestamp,
            base_fee: self.config.base_fee,
        }
    }
}
