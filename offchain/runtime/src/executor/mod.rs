//! The native executor: the graph machine at the speed of this one.
//!
//! Steps are tiles, one after another by definition. Here they are computed
//!
//! - a loop's iterations at a time, many of them together while a prompt is read ([`body`]);
//! - an operator at a time where it is regular ([`whole`]);
//! - a tile at a time otherwise, or to stop at any step ([`tiles`]);
//!
//! and the result is the same.

mod body;
mod engines;
mod feed;
mod straight;
mod tiles;
mod whole;
mod working;

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::graph::{GraphState, GraphStatus, GraphStep, Request};
use opml_core::merkle::{LEAF_LOG2, Region, Space};
use opml_native::{BackendError, Engine, FloatMode, check_float_mode};
use opml_operator::{Area, Operator, Place, REQUEST_BASE, REQUEST_LOG2};
use thiserror::Error;

pub(crate) use self::body::Body;
use self::body::Runner;
use crate::bundle::Bundle;
use crate::bundle::manifest::OutputRegion;
use crate::memory::{Block, GraphMemory, MemoryError};
use crate::program::Program;

/// Computes one tile: operator, place in its grid, words of its inputs, words of its output.
pub type Kernels = fn(&Operator, Place, &[&[u32]], &mut [u32]);

/// Why a program cannot be run on this machine. Whatever a program does wrong by itself is no error
/// but the failed state.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExecutorError {
    /// Blocks of memory do not fit together, or the program writes to more of it than is allowed.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// A thread of this process does not compute as IEEE 754 says by default.
    #[error(transparent)]
    FloatMode(#[from] FloatMode),
    /// The backend that the environment names cannot be used.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

/// How a program is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The kernels; all give the same bits. With others than the default ones, every tile is
    /// computed by itself.
    pub kernels: Kernels,
    /// Most bytes of memory that a program may write to.
    pub working_limit: u64,
    /// Threads that compute; as many as there are cores if not given.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { kernels: opml_native::run, working_limit: 16 << 30, threads: None }
    }
}

/// What computes operators as wholes; nothing where every tile is to be computed by itself.
fn engine(settings: &Settings) -> Result<Option<Arc<Engine>>, ExecutorError> {
    let default: Kernels = opml_native::run;
    if !std::ptr::fn_addr_eq(settings.kernels, default) {
        return Ok(None);
    }
    engines::engine(settings.threads).map(Some)
}

/// A graph machine in some state of a run.
#[derive(Clone, Debug)]
pub struct Executor {
    program: Arc<Program>,
    settings: Settings,
    /// What computes operators as wholes; nothing if tiles are to be computed one by one.
    engine: Option<Arc<Engine>>,
    memory: GraphMemory,
    /// The root in it is that of the last [`Self::state`].
    state: GraphState,
    step: u64,
}

impl Executor {
    /// The machine at the start of a request. Every request is executed, whatever the manifest says of
    /// the model's input: a contract knows of no manifest.
    pub fn new(
        bundle: &Bundle,
        request: &Request<'_>,
        settings: Settings,
    ) -> Result<Self, ExecutorError> {
        let program = Arc::clone(bundle.program());
        let mut blocks = working::blocks(&program, settings.working_limit);
        blocks.extend_from_slice(bundle.weights());
        let bytes: Vec<u8> = request.header().iter().chain(request.input()).copied().collect();
        blocks.push(Block::constant(REQUEST_BASE, REQUEST_LOG2, &bytes));
        let memory = GraphMemory::new(blocks, settings.working_limit)?;
        let engine = engine(&settings)?;
        let state = GraphState::start(B256::ZERO);
        Ok(Self { program, settings, engine, memory, state, step: 0 })
    }

    /// The same machine, run by other kernels and threads from here on.
    pub fn with_settings(self, settings: Settings) -> Result<Self, ExecutorError> {
        let engine = engine(&settings)?;
        Ok(Self { settings, engine, ..self })
    }

