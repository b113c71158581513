//! Transactions that wait for a block.

use std::collections::HashMap;

use alloy_consensus::TxEnvelope;
use alloy_consensus::transaction::Recovered;
use alloy_primitives::{Address, B256};

/// Transactions in the order they came, found by hash and counted by sender without a walk.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pool {
    transactions: Vec<Recovered<TxEnvelope>>,
    places: HashMap<B256, usize>,
    senders: HashMap<Address, u64>,
}

impl Pool {
    /// All of them.
    pub fn transactions(&self) -> &[Recovered<TxEnvelope>] {
        &self.transactions
    }

    /// The one with this hash.
    pub fn get(&self, hash: B256) -> Option<&Recovered<TxEnvelope>> {
        self.transactions.get(*self.places.get(&hash)?)
    }

    /// How many are from `sender`.
    pub fn count(&self, sender: Address) -> u64 {
        self.senders.get(&sender).copied().unwrap_or_default()
    }

    /// Adds one behind all others.
    pub fn push(&mut self, tx: Recovered<TxEnvelope>) {
        self.places.insert(*tx.inner().tx_hash(), self.transactions.len());
        *self.senders.entry(tx.signer()).or_default() += 1;
        self.transactions.push(tx);
    }

    /// Removes one; false if it is not there.
    pub fn remove(&mut self, hash: B256) -> bool {
        let known = self.places.contains_key(&hash);
        if known {
            let rest = self.take().into_iter().filter(|tx| *tx.inner().tx_hash() != hash);
            rest.for_each(|tx| self.push(tx));
        }
        known
    }

    /// Removes all of them.
    pub fn take(&mut self) -> Vec<Recovered<TxEnvelope>> {
        std::mem::take(self).transactions
    }
}
