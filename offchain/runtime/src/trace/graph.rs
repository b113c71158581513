//! The graph machine's trace, by checkpoint and replay.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use opml_core::graph::GraphState;
use opml_vm::keccak::FastKeccak;

use super::{TraceError, TraceProvider, check_step};
use crate::executor::Executor;

/// Checkpoints that are kept besides the first.
const CHECKPOINTS: usize = 8;

/// The states of one request.
#[derive(Debug)]
pub struct GraphTrace {
    steps_log2: u8,
    /// Machines on the way, by step; the first one stands at step 0.
    checkpoints: BTreeMap<u64, Executor>,
}

impl GraphTrace {
    /// The trace of `start`, a machine that has taken no step, padded to `2^steps_log2` steps.
    pub fn new(start: Executor, steps_log2: u8) -> Self {
        Self { steps_log2, checkpoints: BTreeMap::from([(start.step_count(), start)]) }
    }

    /// The last machine kept that is not behind `step`: what [`Self::at`] would run on from. Who runs it
    /// itself can stop on the way, and [`Self::keep`] what it has reached.
    pub fn before(&self, step: u64) -> Result<Executor, TraceError> {
        check_step(step, self.steps_log2)?;
        let before = self.checkpoints.range(..=step).next_back();
        let error = TraceError::Step { step, steps_log2: self.steps_log2 };
        before.map(|(_, checkpoint)| checkpoint.clone()).ok_or(error)
    }

    /// The machine behind `step` steps; it stands still from its last step on.
    pub fn at(&mut self, step: u64) -> Result<Executor, TraceError> {
        let mut machine = self.before(step)?;
        machine.run(step - machine.step_count())?;
        // Hashed before it is kept, so that its copies need not hash the same again.
        machine.state();
        self.keep(&machine);
        Ok(machine)
    }

    /// The state behind `step` steps.
    pub fn state(&mut self, step: u64) -> Result<GraphState, TraceError> {
        Ok(self.at(step)?.state())
    }

    /// Keeps a machine of this trace to start from; the one that is farthest from it goes.
    pub fn keep(&mut self, machine: &Executor) {
        let step = machine.step_count();
        self.checkpoints.entry(step).or_insert_with(|| machine.clone());
        while self.checkpoints.len() > CHECKPOINTS + 1 {
            let farthest = self.checkpoints.keys().skip(1).max_by_key(|kept| kept.abs_diff(step));
            let Some(farthest) = farthest.copied() else { return };
            self.checkpoints.remove(&farthest);
        }
    }
}

impl TraceProvider for GraphTrace {
    fn steps_log2(&self) -> u8 {
        self.steps_log2
    }

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        Ok(self.state(step)?.hash::<FastKeccak>())
    }
}
