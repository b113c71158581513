//! States that people here know of: those of a request's true trace, and a palette to lie with.

use alloy_primitives::B256;

use crate::machine::graph::{GraphState, first_memory};
use crate::machine::handover::{Code, OUTPUT_WINDOW};
use crate::machine::memory::Memory;
use crate::machine::mips::{self, BREAK, MipsState, RESERVED};
use crate::machine::program::{BOUND, LEAF, LEAF_LOG2, Program};
use crate::spec::Spec;
use crate::spec::records::Request;

/// A state of the graph machine with its memory.
pub type Graph = (GraphState, Memory);
/// A state of the MIPS machine with its memory.
pub type Mips = (MipsState, Memory);

/// A request's model and its first state.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What it runs.
    pub code: Code,
    /// Its first state.
    pub start: Graph,
}

impl Scene {
    /// The scene of a request.
    pub fn new(spec: &Spec, request: &Request) -> Self {
        let model = &spec.models[&request.model];
        let memory = first_memory(model.weights, &request.bytes);
        let code = Code { program: model.program, image: model.image };
        Self { code, start: (GraphState::start(memory.root()), memory) }
    }

    /// The true state behind so many steps. The first step fails: there is no operator, or its run does nothing but
    /// `sll $0, $0, 0` until its steps are over.
    pub fn truth(&self, step: u64) -> Graph {
        let (state, memory) = &self.start;
        let state = if step == 0 { *state } else { state.failed() };
        (state, memory.clone())
    }

    /// Memory of the start with a word in the operator's leaf.
    fn written(&self) -> Memory {
        self.start.1.clone().with(LEAF, LEAF_LOG2, B256::with_last_byte(1))
    }

    /// The state whose step is another run.
    pub fn other(&self) -> Graph {
        let memory = self.written();
        (GraphState { iteration: 7, ..GraphState::start(memory.root()) }, memory)
    }

    /// States to claim.
    pub fn graph(&self) -> Vec<Graph> {
        let (start, memory) = self.start.clone();
        let (other, written) = self.other();
        let at = |pc| GraphState { pc, ..start };
        let states = [
            start,
            start.failed(),
            start.halted(),
            at(1 << 16),
            at(1 << 16).failed(),
            at(5),
            at(5).failed(),
            GraphState { tile: 3, ..start },
            at(u32::MAX),
        ];
        let others = [
            other,
            other.failed(),
            other.halted(),
            GraphState { root: other.root, ..start }.halted(),
        ];
        let states = states.into_iter().map(|state| (state, memory.clone()));
        states.chain(others.into_iter().map(|state| (state, written.clone()))).collect()
    }

    /// The state behind so many steps of the true run of a state's step.
    pub fn run(&self, (state, memory): &Graph, step: u64) -> Mips {
        let memory = self.code.memory(state, memory.node(LEAF_LOG2, LEAF >> LEAF_LOG2));
        let moved = u32::try_from(step * 4).unwrap_or(u32::MAX);
        (MipsState::running(memory.root(), 0x1000_u32.wrapping_add(moved), step), memory)
    }

    /// The state behind the true run.
    pub fn last(&self, state: &Graph) -> Mips {
        self.run(state, 1 << BOUND)
    }

    /// States of the MIPS machine to claim.
    pub fn mips() -> Vec<Mips> {
        let zero = Memory::new(mips::MEMORY_LOG2);
        let with = |base, word: B256| zero.clone().with(base, LEAF_LOG2, word);
        let one = B256::with_last_byte(1);
        let code = |word: u32| {
            let mut leaf = B256::ZERO;
            leaf[..4].copy_from_slice(&word.to_le_bytes());
            with(0x1000, leaf)
        };
        let output = with(OUTPUT_WINDOW, one);
        let mut states = vec![
            (MipsState::stopped(zero.root(), mips::EXITED, 0), zero.clone()),
            (MipsState::stopped(output.root(), mips::EXITED, 0), output),
            (MipsState::stopped(zero.root(), mips::EXITED, 1), zero.clone()),
            (MipsState::stopped(zero.root(), mips::TRAPPED, 1), zero.clone()),
            (MipsState::running(zero.root(), 0x1001, 0), zero.clone()),
            (MipsState::running(zero.root(), 0x1000, 0), zero.clone()),
            (MipsState::running(code(BREAK).root(), 0x1000, 0), code(BREAK)),
            (MipsState::running(code(RESERVED).root(), 0x1000, 0), code(RESERVED)),
        ];
        let successors: Vec<Mips> = states[4..]
            .iter()
            .filter_map(|(state, memory)| {
                Some((state.step(&state.witness(memory))?, memory.clone()))
            })
            .collect();
        states.extend(successors);
        states
    }

    /// Whether a program has no run at all.
    pub fn is_empty(&self) -> bool {
        self.code.program == Program::Empty
    }
}
