//! How the parts of a chain are written: RLP of these records.
//!
//! A block is what its header cannot be computed from, and its hash; so a block read back has been
//! checked down to the last log and the last change of the state.

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::Recovered;
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_rlp::{Error, RlpDecodable, RlpEncodable};

use crate::chain::block::{End, MinedBlock, MinedTransaction, Stamp};
use crate::chain::control::{Mining, Snapshot, SnapshotId, Time};
use crate::chain::exec::RecentPrograms;
use crate::chain::state::{Change, Leaf, Mark};

fn mark(position: u64) -> Result<Mark, Error> {
    Mark::try_from(position).map_err(|_| Error::Overflow)
}

/// A transaction with its sender: that of an impersonated account cannot be told from the
/// signature, and telling the others takes long.
#[derive(Debug, RlpEncodable, RlpDecodable)]
pub struct TxRecord {
    sender: Address,
    raw: Bytes,
}

impl From<&Recovered<TxEnvelope>> for TxRecord {
    fn from(tx: &Recovered<TxEnvelope>) -> Self {
        Self { sender: tx.signer(), raw: tx.inner().encoded_2718().into() }
    }
}

impl TxRecord {
    /// The transaction.
    pub fn read(self) -> Result<Recovered<TxEnvelope>, Error> {
        let tx = TxEnvelope::decode_2718_exact(&self.raw)
            .map_err(|_| Error::Custom("not a transaction"))?;
        Ok(Recovered::new_unchecked(tx, self.sender))
    }
}

/// A mined transaction.
#[derive(Debug, RlpEncodable, RlpDecodable)]
#[rlp(trailing)]
struct MinedRecord {
    tx: TxRecord,
    success: bool,
    gas_used: u64,
    start: u64,
    recent: Vec<B256>,
    logs: Vec<Log>,
    created: Option<Address>,
}

impl From<&MinedTransaction> for MinedRecord {
    fn from(mined: &MinedTransaction) -> Self {
        Self {
            tx: (&mined.tx).into(),
            success: mined.success,
            gas_used: mined.gas_used,
            start: mined.start.position(),
            recent: mined.recent.iter().collect(),
            logs: mined.logs.clone(),
            created: mined.created,
        }
    }
}

/// A block.
#[derive(Debug, RlpEncodable, RlpDecodable)]
pub struct BlockRecord {
    /// Hash of its header.
    pub hash: B256,
    /// Where the state's log stands after it.
    pub end: u64,
    parent_chain_number: u64,
    timestamp: u64,
    base_fee: u64,
    transactions: Vec<MinedRecord>,
}

impl From<&MinedBlock> for BlockRecord {
    fn from(block: &MinedBlock) -> Self {
        let stamp = block.stamp();
        Self {
            hash: block.hash,
            end: block.end.position(),
            parent_chain_number: stamp.parent_chain_number,
            timestamp: stamp.timestamp,
            base_fee: stamp.base_fee,
            transactions: block.transactions.iter().map(MinedRecord::from).collect(),
        }
    }
}

impl BlockRecord {
    /// The block with this number on top of `parent`, ending in the state of `end`. Its hash is
    /// computed anew.
    pub fn read(self, number: u64, parent: B256, end: End) -> Result<MinedBlock, Error> {
        let stamp = Stamp {
            parent,
            number,
            parent_chain_number: self.parent_chain_number,
            timestamp: self.timestamp,
            base_fee: self.base_fee,
        };
        let (mut cumulative_gas_used, mut first_log) = (0u64, 0u64);
        let mut transactions = Vec::with_capacity(self.transactions.len());
        for record in self.transactions {
            cumulative_gas_used = cumulative_gas_used.saturating_add(record.gas_used);
            let logs = record.logs.len() as u64;
            transactions.push(MinedTransaction {
                tx: record.tx.read()?,
                success: record.success,
                gas_used: record.gas_used,
                cumulative_gas_used,
                logs: record.logs,
                first_log,
                created: record.created,
                start: mark(record.start)?,
                recent: RecentPrograms::from_iter(record.recent),
            });
            first_log += logs;
        }
        Ok(MinedBlock::seal(stamp, transactions, end))
    }
}

