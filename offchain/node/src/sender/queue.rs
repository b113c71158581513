//! What waits to be sent, the most urgent first, and what is under way.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Tick;
use crate::intent::{Intent, Key, Urgency};

/// Intents that wait or are under way.
#[derive(Debug, Default)]
pub struct Queue {
    /// By urgency, then in order of arrival.
    waiting: BTreeMap<(Urgency, u64), (Intent, Tick)>,
    /// What was signed before, by nonce: a later one cannot come before an earlier one.
    resumed: BTreeMap<u64, Intent>,
    /// What is under way, and whether it is urgent.
    under_way: HashMap<Key, bool>,
    /// Of all of them.
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

    /// What is sent next, if something is while others are under way, at most `most`: what was signed before,
    /// what is urgent, and anything if nothing else is under way. It is under way until [`Self::done`].
    pub fn pop(&mut self, most: usize) -> Option<(Intent, Tick)> {
        if self.under_way.len() >= most {
            return None;
        }
        let resumed = self.resumed.pop_first().map(|(_, intent)| (intent, Tick::default()));
        let alone = self.under_way.is_empty();
        let next = resumed.or_else(|| {
            let first = self.waiting.first_entry()?;
            (alone || first.key().0.is_urgent()).then(|| first.remove())
        })?;
        self.under_way.insert(next.0.key.clone(), next.0.urgency.is_urgent());
        Some(next)
    }

    /// Whether something urgent waits for what is not: before it in the order of nonces.
    pub fn presses(&self) -> bool {
        let mut resumed = self.resumed.values();
        let urgent = self.under_way.values().any(|urgent| *urgent)
            || resumed.any(|intent| intent.urgency.is_urgent())
            || self.waiting.keys().next().is_some_and(|(urgency, _)| urgency.is_urgent());
        urgent && self.under_way.values().any(|urgent| !urgent)
    }

    /// Whether an intent waits or is being sent.
    pub fn holds(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// An intent is no longer being sent.
    pub fn done(&mut self, key: &Key) {
        self.under_way.remove(key);
        self.keys.remove(key);
    }
}
