//! From a graph step to a run and back: docs/spec.md, section 6, for the operator of [`Program`].

use alloy_primitives::B256;

use super::graph::{self, GraphState};
use super::memory::{Memory, climb};
use super::mips::{self, MipsState};
use super::program::{BOUND, LEAF, LEAF_LOG2, Program, Step, split};

/// First byte of the output's window.
pub const OUTPUT_WINDOW: u64 = 10 << 28;

/// What begin answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The successor.
    Direct(GraphState),
    /// The first state of a run, and log2 of its steps.
    Run(MipsState, u8),
}

/// A program and the root of its image.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The program.
    pub program: Program,
    /// Root of the image's window.
    pub image: B256,
}

impl Code {
    /// Memory of the run of a state's step, for an operator that reads a region with this root.
    pub fn memory(self, state: &GraphState, input: B256) -> Memory {
        let words = [state.iteration, state.tile].map(u32::to_le_bytes);
        let block = [self.program.descriptor(state.pc), words.as_flattened().to_vec()].concat();
        Memory::new(mips::MEMORY_LOG2).with(0, 28, self.image).with_bytes(1 << 28, &block).with(
            2 << 28,
            LEAF_LOG2,
            input,
        )
    }

    /// The witness of begin, in the memory that the state has.
    pub fn begin_witness(self, state: &GraphState, memory: &Memory) -> Vec<u8> {
        match self.program.step(state) {
            Step::Stopped | Step::Outside => Vec::new(),
            Step::Illegal => self.program.part(state.pc),
            Step::Run => [self.program.part(state.pc), memory.part(LEAF, LEAF_LOG2)].concat(),
        }
    }

    /// Begin; none if the witness is not the one.
    pub fn begin(self, state: &GraphState, witness: &[u8]) -> Option<Begun> {
        let step = self.program.step(state);
        if matches!(step, Step::Stopped | Step::Outside) {
            let successor = if step == Step::Stopped { *state } else { state.failed() };
            return witness.is_empty().then_some(Begun::Direct(successor));
        }
        let (_, inputs) = split(self.program.root(), state.pc, witness)?;
        if step == Step::Illegal {
            return inputs.is_empty().then_some(Begun::Direct(state.failed()));
        }
        let (input, path) = inputs.split_at_checked(32)?;
        let input = B256::from_slice(input);
        if climb(input, path, LEAF, [LEAF_LOG2, graph::MEMORY_LOG2])? != state.root {
            return None;
        }
        let first = MipsState::running(self.memory(state, input).root(), 0x1000, 0);
        Some(Begun::Run(first, BOUND))
    }

    /// The witness of end, for a last state with this memory.
    pub fn end_witness(
        self,
        state: &GraphState,
        memory: &Memory,
        last: (&MipsState, &Memory),
    ) -> Vec<u8> {
        let descriptor = self.program.part(state.pc);
        let (last, run) = last;
        if (last.status, last.code) != (mips::EXITED, 0) {
            return descriptor;
        }
        [descriptor, run.part(OUTPUT_WINDOW, LEAF_LOG2), memory.part(LEAF, LEAF_LOG2)].concat()
    }

    /// End, for a state whose step is a run; none if the witness is not the one.
    pub fn end(self, state: &GraphState, last: &MipsState, witness: &[u8]) -> Option<GraphState> {
        if self.program.step(state) != Step::Run {
            return None;
        }
        let (_, rest) = split(self.program.root(), state.pc, witness)?;
        if (last.status, last.code) != (mips::EXITED, 0) {
            return rest.is_empty().then(|| state.failed());
        }
        let (new, rest) = cut(rest, 32 + 27 * 32)?;
        let (old, rest) = cut(rest, 32 + 35 * 32)?;
        let new_root = B256::from_slice(&new[..32]);
        let climbed = climb(new_root, &new[32..], OUTPUT_WINDOW, [LEAF_LOG2, mips::MEMORY_LOG2])?;
        let levels = [LEAF_LOG2, graph::MEMORY_LOG2];
        let before = climb(B256::from_slice(&old[..32]), &old[32..], LEAF, levels)?;
        let is_shown = rest.is_empty() && climbed == last.root && before == state.root;
        let root = climb(new_root, &old[32..], LEAF, levels)?;
        is_shown.then(|| GraphState { root, ..*state }.halted())
    }
}

fn cut(bytes: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(at)
}
