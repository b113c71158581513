//! What clients ask.

use alloy_consensus::{Receipt, ReceiptWithBloom, Transaction as _, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{B256, Bytes, U256};
use alloy_rpc_types_eth::{
    Block, BlockTransactions, BlockTransactionsKind, FeeHistory, Filter, FilterBlockOption, Header,
    Log, Transaction, TransactionReceipt,
};

use super::Chain;
use super::block::{MinedBlock, MinedTransaction, envelope};
use super::config::BLOCK_GAS_LIMIT;
use super::error::NotFound;

impl Chain {
    /// Chain id.
    pub fn chain_id(&self) -> u64 {
        self.config.chain_id
    }

    /// Wei a unit of gas costs.
    pub fn gas_price(&self) -> u64 {
        self.config.base_fee
    }

    /// Number of the last block.
    pub fn block_number(&self) -> u64 {
        self.head().header.number
    }

    /// The block, with its transactions in full or only their hashes; none if there is no such.
    pub fn block(&self, id: BlockId, transactions: BlockTransactionsKind) -> Option<Block> {
        let block = self.mined_block(id)?;
        let transactions = match transactions {
            BlockTransactionsKind::Full => {
                let indices = 0..block.transactions.len();
                BlockTransactions::Full(
                    indices.filter_map(|index| transaction(block, index)).collect(),
                )
            }
            BlockTransactionsKind::Hashes => {
                let hashes = block.transactions.iter().map(|tx| *tx.tx.inner().tx_hash());
                BlockTransactions::Hashes(hashes.collect())
            }
        };
        Some(Block {
            header: header_of(block),
            uncles: Vec::new(),
            transactions,
            withdrawals: None,
        })
    }

    /// Only the header.
    pub fn header(&self, id: BlockId) -> Option<Header> {
        self.mined_block(id).map(header_of)
    }

    /// Number on the parent chain when the block was mined, as the EVM saw it.
    pub fn parent_chain_number(&self, id: BlockId) -> Option<u64> {
        self.mined_block(id).map(MinedBlock::parent_chain_number)
    }

    /// Number of transactions in a block.
    pub fn transaction_count(&self, id: BlockId) -> Option<usize> {
        self.mined_block(id).map(|block| block.transactions.len())
    }

    /// A transaction, mined or waiting.
    pub fn transaction(&self, hash: B256) -> Option<Transaction> {
        if let Some((number, index)) = self.mined.get(&hash) {
            return transaction(&self.blocks[*number], *index);
        }
        let waiting = self.pool.get(hash)?;
        Some(Transaction {
            inner: waiting.clone(),
            block_hash: None,
            block_number: None,
            transaction_index: None,
            effective_gas_price: None,
            block_timestamp: None,
        })
    }

    /// The transaction at `index` in a block.
    pub fn transaction_in(&self, id: BlockId, index: usize) -> Option<Transaction> {
        transaction(self.mined_block(id)?, index)
    }

    /// A transaction in its network encoding.
    pub fn raw_transaction(&self, hash: B256) -> Option<Bytes> {
        self.transaction(hash).map(|tx| tx.inner.inner().encoded_2718().into())
    }

    /// The receipt of a mined transaction.
    pub fn receipt(&self, hash: B256) -> Option<TransactionReceipt> {
        let (number, index) = self.mined.get(&hash)?;
        receipt(&self.blocks[*number], *index)
    }

    /// All receipts of a block.
    pub fn receipts(&self, id: BlockId) -> Option<Vec<TransactionReceipt>> {
        let block = self.mined_block(id)?;
        Some((0..block.transactions.len()).filter_map(|index| receipt(block, index)).collect())
    }

    /// Logs that match, oldest first.
    ///
    /// # Errors
    /// [`NotFound`] when the filter names a block that does not exist, or no range.
    pub fn logs(&self, filter: &Filter) -> Result<Vec<Log>, NotFound> {
        let (first, last) = match filter.block_option {
            FilterBlockOption::AtBlockHash(hash) => {
                let number = self.number(BlockId::from(hash))?;
                (number, number)
            }
            FilterBlockOption::Range { from_block, to_block } => {
                (self.bound(from_block)?, self.bound(to_block)?)
            }
        };
        if first > last {
            return Err(NotFound::Range);
        }
        let last = last.min(self.blocks.len() - 1);
        let blocks = self.blocks.get(first..=last).unwrap_or_default();
        Ok(blocks
            .iter()
            .filter(|block| filter.matches_bloom(block.header.logs_bloom))
            .flat_map(|block| (0..block.transactions.len()).flat_map(|tx| logs(block, tx)))
            .filter(|log| filter.matches(&log.inner))
            .collect())
    }

    /// An end of a range of blocks; it may lie in the future.
    fn bound(&self, tag: Option<BlockNumberOrTag>) -> Result<usize, NotFound> {
        match tag.unwrap_or_default() {
            BlockNumberOrTag::Number(number) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
            tag => self.number(tag.into()),
        }
    }

    /// Base fees and use of the `count` blocks up to `newest`, and tips, of which there are none.
    ///
    /// # Errors
    /// [`NotFound`].
    pub fn fee_history(
        &self,
        count: u64,
        newest: BlockNumberOrTag,
        percentiles: &[f64],
    ) -> Result<FeeHistory, NotFound> {
        let newest = self.number(newest.into())?;
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(1024).min(newest + 1);
        let oldest = newest + 1 - count;
        let blocks = &self.blocks[oldest..=newest];
        let mut fees: Vec<u128> = blocks.iter().map(|block| block.base_fee().into()).collect();
        fees.push(self.config.base_fee.into());
        let used = blocks.iter().map(|block| used_ratio(block.header.gas_used));
        Ok(FeeHistory {
            base_fee_per_gas: fees,
            gas_used_ratio: used.collect(),
            oldest_block: oldest as u64,
            reward: (!percentiles.is_empty()).then(|| vec![vec![0; percentiles.len()]; count]),
            ..FeeHistory::default()
        })
    }
}

#[allow(clippy::cast_precision_loss, reason = "a ratio for people")]
fn used_ratio(gas: u64) -> f64 {
    gas as f64 / BLOCK_GAS_LIMIT as f64
}

fn header_of(block: &MinedBlock) -> Header {
    Header {
        hash: block.hash,
        inner: block.header.clone(),
        total_difficulty: Some(U256::from(block.header.number + 1)),
        size: Some(U256::from(size(block))),
    }
}

/// Bytes of the block as sent over a network: header and transactions.
fn size(block: &MinedBlock) -> usize {
    let transactions = block.transactions.iter().map(|tx| tx.tx.inner().encode_2718_len());
    block.header.size() + transactions.sum::<usize>()
}

fn transaction(block: &MinedBlock, index: usize) -> Option<Transaction<TxEnvelope>> {
    Some(Transaction {
        inner: block.transactions.get(index)?.tx.clone(),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        transaction_index: Some(index as u64),
        effective_gas_price: Some(block.base_fee().into()),
        block_timestamp: Some(block.header.timestamp),
    })
}

fn logs(block: &MinedBlock, index: usize) -> impl Iterator<Item = Log> + '_ {
    let mined: Option<&MinedTransaction> = block.transactions.get(index);
    let logs = mined.into_iter().flat_map(|mined| mined.logs.iter().zip(mined.first_log..));
    let hash = mined.map(|mined| *mined.tx.inner().tx_hash());
    logs.map(move |(log, log_index)| Log {
        inner: log.clone(),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        block_timestamp: Some(block.header.timestamp),
        transaction_hash: hash,
        transaction_index: Some(index as u64),
        log_index: Some(log_index),
        removed: false,
    })
}

fn receipt(block: &MinedBlock, index: usize) -> Option<TransactionReceipt> {
    let mined = block.transactions.get(index)?;
    let logs_bloom = *mined.receipt().logs_bloom();
    let inner = Receipt {
        status: mined.success.into(),
        cumulative_gas_used: mined.cumulative_gas_used,
        logs: logs(block, index).collect(),
    };
    Some(TransactionReceipt {
        inner: envelope(
            mined.tx.inner().tx_type(),
            ReceiptWithBloom { receipt: inner, logs_bloom },
        ),
        transaction_hash: *mined.tx.inner().tx_hash(),
        transaction_index: Some(index as u64),
        block_hash: Some(block.hash),
        block_number: Some(block.header.number),
        gas_used: mined.gas_used,
        effective_gas_price: block.base_fee().into(),
        blob_gas_used: None,
        blob_gas_price: None,
        from: mined.tx.signer(),
        to: mined.tx.to(),
        contract_address: mined.created,
    })
}
