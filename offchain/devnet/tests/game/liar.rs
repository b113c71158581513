//! A native executor with a fault in one tile, and a run to go with it.

use alloy_primitives::B256;
use opml_core::game::{Move, Phase, Position};
use opml_core::graph::GraphStep;
use opml_core::mips::Window;
use opml_operator::{Operator, Place};
use opml_runtime::Executor;
use opml_runtime::executor::{Kernels, Settings};
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError, begin_witness, end_witness};
use opml_solver::machines::Evidence;
use opml_solver::{Computation, Trace};
use opml_vm::Machine;
use opml_vm::keccak::FastKeccak;

/// The operators whose first word is wrong; the liar defends the first of them.
#[derive(Clone, Copy)]
pub struct Fault {
    pub kernels: Kernels,
    pub hits: fn(&Operator) -> bool,
    /// Instructions of the run that the liar tells truly, by the run's bound.
    pub from: fn(u8) -> u64,
}

const fn is_gelu(operator: &Operator) -> bool {
    matches!(operator, Operator::Gelu(_))
}

const fn is_matmul(operator: &Operator) -> bool {
    matches!(operator, Operator::Matmul(_))
}

fn faulty_gelu(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
    output[0] ^= u32::from(is_gelu(operator));
}

fn faulty_matmul(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
    output[0] ^= u32::from(is_matmul(operator));
}

pub const GELU: fn(fn(u8) -> u64) -> Fault =
    |from| Fault { kernels: faulty_gelu, hits: is_gelu, from };
pub const MATMUL: fn(fn(u8) -> u64) -> Fault =
    |from| Fault { kernels: faulty_matmul, hits: is_matmul, from };

impl Fault {
    pub fn settings(&self) -> Settings {
        Settings { kernels: self.kernels, ..Settings::default() }
    }

    /// Steps before the first faulty tile.
    fn step(&self, mut machine: Executor) -> u64 {
        while let GraphStep::Tile(tile) = machine.next_step() {
            if (self.hits)(&tile.operator) {
                return machine.step_count();
            }
            machine.step().unwrap();
        }
        panic!("the model has no such operator");
    }
}

/// The run of the faulty tile as the liar tells it: with the wrong word from some instruction on.
pub struct Forged {
    truth: RunTrace,
    word: u32,
    from: u64,
}

impl Forged {
    fn at(&mut self, step: u64) -> Result<Machine, TraceError> {
        let mut machine = self.truth.at(step)?;
        if step > self.from {
            machine.memory_mut().write(Window::Output.base(), &self.word.to_le_bytes())?;
        }
        Ok(machine)
    }
}

impl Trace for Forged {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        Ok(self.at(step)?.state()?.hash::<FastKeccak>())
    }
}

pub struct Liar {
    graph: GraphTrace,
    image: KernelImage,
    fault: Fault,
    /// Number of the faulty step.
    step: u64,
    run: Option<Forged>,
}

impl Liar {
    /// `start` runs with the fault's kernels.
    pub fn new(start: Executor, steps_log2: u8, fault: Fault) -> Self {
        let step = fault.step(start.clone());
        let graph = GraphTrace::new(start, steps_log2);
        Self { graph, image: KernelImage::released().unwrap(), fault, step, run: None }
    }

    fn forged(&mut self) -> Forged {
        let mut machine = self.graph.at(self.step).unwrap();
        let run = TileRun::new(&mut machine, &self.image, 64 << 20).unwrap();
        let (output, from) = (run.tile().output, (self.fault.from)(run.tile().bound));
        machine.step().unwrap();
        let word = machine.read(output)[0];
        Forged { truth: RunTrace::new(run).unwrap(), word, from }
    }

    /// What the liar shows with a move: its own states, with true witnesses of them.
    pub fn shown(&mut self, position: &Position, mv: &Move) -> Evidence {
        let step = position.segment(mv.segment()).unwrap().first_step;
        match (mv, position.phase()) {
            (Move::Dissect { .. }, _) => Evidence::Dissect,
            (Move::Conclude { .. }, _) => {
                let mut machine = self.graph.at(step).unwrap();
                let begin = begin_witness(&mut machine);
                Evidence::Conclude { state: machine.state(), begin }
            }
            (Move::Descend { .. }, _) => {
                let mut machine = self.graph.at(step).unwrap();
                let begin = begin_witness(&mut machine);
                let state = machine.state();
                let GraphStep::Tile(tile) = machine.next_step() else { panic!("a tile") };
                let run = self.run(step).unwrap().unwrap();
                let mut last = run.at(1 << tile.bound).unwrap();
                let end = end_witness(&mut machine, &tile, &mut last).unwrap();
                Evidence::Descend { state, begin, last: last.state().unwrap(), end }
            }
            (Move::Prove { .. }, Phase::Run { .. }) => {
                let mut machine = self.run(self.step).unwrap().unwrap().at(step).unwrap();
                let witness = machine.witness().unwrap();
                Evidence::Prove { state: witness.pre_state, proof: witness.proof }
            }
            (Move::Prove { .. }, Phase::Graph) => panic!("{mv:?}"),
        }
    }
}

impl Trace for Liar {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        Ok(self.graph.state(step)?.hash::<FastKeccak>())
    }
}

impl Computation for Liar {
    type Run = Forged;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut Forged>, TraceError> {
        if graph_step != self.step {
            return Ok(None);
        }
        if self.run.is_none() {
            self.run = Some(self.forged());
        }
        Ok(self.run.as_mut())
    }
}
