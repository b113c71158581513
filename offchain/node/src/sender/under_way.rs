//! Intents between the driver and the chain.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use alloy_primitives::U256;

use crate::intent::{Intent, Key};

/// Intents that were handed over and not settled, with the wei that they send. Shared by driver and sender.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<BTreeMap<Key, U256>>>);

impl UnderWay {
    /// Adds an intent; false if it is there already.
    pub fn insert(&self, intent: &Intent) -> bool {
        self.with(|map| map.insert(intent.key.clone(), intent.call.value).is_none())
    }

    /// An intent is settled.
    pub fn remove(&self, key: &Key) {
        self.with(|map| map.remove(key));
    }

    /// Wei that all of them send.
    pub fn wei(&self) -> U256 {
        self.with(|map| map.values().fold(U256::ZERO, |sum, wei| sum.saturating_add(*wei)))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.with(|map| map.len())
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Key, U256>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
