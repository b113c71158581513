//! A player that computes some tiles wrong and defends the first of them as well as anybody can: for tests and
//! demonstrations.
//!
//! It tells the truth about all that leads to the tile, and about the tile's run up to some instruction. From there on
//! its states hold its own output. So each of its moves is legal until one instruction has to be shown.

use alloy_primitives::B256;
use opml_core::game::{Illegal, Move, Phase, Position};
use opml_core::graph::GraphStep;
use opml_core::mips::{Status, Window};
use opml_operator::{Area, Operator};
use opml_runtime::Executor;
use opml_runtime::executor::{ExecutorError, Kernels, Settings};
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError, begin_witness, end_witness};
use opml_vm::Machine;
use opml_vm::keccak::FastKeccak;
use thiserror::Error;

use super::{Evidence, EvidenceError};
use crate::{Computation, Trace};

/// Which tiles are wrong, and how.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Wrong kernels.
    pub kernels: Kernels,
    /// Operators that they compute wrong; the first tile of the first one is defended.
    pub hits: fn(&Operator) -> bool,
    /// Where in the run of that tile the lie begins.
    pub from: From,
}

/// Where in a run a lie begins.
#[derive(Clone, Copy, Debug)]
pub enum From {
    /// Behind this many instructions, by the run's bound.
    Instruction(fn(u8) -> u64),
    /// Behind this many instructions.
    Behind(u64),
    /// With the instruction that writes the first wrong word of the output, if a binary search finds it.
    Store,
}

impl Fault {
    /// How the liar's executor is set up.
    pub fn settings(&self) -> Settings {
        Settings { kernels: self.kernels, ..Settings::default() }
    }
}

/// Why there is nothing to lie about.
#[derive(Debug, Error)]
pub enum LiarError {
    /// The model has no tile that the fault hits.
    #[error("the fault hits no tile of this run")]
    NoFault,
    /// The native machine has failed.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The trace in front of the fault has no answer.
    #[error(transparent)]
    Trace(#[from] TraceError),
}

/// The run of the faulty tile as the liar tells it.
pub struct Forged {
    truth: RunTrace,
    output: Vec<u8>,
    from: u64,
}

impl Forged {
    /// Instructions that it tells truly.
    pub const fn from(&self) -> u64 {
        self.from
    }

