//! Accounts and blocks by what clients call them.
//!
//! The pending *state* is that after the transactions waiting, as they would run now; nothing waits
//! unless blocks are mined on demand. The pending *block* is the last one, as on Nitro.

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, Bytes, U256};

use super::Chain;
use super::block::MinedBlock;
use super::error::NotFound;
use super::exec::{self, Checks, RecentPrograms};
use super::run;
use super::state::View;

impl Chain {
    /// Balance in wei after block `at`.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn balance(&self, account: Address, at: BlockId) -> Result<U256, NotFound> {
        Ok(self.view_at(at)?.leaf(account).balance)
    }

    /// Nonce after block `at`; [`BlockId::pending`] counts transactions waiting.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn nonce(&self, account: Address, at: BlockId) -> Result<u64, NotFound> {
        if at.is_pending() {
            return Ok(self.next_nonce(account));
        }
        Ok(self.view_at(at)?.leaf(account).nonce)
    }

    /// Code after block `at`.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn code(&self, account: Address, at: BlockId) -> Result<Bytes, NotFound> {
        let view = self.view_at(at)?;
        Ok(view.code(view.leaf(account).code_hash).original_bytes())
    }

    /// A storage slot after block `at`.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn storage(&self, account: Address, slot: U256, at: BlockId) -> Result<B256, NotFound> {
        Ok(self.view_at(at)?.slot(account, slot).into())
    }

    fn view_at(&self, at: BlockId) -> Result<View<'_>, NotFound> {
        if at.is_pending() {
            return Ok(self.pending_view());
        }
        Ok(self.view(self.number(at)?))
    }

    /// The state after the transactions waiting. They are run for it, so it takes as long as
    /// mining them.
    pub(super) fn pending_view(&self) -> View<'_> {
        let mut view = self.state.now();
        let stamp = self.next_stamp();
        let mut recent = RecentPrograms::default();
        for tx in self.pool() {
            let Ok(env) = run::tx_env(tx, stamp.base_fee, self.config.chain_id) else { continue };
            let context = self.context(view.clone(), &stamp, recent.clone());
            // One that turns out invalid will be dropped.
            let done = exec::execute(context, env, Checks::All, self.config.tx_gas_limit);
            if let Ok(done) = done {
                view.commit(done.changes);
                recent = done.recent;
            }
        }
        view
    }

    /// The state after the block with this number, which exists. After the last one, that includes
    /// what was set by hand.
    pub(super) fn view(&self, number: usize) -> View<'_> {
        if number + 1 == self.blocks.len() {
            return self.state.now();
        }
        self.state.at(self.blocks[number].end)
    }

    /// Number of an existing block. All blocks are final here; what is pending is on top of the
    /// last one.
    pub(super) fn number(&self, id: BlockId) -> Result<usize, NotFound> {
        let last = self.blocks.len() - 1;
        let number = match id {
            BlockId::Hash(hash) => self.block_numbers.get(&hash.block_hash).copied(),
            BlockId::Number(BlockNumberOrTag::Number(number)) => {
                usize::try_from(number).ok().filter(|number| *number <= last)
            }
            BlockId::Number(BlockNumberOrTag::Earliest) => Some(0),
            BlockId::Number(_) => Some(last),
        };
        number.ok_or(NotFound::Block(id))
    }

    /// An existing block.
    pub(super) fn mined_block(&self, id: BlockId) -> Option<&MinedBlock> {
        self.number(id).ok().and_then(|number| self.blocks.get(number))
    }
}
