//! Graph steps count, most of them by a run that counts tick by tick.

use alloy_primitives::{B256, keccak256};

/// A state of either machine stops in one of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Running,
    /// Halted, exited.
    Done,
    /// Failed, trapped.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graph {
    pub step: u64,
    pub value: u64,
    pub status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub graph_step: u64,
    pub value: u64,
    pub tick: u64,
    /// Has no part in what the run leads to.
    pub scratch: u64,
    pub status: Status,
}

/// How the computation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The step behind `at` steps halts.
    Halts { at: u64 },
    /// The run of that step traps.
    Traps { at: u64 },
    /// That step fails without a run.
    Illegal { at: u64 },
}

#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub ending: Ending,
    pub max_bound: u8,
}

/// The step of a graph state.
pub enum Step {
    Direct(Graph),
    Run(Run, u8),
}

impl Graph {
    pub const START: Self = Self { step: 0, value: 100, status: Status::Running };

    pub fn hash(&self) -> B256 {
        words(b'g', &[self.step, self.value, self.status as u64])
    }
}

impl Run {
    pub fn hash(&self) -> B256 {
        let Self { graph_step, value, tick, scratch, status } = *self;
        words(b'r', &[graph_step, value, tick, scratch, status as u64])
    }
}

fn words(tag: u8, words: &[u64]) -> B256 {
    let bytes = words.iter().flat_map(|word| word.to_be_bytes());
    keccak256([tag].into_iter().chain(bytes).collect::<Vec<u8>>())
}

impl Program {
    pub fn begin(&self, state: &Graph) -> Step {
        let counted = Graph { step: state.step + 1, value: state.value + 1, ..*state };
        if state.status != Status::Running {
            Step::Direct(*state)
        } else if self.ending == (Ending::Illegal { at: state.step }) {
            Step::Direct(Graph { status: Status::Failed, ..*state })
        } else if state.step % 3 == 1 && self.ending != (Ending::Traps { at: state.step }) {
            Step::Direct(self.settled(counted))
        } else {
            let (graph_step, value) = (state.step, state.value);
            let first = Run { graph_step, value, tick: 0, scratch: 0, status: Status::Running };
            Step::Run(first, self.bound(state.step))
        }
    }

    pub fn end(&self, state: &Graph, last: &Run) -> Graph {
        match last.status {
            Status::Done => {
                self.settled(Graph { step: state.step + 1, value: last.value, ..*state })
            }
            Status::Running | Status::Failed => Graph { status: Status::Failed, ..*state },
        }
    }

    pub fn step(&self, state: &Run) -> Run {
        if state.status != Status::Running {
            return *state;
        }
        let tick = state.tick + 1;
        let traps = self.ending == Ending::Traps { at: state.graph_step };
        let status = match tick == self.ticks(state.graph_step) {
            true if traps => Status::Failed,
            true => Status::Done,
            false => Status::Running,
        };
        Run { value: state.value + 2, tick, scratch: tick * 7, status, ..*state }
    }

    /// Halted if the program ends with the step that led here.
    fn settled(&self, state: Graph) -> Graph {
        let halts = self.ending == Ending::Halts { at: state.step - 1 };
        Graph { status: if halts { Status::Done } else { Status::Running }, ..state }
    }

    /// All lengths of runs come up.
    pub fn bound(&self, graph_step: u64) -> u8 {
        u8::try_from(graph_step * 5 / 3 % (u64::from(self.max_bound) + 1)).unwrap()
    }

    /// Ticks after which a run stops: three quarters of its bound, so that it is padded.
    fn ticks(&self, graph_step: u64) -> u64 {
        let length = 1_u64 << self.bound(graph_step);
        length - length / 4
    }
}
