//! Intents between the driver and the chain.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::U256;

use super::Tick;
use crate::intent::{Intent, Key};
use crate::policy::Pending;

/// Refusals that are remembered.
const REFUSALS: usize = 4096;

/// A refusal is believed for so long while the chain stands still. It may have come from a state that was never the
/// chain's, or no longer is: of a node behind the endpoint that lags, or in the midst of a re-organization.
const BELIEVED: Duration = Duration::from_secs(1);

/// What was handed over. Shared by driver and sender.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// Intents that are not settled.
    waiting: BTreeMap<Key, Waiting>,
    /// What the contracts refused, at which look at the chain and when: they would say the same again.
    refused: HashMap<Key, (Tick, Instant)>,
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
    /// Adds an intent that takes so many wei of credit; false if it is there already, or was refused a moment ago at
    /// this very look at the chain.
    pub fn insert(&self, intent: &Intent, credit: U256, tick: Tick) -> bool {
        self.forget_refusals(Instant::now());
        self.with(|table| {
            if table.refused.get(&intent.key).is_some_and(|(at, _)| *at == tick) {
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

    /// Refusals that are too old at `now` are believed no longer.
    pub(super) fn forget_refusals(&self, now: Instant) {
        self.with(|table| table.refused.retain(|_, (_, when)| now < *when + BELIEVED));
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
            table.refused.insert(key.clone(), (tick, Instant::now()));
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
