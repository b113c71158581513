//! Liars about tiles of a kind.

use alloy_primitives::B256;
use opml_core::game::{Move, Position};
use opml_operator::{Operator, Place};
use opml_runtime::Executor;
use opml_runtime::executor::{Kernels, Settings};
use opml_runtime::tile::KernelImage;
use opml_runtime::trace::TraceError;
use opml_solver::machines::{Evidence, liar};
use opml_solver::{Computation, Trace};

const CAP: usize = 64 << 20;

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
}

/// A liar that finds everything in order.
pub struct Liar(liar::Liar);

impl Liar {
    /// `start` runs with the fault's kernels.
    pub fn new(start: Executor, steps_log2: u8, fault: Fault) -> Self {
        let Fault { kernels, hits, from } = fault;
        let fault = liar::Fault { kernels, hits, from: liar::From::Instruction(from) };
        let image = KernelImage::released().unwrap();
        Self(liar::Liar::new((start, steps_log2), fault, (image, CAP)).unwrap())
    }

    /// What the liar shows with a move: its own states, with true witnesses of them.
    pub fn shown(&mut self, position: &Position, mv: &Move) -> Evidence {
        self.0.evidence(position, mv).unwrap()
    }
}

impl Trace for Liar {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        self.0.state_hash(step)
    }
}

impl Computation for Liar {
    type Run = liar::Forged;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut liar::Forged>, TraceError> {
        self.0.run(graph_step)
    }
}
