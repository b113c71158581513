//! Intents between the driver and the chain.

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
    /// Intents that are not settled, with the wei that they send and what they do.
    waiting: BTreeMap<Key, (U256, String)>,
    /// What the contracts refused, at which look at the chain: they would say the same again.
    refused: HashMap<Key, Tick>,
}

impl UnderWay {
    /// Adds an intent; false if it is there already, or was refused at this very look at the chain.
    pub fn insert(&self, intent: &Intent, tick: Tick) -> bool {
        self.with(|table| {
            table.refused.get(&intent.key) != Some(&tick)
                && table
                    .waiting
                    .insert(intent.key.clone(), (intent.call.value, intent.kind.clone()))
                    .is_none()
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
            for (wei, kind) in table.waiting.values() {
                pending.wei = pending.wei.saturating_add(*wei);
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
