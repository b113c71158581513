//! The MIPS machine's trace of one tile, by checkpoint and replay.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use opml_core::mips::State;
use opml_vm::keccak::FastKeccak;
use opml_vm::{Machine, Snapshot, Witness};

use super::{TraceError, TraceProvider, check_step};
use crate::tile::TileRun;

/// Snapshots that are kept besides the first.
const SNAPSHOTS: usize = 32;

/// The states of one tile's run.
pub struct RunTrace {
    bound: u8,
    /// A machine to restore snapshots with.
    machine: Machine,
    /// By step; the first one stands at step 0.
    snapshots: BTreeMap<u64, Snapshot>,
}

impl RunTrace {
    /// The trace of a run that has taken no step, padded to `2^bound` steps.
    pub fn new(run: TileRun) -> Result<Self, TraceError> {
        let bound = run.tile().bound;
        let mut machine = run.into_machine();
        let start = machine.snapshot()?;
        Ok(Self { bound, machine, snapshots: BTreeMap::from([(0, start)]) })
    }

    /// The machine behind `step` steps; it stands still from its last step on.
    pub fn at(&mut self, step: u64) -> Result<Machine, TraceError> {
        check_step(step, self.bound)?;
        let before = self.snapshots.range(..=step).next_back();
        let Some((at, snapshot)) = before else {
            return Err(TraceError::Step { step, steps_log2: self.bound });
        };
        let mut machine = self.machine.restore(snapshot);
        machine.run(step - at)?;
        // Behind its last step a machine counts no more: the snapshot of the end serves all that follow.
        let reached = machine.cpu().step;
        if !self.snapshots.contains_key(&reached) {
            self.keep(reached, machine.snapshot()?);
        }
        Ok(machine)
    }

    /// The state behind `step` steps.
    pub fn state(&mut self, step: u64) -> Result<State, TraceError> {
        Ok(self.at(step)?.state()?)
    }

    /// The witness of the step behind `step` steps, with the state it starts from.
    pub fn witness(&mut self, step: u64) -> Result<Witness, TraceError> {
        Ok(self.at(step)?.witness()?)
    }

    /// Keeps a snapshot to start from; the one that is farthest from it goes.
    fn keep(&mut self, step: u64, snapshot: Snapshot) {
        self.snapshots.insert(step, snapshot);
        if self.snapshots.len() > SNAPSHOTS + 1 {
            let farthest = self.snapshots.keys().skip(1).max_by_key(|kept| kept.abs_diff(step));
            if let Some(farthest) = farthest.copied() {
                self.snapshots.remove(&farthest);
            }
        }
    }
}

impl TraceProvider for RunTrace {
    fn steps_log2(&self) -> u8 {
        self.bound
    }

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        Ok(self.state(step)?.hash::<FastKeccak>())
    }
}
