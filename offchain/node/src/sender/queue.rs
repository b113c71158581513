//! What waits to be sent, the most urgent first.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Tick;
use crate::intent::{Intent, Key, Urgency};
use crate::store::State;

/// Intents that wait.
#[derive(Debug, Default)]
pub struct Queue {
    /// By urgency, then in order of arrival.
    waiting: BTreeMap<(Urgency, u64), (Intent, Tick)>,
    /// What was signed before, by nonce: a later one cannot come before an earlier one.
    resumed: BTreeMap<u64, Intent>,
    keys: HashSet<Key>,
    arrivals: u64,
    /// What was refused, at which look at the chain.
    refused: HashMap<Key, Tick>,
}

/// Refusals that are remembered.
const REFUSALS: usize = 4096;

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

    /// Whether an intent waits or is being sent.
    pub fn holds(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Whether an intent was refused at this very look at the chain.
    pub fn was_refused_at(&self, key: &Key, tick: Tick) -> bool {
        self.refused.get(key) == Some(&tick)
    }

    /// An intent is no longer being sent.
    pub fn done(&mut self, key: &Key, tick: Tick, state: &State) {
        self.keys.remove(key);
        self.refused.remove(key);
        if matches!(state, State::Refused { .. }) {
            if self.refused.len() >= REFUSALS {
                self.refused.clear();
            }
            self.refused.insert(key.clone(), tick);
        }
    }
}
