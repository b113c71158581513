//! What waits to be sent, the most urgent first.

use std::collections::{BTreeMap, HashSet};

use super::Tick;
use crate::intent::{Intent, Key, Urgency};

/// Intents that wait.
#[derive(Debug, Default)]
pub struct Queue {
    /// By urgency, then in order of arrival.
    waiting: BTreeMap<(Urgency, u64), (Intent, Tick)>,
    /// What was signed before, by nonce: a later one cannot come before an earlier one.
    resumed: BTreeMap<u64, Intent>,
    keys: HashSet<Key>,
    arrivals: u64,
}

impl Queue {
    /// Adds an intent, unless it waits already.
    pub fn push(&mut self, intent: Intent, tick: Tick) {
        if self.keys.insert(intent.key.clone()) {
            self.arrivals += 1;
            self.waiting.insert((intent.urgency, self.arrivals), (intent, tick));
        }
    }

    /// Adds an intent that was signed with `nonce` before.
    pub fn resume(&mut self, intent: Intent, nonce: u64) {
        if self.keys.insert(intent.key.clone()) {
            self.resumed.insert(nonce, intent);
        }
    }

    /// What was signed before, then the most urgent one; it counts as waiting until [`Self::done`].
    pub fn pop(&mut self) -> Option<(Intent, Tick)> {
        let resumed = self.resumed.pop_first().map(|(_, intent)| (intent, Tick::default()));
        resumed.or_else(|| self.waiting.pop_first().map(|(_, waiting)| waiting))
    }

    /// Whether something urgent waits.
    pub fn has_urgent(&self) -> bool {
        let resumed = self.resumed.values().any(|intent| intent.urgency.is_urgent());
        resumed || self.waiting.keys().next().is_some_and(|(urgency, _)| urgency.is_urgent())
    }

    /// Whether an intent waits or is being sent.
    pub fn holds(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// An intent is no longer being sent.
    pub fn done(&mut self, key: &Key) {
        self.keys.remove(key);
    }
}
