//! The log of changes read forwards: what each change made, so that it can be made again.

use std::collections::HashMap;

use super::{Change, Mark, Replaced, State};

impl State {
    /// What changed after `since`, in order. The log knows what was there before each change; what
    /// was there after it is what the next change of the same thing replaced, or is there now.
    pub fn changes(&self, since: Mark) -> Vec<Change> {
        let (mut leaves, mut slots) = (HashMap::new(), HashMap::new());
        let log = self.log.iter().skip(since.0).rev();
        let mut changes: Vec<Change> = log
            .map(|replaced| match *replaced {
                Replaced::Leaf(address, before) => {
                    let after = leaves.insert(address, before);
                    let after = after.unwrap_or_else(|| self.leaves.get(&address).copied());
                    Change::Leaf(address, after)
                }
                Replaced::Slot(address, key, before) => {
                    let after = slots.insert((address, key), before);
                    let after = after.unwrap_or_else(|| self.now().slot(address, key));
                    Change::Slot(address, key, after)
                }
            })
            .collect();
        changes.reverse();
        changes
    }

    /// Makes a change again.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Leaf(address, leaf) => self.set_leaf(address, leaf.unwrap_or_default()),
            Change::Slot(address, key, value) => self.set_slot(address, key, value),
        }
    }
}

#[cfg(test)]
impl State {
    /// That two states are equal but for code that no account of one has or had.
    pub fn assert_equal(&self, other: &Self) {
        let used = |state: &Self| {
            let mut slots = state.slots.clone();
            slots.retain(|_, slots| !slots.is_empty());
            slots
        };
        assert_eq!(self.leaves, other.leaves);
        assert_eq!(used(self), used(other));
        assert_eq!(self.log, other.log);
        assert_eq!(self.hashes, other.hashes);
        for change in self.changes(Mark::default()) {
            if let Change::Leaf(_, Some(leaf)) = change {
                let code = |state: &Self| state.codes.get(&leaf.code_hash).cloned();
                assert_eq!(code(self), code(other));
            }
        }
    }
}
