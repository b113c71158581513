//! A party whose executor is wrong in one tile of each request, and that defends it to the last instruction.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use alloy_primitives::B256;
use opml_client::game::Shown;
use opml_core::game::{Move, Phase, Position, Side};
use opml_core::graph::{GraphStep, Request};
use opml_core::mips::Window;
use opml_node::jobs::{Answer, Claimed, Prover, ProverError, Provers};
use opml_node::models::Served;
use opml_operator::{Operator, Place};
use opml_runtime::Executor;
use opml_runtime::executor::Settings;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError, begin_witness, end_witness};
use opml_solver::machines::Evidence;
use opml_solver::{Computation, Trace, next_move};
use opml_vm::keccak::FastKeccak;
use opml_vm::{Machine, Witness};

/// A tile that is wrong: by its inputs too, for each request has a tile of its own.
#[derive(Clone, Copy, PartialEq)]
struct Wrong {
    operator: Operator,
    place: Place,
    inputs: u64,
}

/// The wrong tiles of all liars in this process.
static LIES: Mutex<Vec<Wrong>> = Mutex::new(Vec::new());

fn wrong(operator: &Operator, place: Place, inputs: &[&[u32]]) -> Wrong {
    let mut hasher = DefaultHasher::new();
    inputs.hash(&mut hasher);
    Wrong { operator: *operator, place, inputs: hasher.finish() }
}

fn lying(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    let lies = LIES.lock().unwrap_or_else(PoisonError::into_inner);
    let here = |lie: &&Wrong| lie.operator == *operator && lie.place == place;
    let mut candidates = lies.iter().filter(here).peekable();
    if candidates.peek().is_some() {
        let tile = wrong(operator, place, inputs);
        output[0] ^= u32::from(candidates.any(|lie| *lie == tile));
    }
}

/// Has the liars of this process compute the tile of `step` wrong.
fn spoil(mut machine: Executor, step: u64) -> Result<(), ProverError> {
    machine.run(step)?;
    let GraphStep::Tile(tile) = machine.next_step() else { panic!("no tile to lie about") };
    let inputs: Vec<_> = tile.inputs().map(|area| machine.read(area)).collect();
    // What a kernel is given of them.
    let read = |(number, words): (usize, &[u32])| {
        let count = usize::try_from(tile.operator.reads(number).div_ceil(4)).unwrap();
        words[..count].to_vec()
    };
    let inputs: Vec<_> = inputs.iter().map(AsRef::as_ref).enumerate().map(read).collect();
    let inputs: Vec<&[u32]> = inputs.iter().map(AsRef::as_ref).collect();
    let tile = wrong(&tile.operator, tile.place, &inputs);
    let mut lies = LIES.lock().unwrap_or_else(PoisonError::into_inner);
    if !lies.contains(&tile) {
        lies.push(tile);
    }
    Ok(())
}

/// Lies in one graph step.
#[derive(Clone, Copy, Debug)]
pub struct Liars {
    /// The step.
    pub step: u64,
    /// Instructions of its run that are told truly.
    pub from: u64,
}

impl Provers for Liars {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        let request = Request::decode(request)?;
        spoil(Executor::new(&model.bundle, &request, Settings::default())?, self.step)?;
        let settings = Settings { kernels: lying, ..Settings::default() };
        let start = Executor::new(&model.bundle, &request, settings)?;
        Ok(Box::new(Liar {
            graph: GraphTrace::new(start, model.record.stepsLog2),
            image: model.image.clone(),
            model: Claimed::of(model),
            steps_log2: model.record.stepsLog2,
            lie: *self,
            run: None,
        }))
    }
}

/// The run of the wrong tile as the liar tells it.
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

struct Liar {
    graph: GraphTrace,
    image: KernelImage,
    model: Claimed,
    steps_log2: u8,
    lie: Liars,
    run: Option<(u64, Forged)>,
}

impl Liar {
    fn forged(&mut self, step: u64) -> Result<Option<Forged>, TraceError> {
        let mut machine = self.graph.at(step)?;
        let GraphStep::Tile(tile) = machine.next_step() else { return Ok(None) };
        let run = TileRun::new(&mut machine, &self.image, 64 << 20)?;
        machine.step()?;
        let word = machine.read(tile.output)[0];
        // Only the run of the wrong tile is told wrongly.
        let from = if step == self.lie.step { self.lie.from } else { u64::MAX };
        Ok(Some(Forged { truth: RunTrace::new(run)?, word, from }))
    }

    fn evidence(&mut self, position: &Position, mv: &Move) -> Result<Evidence, TraceError> {
        let step = position.segment(mv.segment()).unwrap().first_step;
        Ok(match (mv, position.phase()) {
            (Move::Dissect { .. }, _) => Evidence::Dissect,
            (Move::Prove { .. }, Phase::Run { graph_step }) => {
                let mut machine = self.run(graph_step)?.unwrap().at(step)?;
                let Witness { pre_state: state, proof } = machine.witness()?;
                Evidence::Prove { state, proof }
            }
            _ => {
                let mut machine = self.graph.at(step)?;
                let (begin, state) = (begin_witness(&mut machine), machine.state());
                let GraphStep::Tile(tile) = machine.next_step() else {
                    return Ok(Evidence::Conclude { state, begin });
                };
                let mut last = self.run(step)?.unwrap().at(1 << tile.bound)?;
                let end = end_witness(&mut machine, &tile, &mut last)?;
                Evidence::Descend { state, begin, last: last.state()?, end }
            }
        })
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
        if self.run.as_ref().is_none_or(|(step, _)| *step != graph_step) {
            self.run = self.forged(graph_step)?.map(|run| (graph_step, run));
        }
        Ok(self.run.as_mut().map(|(_, run)| run))
    }
}

impl Prover for Liar {
    fn answer(&mut self) -> Result<Answer, ProverError> {
        let mut end = self.graph.at(1 << self.steps_log2)?;
        self.model.answer(&mut end)
    }

    fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError> {
        let Some(mv) = next_move(position, side, self)? else { return Ok(None) };
        let evidence = self.evidence(position, &mv)?;
        Ok(Some(Shown { mv, evidence }))
    }
}