    fn at(&mut self, step: u64) -> Result<Machine, TraceError> {
        let mut machine = self.truth.at(step)?;
        if step > self.from {
            machine.memory_mut().write(Window::Output.base(), &self.output)?;
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

/// One tile that is wrong, while everything else is computed truly: what follows it from the wrong output.
#[derive(Clone, Copy, Debug)]
pub struct Lapse {
    /// Steps before the tile.
    pub step: u64,
    /// Wrong kernels.
    pub kernels: Kernels,
    /// Where in the run of the tile the lie begins.
    pub from: From,
}

/// The player.
pub struct Liar {
    graph: GraphTrace,
    /// The trace behind the fault, where it is another one.
    behind: Option<GraphTrace>,
    image: KernelImage,
    cap_bytes: usize,
    from: From,
    fault: u64,
    run: Option<Forged>,
}

impl Liar {
    /// `start` runs with the fault's kernels; tiles are run by `image` in `cap_bytes` of pages.
    pub fn new(
        (start, steps_log2): (Executor, u8),
        fault: Fault,
        (image, cap_bytes): (KernelImage, usize),
    ) -> Result<Self, LiarError> {
        let step = faulty_step(start.clone(), fault.hits)?;
        let graph = GraphTrace::new(start, steps_log2);
        let from = fault.from;
        Ok(Self { graph, behind: None, image, cap_bytes, from, fault: step, run: None })
    }

    /// A player that errs once; `start` runs truly.
    pub fn once(
        (start, steps_log2): (Executor, u8),
        lapse: Lapse,
        (image, cap_bytes): (KernelImage, usize),
    ) -> Result<Self, LiarError> {
        let Lapse { step: fault, kernels, from } = lapse;
        let mut graph = GraphTrace::new(start, steps_log2);
        let machine = graph.at(fault)?;
        if !matches!(machine.next_step(), GraphStep::Tile(_)) {
            return Err(LiarError::NoFault);
        }
        let mut wrong = machine.with_settings(Settings { kernels, ..Settings::default() })?;
        wrong.step()?;
        let behind = GraphTrace::new(wrong.with_settings(Settings::default())?, steps_log2);
        Ok(Self { graph, behind: Some(behind), image, cap_bytes, from, fault, run: None })
    }

    /// Its graph machine behind `step` steps.
    pub fn at(&mut self, step: u64) -> Result<Executor, TraceError> {
        match &mut self.behind {
            Some(behind) if step > self.fault => behind.at(step),
            _ => self.graph.at(step),
        }
    }

    /// Number of the step that it defends.
    pub const fn fault(&self) -> u64 {
        self.fault
    }

    /// What it shows with a move: its own states, with true witnesses of them.
    pub fn evidence(&mut self, position: &Position, mv: &Move) -> Result<Evidence, EvidenceError> {
        let step = position.segment(mv.segment())?.first_step;
        match (mv, position.phase()) {
            (Move::Dissect { .. }, _) => Ok(Evidence::Dissect),
            (Move::Conclude { .. }, _) => {
                let mut machine = self.at(step)?;
                let begin = begin_witness(&mut machine);
                Ok(Evidence::Conclude { state: machine.state(), begin })
            }
            (Move::Descend { .. }, _) => self.descent(step),
            (Move::Prove { .. }, Phase::Run { .. }) => {
                let mut machine = self.forged()?.at(step)?;
                let witness = machine.witness().map_err(TraceError::from)?;
                Ok(Evidence::Prove { state: witness.pre_state, proof: witness.proof })
            }
            (Move::Prove { .. }, Phase::Graph) => Err(Illegal::InGraph.into()),
        }
    }

    fn descent(&mut self, step: u64) -> Result<Evidence, EvidenceError> {
        let mut machine = self.at(step)?;
        let begin = begin_witness(&mut machine);
        let state = machine.state();
        let GraphStep::Tile(tile) = machine.next_step() else {
            return Err(EvidenceError::NoRun { graph_step: step });
        };
        let mut last = self.forged()?.at(1 << tile.bound)?;
        let end = end_witness(&mut machine, &tile, &mut last)?;
        Ok(Evidence::Descend { state, begin, last: last.state().map_err(TraceError::from)?, end })
    }

    /// The run of the faulty tile, with the output that the faulty kernels give.
    pub fn forged(&mut self) -> Result<&mut Forged, TraceError> {
        let forged = match self.run.take() {
            Some(forged) => forged,
            None => self.forge()?,
        };
        Ok(self.run.insert(forged))
    }

    fn forge(&mut self) -> Result<Forged, TraceError> {
        let mut machine = self.at(self.fault)?;
        let run = TileRun::new(&mut machine, &self.image, self.cap_bytes)?;
        let (area, bound) = (run.tile().output, run.tile().bound);
        let output = bytes(&self.at(self.fault + 1)?, area);
        let mut truth = RunTrace::new(run)?;
        let from = match self.from {
            From::Instruction(from) => from(bound),
            From::Behind(instructions) => instructions,
            From::Store => first_store(&mut truth, bound, &output)?,
        };
        Ok(Forged { truth, output, from })
    }
}

fn bytes(machine: &Executor, area: Area) -> Vec<u8> {
    machine.read(area).iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Steps before the first tile that is hit.
fn faulty_step(mut machine: Executor, hits: fn(&Operator) -> bool) -> Result<u64, LiarError> {
    while let GraphStep::Tile(tile) = machine.next_step() {
        if hits(&tile.operator) {
            return Ok(machine.step_count());
        }
        machine.step()?;
    }
    Err(LiarError::NoFault)
}

/// Instructions before the one that writes the first word which `output` has wrong. The output is zero at first, so
/// where the true word is zero there is nothing to search for; if all are, the middle of the run.
fn first_store(truth: &mut RunTrace, bound: u8, output: &[u8]) -> Result<u64, TraceError> {
    let (mut before, mut behind) = (0_u64, 1_u64 << bound);
    let mut end = vec![0; output.len()];
    truth.at(behind)?.memory_mut().read(Window::Output.base(), &mut end)?;
    let pairs = end.as_chunks::<4>().0.iter().zip(output.as_chunks::<4>().0);
    let wrong = pairs.enumerate().find(|(_, (end, told))| end != told && **end != [0; 4]);
    if let Some((number, (end, _))) = wrong {
        let address = Window::Output.base() + u32::try_from(4 * number).unwrap_or_default();
        while behind - before > 1 {
            let middle = before.midpoint(behind);
            let mut word = [0; 4];
            truth.at(middle)?.memory_mut().read(address, &mut word)?;
            if word == *end {
                behind = middle;
            } else {
                before = middle;
            }
        }
        return Ok(before);
    }
    Ok(length(truth, bound)? / 2)
}

/// Instructions until the run ends.
fn length(truth: &mut RunTrace, bound: u8) -> Result<u64, TraceError> {
    let (mut running, mut ended) = (0_u64, 1_u64 << bound);
    while ended - running > 1 {
        let middle = running.midpoint(ended);
        if truth.at(middle)?.cpu().status == Status::Running {
            running = middle;
        } else {
            ended = middle;
        }
    }
    Ok(ended)
}

impl Trace for Liar {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        Ok(self.at(step)?.state().hash::<FastKeccak>())
    }
}

impl Computation for Liar {
    type Run = Forged;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut Forged>, TraceError> {
        if graph_step != self.fault {
            return Ok(None);
        }
        self.forged().map(Some)
    }
}
