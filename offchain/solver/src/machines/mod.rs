//! The real machines: their traces as a [`Computation`], what a move has to show of them, and the
//! judgement that the contract will make of it.

mod evidence;
mod judge;
#[cfg(feature = "liar")]
pub mod liar;

use alloy_primitives::B256;
use opml_core::graph::handover::Program;
use opml_runtime::Executor;
use opml_runtime::tile::{ImageError, KernelImage, TileError, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError, TraceProvider};
use thiserror::Error;

pub use evidence::{Evidence, EvidenceError};
pub use judge::{Judge, JudgeError};

use crate::{Computation, Trace};

/// The trace of one request to a model, and of the runs below it.
pub struct Machines {
    graph: GraphTrace,
    image: KernelImage,
    /// Most bytes of memory for the pages of a MIPS machine.
    cap_bytes: usize,
    /// The run that was asked for last, by its graph step.
    run: Option<(u64, RunTrace)>,
}

/// Why this program cannot defend results of a model.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The model's tiles are run by another image than the one that the native kernels were built from.
    #[error("the model's kernel image is {registered}, this program computes as {released}")]
    ForeignImage {
        /// Root that the model is registered with.
        registered: B256,
        /// Root of the image of this program.
        released: B256,
    },
    /// The program is another one.
    #[error("the model's program is {registered}, the one here is {actual}")]
    ForeignProgram {
        /// Root that the model is registered with.
        registered: B256,
        /// Root of the program here.
        actual: B256,
    },
    /// The image of this program cannot be used.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// The released image, if it and the program with root `program_root` are what a model was registered with.
pub fn image_of(registered: &Program, program_root: B256) -> Result<KernelImage, ModelError> {
    let image = KernelImage::released()?;
    if image.root() != registered.image_root {
        let (registered, released) = (registered.image_root, image.root());
        return Err(ModelError::ForeignImage { registered, released });
    }
    if program_root != registered.program_root {
        let registered = registered.program_root;
        return Err(ModelError::ForeignProgram { registered, actual: program_root });
    }
    Ok(image)
}

impl Machines {
    /// The machines of `graph`, whose tiles are run by `image` in `cap_bytes` of pages.
    pub const fn new(graph: GraphTrace, image: KernelImage, cap_bytes: usize) -> Self {
        Self { graph, image, cap_bytes, run: None }
    }

    /// Keeps a machine of this trace to start from.
    pub fn keep(&mut self, machine: &Executor) {
        self.graph.keep(machine);
    }

    /// The graph machine behind `step` steps.
    pub fn at(&mut self, step: u64) -> Result<Executor, TraceError> {
        self.graph.at(step)
    }

    /// The trace of the graph machine.
    pub const fn graph(&mut self) -> &mut GraphTrace {
        &mut self.graph
    }
}

impl Trace for RunTrace {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        TraceProvider::state_hash(self, step)
    }
}

impl Trace for Machines {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        self.graph.state_hash(step)
    }
}

impl Computation for Machines {
    type Run = RunTrace;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut RunTrace>, TraceError> {
        if self.run.as_ref().is_none_or(|(step, _)| *step != graph_step) {
            self.run = None;
            let mut machine = self.graph.at(graph_step)?;
            match TileRun::new(&mut machine, &self.image, self.cap_bytes) {
                Ok(run) => self.run = Some((graph_step, RunTrace::new(run)?)),
                Err(TileError::Stopped | TileError::Illegal(_)) => {}
                Err(error @ TileError::Memory(_)) => return Err(error.into()),
            }
        }
        Ok(self.run.as_mut().map(|(_, run)| run))
    }
}