/// A change of the state: what an account or slot is afterwards. Without a value the account is
/// gone; two are a slot's key and value; three an account's balance, nonce and code hash.
#[derive(Debug, RlpEncodable, RlpDecodable)]
pub struct ChangeRecord {
    account: Address,
    values: Vec<U256>,
}

impl From<&Change> for ChangeRecord {
    fn from(change: &Change) -> Self {
        let (account, values) = match *change {
            Change::Leaf(account, None) => (account, vec![]),
            Change::Leaf(account, Some(leaf)) => {
                let values = [leaf.balance, U256::from(leaf.nonce), leaf.code_hash.into()];
                (account, values.to_vec())
            }
            Change::Slot(account, key, value) => (account, vec![key, value]),
        };
        Self { account, values }
    }
}

impl ChangeRecord {
    /// The change.
    pub fn read(self) -> Result<Change, Error> {
        match self.values[..] {
            [] => Ok(Change::Leaf(self.account, None)),
            [key, value] => Ok(Change::Slot(self.account, key, value)),
            [balance, nonce, code_hash] => {
                let nonce = u64::try_from(nonce).map_err(|_| Error::Overflow)?;
                let leaf = Leaf { balance, nonce, code_hash: code_hash.into() };
                Ok(Change::Leaf(self.account, Some(leaf)))
            }
            _ => Err(Error::Custom("not a change")),
        }
    }
}

/// Time settings; the offset in two's complement.
#[derive(Debug, RlpEncodable, RlpDecodable)]
struct TimeRecord {
    offset: u64,
    next: Vec<u64>,
}

impl From<Time> for TimeRecord {
    fn from(time: Time) -> Self {
        Self { offset: time.offset.cast_unsigned(), next: time.next.into_iter().collect() }
    }
}

impl From<TimeRecord> for Time {
    fn from(record: TimeRecord) -> Self {
        Self { offset: record.offset.cast_signed(), next: record.next.first().copied() }
    }
}

#[derive(Debug, RlpEncodable, RlpDecodable)]
struct SnapshotRecord {
    id: u64,
    blocks: u64,
    mark: u64,
    time: TimeRecord,
}

/// What was set on a chain beside its state.
#[derive(Clone, Debug, Default)]
pub struct Controls {
    /// When blocks are mined.
    pub mining: Mining,
    /// The chain's time.
    pub time: Time,
    /// Points to go back to.
    pub snapshots: Vec<Snapshot>,
    /// Their last number.
    pub last_snapshot: SnapshotId,
    /// Accounts impersonated, in order.
    pub impersonated: Vec<Address>,
    /// Whether all are.
    pub impersonate_all: bool,
}

/// The same as written.
#[derive(Debug, RlpEncodable, RlpDecodable)]
pub struct ControlsRecord {
    on_demand: bool,
    time: TimeRecord,
    snapshots: Vec<SnapshotRecord>,
    last_snapshot: u64,
    impersonated: Vec<Address>,
    impersonate_all: bool,
}

impl From<Controls> for ControlsRecord {
    fn from(controls: Controls) -> Self {
        let snapshots = controls.snapshots.iter().map(|snapshot| SnapshotRecord {
            id: snapshot.id.0,
            blocks: snapshot.blocks as u64,
            mark: snapshot.mark.position(),
            time: snapshot.time.into(),
        });
        Self {
            on_demand: controls.mining == Mining::OnDemand,
            time: controls.time.into(),
            snapshots: snapshots.collect(),
            last_snapshot: controls.last_snapshot.0,
            impersonated: controls.impersonated,
            impersonate_all: controls.impersonate_all,
        }
    }
}

impl ControlsRecord {
    /// The settings.
    pub fn read(self) -> Result<Controls, Error> {
        let snapshots = self.snapshots.into_iter().map(|record| {
            Ok(Snapshot {
                id: SnapshotId(record.id),
                blocks: usize::try_from(record.blocks).map_err(|_| Error::Overflow)?,
                mark: mark(record.mark)?,
                time: record.time.into(),
            })
        });
        Ok(Controls {
            mining: if self.on_demand { Mining::OnDemand } else { Mining::Instant },
            time: self.time.into(),
            snapshots: snapshots.collect::<Result<_, Error>>()?,
            last_snapshot: SnapshotId(self.last_snapshot),
            impersonated: self.impersonated,
            impersonate_all: self.impersonate_all,
        })
    }
}
