//! A native executor with a fault in one tile, and a run to go with it.

use alloy_primitives::B256;
use opml_core::game::{Move, Phase, Position, Side};
use opml_core::graph::{GraphState, GraphStep};
use opml_core::mips::Window;
use opml_operator::{Operator, Place};
use opml_runtime::Executor;
use opml_runtime::executor::Settings;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError, begin_witness, end_witness};
use opml_solver::machines::Evidence;
use opml_solver::{Computation, Trace, next_move};
use opml_vm::Machine;
use opml_vm::keccak::FastKeccak;

use crate::player::Player;

/// The kernels, but for the first word of a GELU.
pub fn faulty(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
    if matches!(operator, Operator::Gelu(_)) {
        output[0] ^= 1;
    }
}

pub const FAULTY: fn() -> Settings = || Settings { kernels: faulty, ..Settings::default() };

/// The run of the faulty tile as the liar tells it: with the wrong word from some instruction on.
pub struct Forged {
    truth: RunTrace,
    word: u32,
    pub from: u64,
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
    /// Number of the faulty step.
    pub fault: u64,
    from: From,
    run: Option<Forged>,
}

/// Instructions of the faulty run that the liar tells truly, by the run's bound.
pub type From = fn(u8) -> u64;

impl Liar {
    pub fn new(start: Executor, steps_log2: u8, from: From) -> Self {
        let fault = fault(start.clone());
        let graph = GraphTrace::new(start, steps_log2);
        let image = KernelImage::released().unwrap();
        Self { graph, image, fault, from, run: None }
    }

    fn forged(&mut self) -> Forged {
        let mut machine = self.graph.at(self.fault).unwrap();
        let run = TileRun::new(&mut machine, &self.image, 64 << 20).unwrap();
        let (output, from) = (run.tile().output, (self.from)(run.tile().bound));
        machine.step().unwrap();
        let word = machine.read(output)[0];
        Forged { truth: RunTrace::new(run).unwrap(), word, from }
    }

    fn shown(&mut self, position: &Position, mv: &Move) -> Evidence {
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
                let state: GraphState = machine.state();
                let GraphStep::Tile(tile) = machine.next_step() else { panic!("a tile") };
                let run = self.run(step).unwrap().unwrap();
                let mut last = run.at(1 << tile.bound).unwrap();
                let end = end_witness(&mut machine, &tile, &mut last).unwrap();
                Evidence::Descend { state, begin, last: last.state().unwrap(), end }
            }
            (Move::Prove { .. }, Phase::Run { .. }) => {
                let mut machine = self.run(self.fault).unwrap().unwrap().at(step).unwrap();
                let witness = machine.witness().unwrap();
                Evidence::Prove { state: witness.pre_state, proof: witness.proof }
            }
            (Move::Prove { .. }, Phase::Graph) => panic!("{mv:?}"),
        }
    }
}

/// Steps before the first GELU.
pub fn fault(mut machine: Executor) -> u64 {
    while let GraphStep::Tile(tile) = machine.next_step() {
        if matches!(tile.operator, Operator::Gelu(_)) {
            return machine.step_count();
        }
        machine.step().unwrap();
    }
    panic!("the model has a GELU");
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
        if graph_step != self.fault {
            return Ok(None);
        }
        if self.run.is_none() {
            self.run = Some(self.forged());
        }
        Ok(self.run.as_mut())
    }
}

impl Player for Liar {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let mv = next_move(position, side, self).unwrap()?;
        let shown = self.shown(position, &mv);
        Some((mv, shown))
    }
}
