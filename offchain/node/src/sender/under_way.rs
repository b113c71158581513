//! Intents between the driver and the chain.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::U256;

use super::Tick;
use crate::intent::{Intent, Key};
use crate::policy::Pending;

/// Refusals that are remembered.
const REFUSALS: usize = 4096;

/// What was handed over. Shared by driver and sender.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// Intents that are not settled.
    waiting: BTreeMap<Key, Waiting>,
    /// What the contracts refused, at which look at the chain: they would say the same again.
    refused: HashMap<Key, Tick>,
}

#[derive(Debug)]
struct Waiting {
    /// What it does.
    kind: String,
    /// Wei that it sends.
    wei: U256,
    /// Wei of credit that it takes besides.
    credit: U256,
}

impl UnderWay {
    /// Adds an intent that takes so many wei of credit; false if it is there already, or was refused at this very look at the chain.
    pub fn insert(&self, intent: &Intent, credit: U256, tick: Tick) -> bool {
        self.with(|table| {
            if table.refused.get(&intent.key) == Some(&tick) {
                return false;
            }
            // What it was handed over with stays: that is what is sent.
            let Entry::Vacant(place) = table.waiting.entry(intent.key.clone()) else {
                return false;
            };
            place.insert(Waiting { kind: intent.kind.clone(), wei: intent.call.value, credit });
            true
        })
    }

    /// An intent is settled.
    pub fn settled(&self, key: &Key) {
        self.with(|table| {
            table.waiting.remove(key);
            table.refused.remove(key);
        });
    }

    /// An intent was refused at a look at the chain.
    pub fn refused(&self, key: &Key, tick: Tick) {
        self.with(|table| {
            table.waiting.remove(key);
            if table.refused.len() >= REFUSALS {
                table.refused.clear();
            }
            table.refused.insert(key.clone(), tick);
        });
    }

    /// What all of them put in.
    pub fn pending(&self) -> Pending {
        self.with(|table| {
            let mut pending = Pending::default();
            for Waiting { kind, wei, credit } in table.waiting.values() {
                pending.wei = pending.wei.saturating_add(*wei);
                pending.credit = pending.credit.saturating_add(*credit);
                pending.claims += usize::from(kind == "claim");
                pending.games += usize::from(kind == "challenge");
            }
            pending
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.with(|table| table.waiting.len())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
