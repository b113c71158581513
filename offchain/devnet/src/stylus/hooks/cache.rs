//! The storage cache of one call: reads are remembered, writes held back until flushed.

use std::collections::BTreeMap;

use alloy_primitives::B256;

#[derive(Clone, Copy, Debug)]
struct Word {
    value: B256,
    /// What the chain holds, as far as known.
    known: Option<B256>,
}

/// Storage slots a call has touched. Ordered, so that flushing does not depend on chance.
#[derive(Debug, Default)]
pub struct StorageCache {
    slots: BTreeMap<B256, Word>,
    reads: u32,
    writes: u32,
}

impl StorageCache {
    /// Gas of the next read, growing with their number.
    pub fn read_gas(&mut self) -> u64 {
        self.reads = self.reads.saturating_add(1);
        match self.reads {
            0..=32 => 0,
            33..=128 => 2,
            _ => 10,
        }
    }

    /// Gas of the next write, growing with their number.
    pub fn write_gas(&mut self) -> u64 {
        self.writes = self.writes.saturating_add(1);
        match self.writes {
            0..=8 => 0,
            9..=64 => 7,
            _ => 10,
        }
    }

    /// The value a read sees, if cached.
    pub fn get(&self, key: &B256) -> Option<B256> {
        self.slots.get(key).map(|word| word.value)
    }

    /// Remembers what the chain holds.
    pub fn learn(&mut self, key: B256, value: B256) {
        let known = Some(value);
        self.slots.insert(key, Word { value, known });
    }

    /// Holds a write back.
    pub fn write(&mut self, key: B256, value: B256) {
        let known = self.slots.get(&key).and_then(|word| word.known);
        self.slots.insert(key, Word { value, known });
    }

    /// The writes held back, by ascending key; the chain is assumed to take them.
    pub fn flush(&mut self) -> Vec<(B256, B256)> {
        let mut dirty = Vec::new();
        for (key, word) in &mut self.slots {
            if word.known != Some(word.value) {
                word.known = Some(word.value);
                dirty.push((*key, word.value));
            }
        }
        dirty
    }

    /// Forgets all slots, but not the counts that prices depend on.
    pub fn clear(&mut self) {
        self.slots.clear();
    }
}