    /// Steps taken.
    pub const fn step_count(&self) -> u64 {
        self.step
    }

    /// Whether the machine is running, halted or failed.
    pub const fn status(&self) -> GraphStatus {
        self.state.status
    }

    /// The program.
    pub const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The state; hashes the memory that changed since the last call.
    pub fn state(&mut self) -> GraphState {
        self.state.memory_root = self.memory.root();
        self.state
    }

    /// The memory, all of it hashed.
    pub fn hashed_memory(&mut self) -> &GraphMemory {
        self.memory.root();
        &self.memory
    }

    /// The words of a region.
    pub fn read(&self, area: Area) -> Cow<'_, [u32]> {
        self.memory.read(area, usize::try_from(area.bytes() / 4).unwrap_or_default())
    }

    /// The length of the output in a model's output region, as the contract reads it from the first leaf: nothing
    /// unless the machine has halted and the leaf is a length, of an output that fits, and 28 zero bytes.
    pub fn output_length(&self, region: OutputRegion) -> Option<u32> {
        let OutputRegion { base, log2_size } = region;
        if self.state.status != GraphStatus::Halted || log2_size > REQUEST_LOG2 {
            return None;
        }
        let whole = Region::new(Space::GRAPH, base, log2_size).ok()?;
        let leaf = Region::new(Space::GRAPH, whole.base(), LEAF_LOG2).ok()?;
        let [length, zeros @ ..] = *self.memory.read_region(leaf, 8).first_chunk::<8>()?;
        let fits = u64::from(length) + (1 << LEAF_LOG2) <= 1 << log2_size;
        (fits && zeros == [0; 7]).then_some(length)
    }

    /// The output in a model's output region, as the contract reads it: nothing unless the machine
    /// has halted and the region holds a length, 28 zero bytes, so many bytes, and zeros.
    pub fn output(&self, region: OutputRegion) -> Option<Vec<u8>> {
        let length = usize::try_from(self.output_length(region)?).ok()?;
        let OutputRegion { base, log2_size } = region;
        let space = Region::new(Space::GRAPH, base, log2_size).ok()?;
        let words = self.memory.read_region(space, 1 << (log2_size - 2));
        let bytes: Vec<u8> = words.iter().skip(8).flat_map(|word| word.to_le_bytes()).collect();
        let (output, tail) = bytes.split_at_checked(length)?;
        let zero = tail.iter().all(|byte| *byte == 0);
        zero.then(|| output.to_vec())
    }

    /// The step that the machine takes next.
    pub fn next_step(&self) -> GraphStep {
        self.program.step_of(&self.state)
    }

    /// Takes one step. A halted or failed machine stays as it is and counts no step.
    pub fn step(&mut self) -> Result<(), ExecutorError> {
        self.run(1).map(drop)
    }

    /// Runs whole iterations of a loop, if the machine stands at the beginning of one; tells whether
    /// it has taken steps.
    fn run_loop(&mut self, steps: u64) -> bool {
        let Self { program, engine: Some(engine), memory, state, .. } = self else { return false };
        if state.status != GraphStatus::Running || state.tile != 0 {
            return false;
        }
        let Some(body) = program.bodies().iter().find(|body| body.start == state.pc) else {
            return false;
        };
        let taken = Runner::new(body, engine, memory).run(state, steps);
        self.step += taken;
        taken > 0
    }

    /// Runs until the machine stops or has taken `steps` more steps.
    pub fn run(&mut self, steps: u64) -> Result<GraphStatus, ExecutorError> {
        check_float_mode()?;
        let end = self.step.saturating_add(steps);
        while self.step < end {
            if self.run_loop(end - self.step) || self.run_whole(end - self.step)? {
                continue;
            }
            match self.next_step() {
                GraphStep::Stopped => break,
                GraphStep::Illegal(_) => {
                    self.state = self.state.failed();
                    self.step += 1;
                }
                GraphStep::Tile(tile) => self.run_tiles(&tile, end - self.step)?,
            }
        }
        Ok(self.state.status)
    }
}
