//! What is kept about mined blocks.

use alloy_consensus::transaction::Recovered;
use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, TxEnvelope, TxType,
    proofs,
};
use alloy_primitives::{Address, B64, B256, Bloom, Log, U256};

use super::config::{ARBOS_VERSION, BLOCK_GAS_LIMIT, SEQUENCER};
use super::exec::RecentPrograms;
use super::state::Mark;

/// A mined transaction and what it did.
#[derive(Clone, Debug, PartialEq)]
pub struct MinedTransaction {
    /// The transaction with its sender.
    pub tx: Recovered<TxEnvelope>,
    /// Whether it succeeded.
    pub success: bool,
    /// Gas it paid for.
    pub gas_used: u64,
    /// Gas of the block up to and including it.
    pub cumulative_gas_used: u64,
    /// Its logs.
    pub logs: Vec<Log>,
    /// Logs of the block before it.
    pub first_log: u64,
    /// The contract it created.
    pub created: Option<Address>,
    /// The state it started from.
    pub start: Mark,
    /// Programs the block had used before.
    pub recent: RecentPrograms,
}

impl MinedTransaction {
    /// Its receipt in consensus form.
    pub fn receipt(&self) -> ReceiptEnvelope {
        let receipt: ReceiptWithBloom<Receipt> = Receipt {
            status: self.success.into(),
            cumulative_gas_used: self.cumulative_gas_used,
            logs: self.logs.clone(),
        }
        .into();
        envelope(self.tx.inner().tx_type(), receipt)
    }
}

/// Tags a receipt with the type of its transaction.
pub fn envelope<T>(ty: TxType, receipt: ReceiptWithBloom<Receipt<T>>) -> ReceiptEnvelope<T> {
    match ty {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    }
}

/// A mined block.
#[derive(Clone, Debug, PartialEq)]
pub struct MinedBlock {
    /// Its header.
    pub header: Header,
    /// Hash of the header.
    pub hash: B256,
    /// Its transactions in order.
    pub transactions: Vec<MinedTransaction>,
    /// The state after it.
    pub end: Mark,
}

/// What a header is made of, beside its transactions.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Hash of the block before.
    pub parent: B256,
    /// Number of the block.
    pub number: u64,
    /// The parent chain's number at that time.
    pub parent_chain_number: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// Base fee in wei.
    pub base_fee: u64,
}

impl Default for Stamp {
    fn default() -> Self {
        Self {
            parent: B256::ZERO,
            number: 0,
            parent_chain_number: 0,
            timestamp: 0,
            base_fee: super::config::BASE_FEE,
        }
    }
}

/// The state after a block.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Commitment to it.
    pub state: B256,
    /// Where it lies in the log.
    pub mark: Mark,
}

impl MinedBlock {
    /// Seals a block.
    pub fn seal(stamp: Stamp, transactions: Vec<MinedTransaction>, end: End) -> Self {
        let envelopes: Vec<&TxEnvelope> = transactions.iter().map(|tx| tx.tx.inner()).collect();
        let receipts: Vec<ReceiptEnvelope> =
            transactions.iter().map(MinedTransaction::receipt).collect();
        let logs_bloom =
            receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.logs_bloom());
        let header = Header {
            parent_hash: stamp.parent,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: SEQUENCER,
            state_root: end.state,
            transactions_root: proofs::calculate_transaction_root(&envelopes),
            receipts_root: proofs::calculate_receipt_root(&receipts),
            logs_bloom,
            difficulty: U256::ONE,
            number: stamp.number,
            gas_limit: BLOCK_GAS_LIMIT,
            gas_used: transactions.last().map_or(0, |tx| tx.cumulative_gas_used),
            timestamp: stamp.timestamp,
            mix_hash: mix_hash(stamp.parent_chain_number),
            nonce: B64::ZERO,
            base_fee_per_gas: Some(stamp.base_fee),
            extra_data: B256::ZERO.into(),
            ..Header::default()
        };
        let hash = header.hash_slow();
        Self { header, hash, transactions, end: end.mark }
    }

    /// The parent chain's number when it was mined.
    pub fn parent_chain_number(&self) -> u64 {
        let mut number = [0; 8];
        number.copy_from_slice(&self.header.mix_hash[8..16]);
        u64::from_be_bytes(number)
    }

    /// Base fee in wei.
    pub fn base_fee(&self) -> u64 {
        self.header.base_fee_per_gas.unwrap_or_default()
    }

    /// What its transactions ran in.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            parent: self.header.parent_hash,
            number: self.header.number,
            parent_chain_number: self.parent_chain_number(),
            timestamp: self.header.timestamp,
            base_fee: self.base_fee(),
        }
    }
}

/// Nitro's use of the field: messages sent, number on the parent chain, `ArbOS` version.
fn mix_hash(parent_chain_number: u64) -> B256 {
    let mut hash = B256::ZERO;
    hash[8..16].copy_from_slice(&parent_chain_number.to_be_bytes());
    hash[16..24].copy_from_slice(&ARBOS_VERSION.to_be_bytes());
    hash
}
