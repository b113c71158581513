//! What a player says the computation is: the truth, or a lie from some step on.

use std::convert::Infallible;

use alloy_primitives::B256;
use opml_solver::{Computation, Trace};

use super::machine::{Graph, Program, Run, Status, Step};

const WRONG: u64 = 1 << 40;

/// A false step: the state behind `graph_step` steps is the last true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lie {
    pub graph_step: u64,
    /// Where the step has a run: the state behind `tick` ticks of it is the last true one.
    pub tick: u64,
    /// Says that the run trapped, instead of another value.
    pub traps: bool,
}

/// A row of states of the graph machine, and the run below each step.
#[derive(Clone)]
pub struct Story {
    pub program: Program,
    pub lie: Option<Lie>,
    graph: Vec<Graph>,
    run: Option<(u64, Ticks)>,
}

/// The states of a run.
#[derive(Clone)]
pub struct Ticks(Vec<Run>);

impl Story {
    /// The truth about `2^log2_length` steps, or what `lie` makes of it: the machine goes on truly
    /// from the false state.
    pub fn new(program: Program, log2_length: u8, lie: Option<Lie>) -> Self {
        let mut story = Self { program, lie, graph: vec![Graph::START], run: None };
        for step in 0..1 << log2_length {
            let next = story.successor(step);
            story.graph.push(next);
        }
        story
    }

    pub fn graph_state(&self, step: u64) -> Graph {
        self.graph[usize::try_from(step).unwrap()]
    }

    /// The states of the run of a step; none where it has no run.
    pub fn ticks(&self, graph_step: u64) -> Option<Vec<Run>> {
        let Step::Run(first, bound) = self.program.begin(&self.graph_state(graph_step)) else {
            return None;
        };
        let lie = self.lie.filter(|lie| lie.graph_step == graph_step);
        let mut truth = first;
        let mut ticks = vec![first];
        for tick in 0..1_u64 << bound {
            truth = self.program.step(&truth);
            ticks.push(match lie {
                Some(lie) if tick >= lie.tick => lie.told(truth),
                _ => truth,
            });
        }
        Some(ticks)
    }

    fn successor(&self, step: u64) -> Graph {
        let state = self.graph_state(step);
        if let Some(ticks) = self.ticks(step) {
            return self.program.end(&state, ticks.last().unwrap());
        }
        let Step::Direct(next) = self.program.begin(&state) else { unreachable!() };
        match self.lie.filter(|lie| lie.graph_step == step) {
            Some(_) => Graph { value: next.value ^ WRONG, ..next },
            None => next,
        }
    }

    pub fn log2_length(&self) -> u8 {
        u8::try_from((self.graph.len() - 1).ilog2()).unwrap()
    }

    pub fn end(&self) -> B256 {
        self.graph.last().unwrap().hash()
    }
}

impl Lie {
    /// A false end in any case: a wrong value that counts, or a trap where there was none.
    fn told(&self, truth: Run) -> Run {
        let status = match (self.traps, truth.status) {
            (true, Status::Done | Status::Running) => Status::Failed,
            (_, Status::Failed) => Status::Done,
            (false, status) => status,
        };
        Run { value: truth.value ^ WRONG, status, ..truth }
    }
}

impl Trace for Story {
    type Error = Infallible;

    fn state_hash(&mut self, step: u64) -> Result<B256, Infallible> {
        Ok(self.graph_state(step).hash())
    }
}

impl Computation for Story {
    type Run = Ticks;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut Ticks>, Infallible> {
        if self.run.as_ref().is_none_or(|(step, _)| *step != graph_step) {
            self.run = self.ticks(graph_step).map(|ticks| (graph_step, Ticks(ticks)));
        }
        Ok(self.run.as_mut().map(|(_, ticks)| ticks))
    }
}

impl Trace for Ticks {
    type Error = Infallible;

    fn state_hash(&mut self, step: u64) -> Result<B256, Infallible> {
        Ok(self.0[usize::try_from(step).unwrap()].hash())
    }
}
