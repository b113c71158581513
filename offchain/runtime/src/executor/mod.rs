//! The native executor: the graph machine at the speed of this one.
//!
//! Steps are tiles, one after another by definition. An operator whose tiles cannot see one another
//! is computed in parallel; the result is the same.

mod working;

use std::borrow::Cow;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::graph::{GraphState, GraphStatus, GraphStep, Request, Spliced, advance};
use opml_core::merkle::{Region, Space};
use opml_native::{FloatMode, check_float_mode};
use opml_operator::{Area, Operator, Place, REQUEST_BASE, REQUEST_LOG2, Tile};
use rayon::prelude::*;
use thiserror::Error;

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
}

/// Most bytes of outputs that are computed before they are written.
const BATCH_BYTES: u64 = 32 << 20;
/// Most tiles that are computed together.
const BATCH_TILES: u64 = 4096;

/// How a program is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The kernels; all give the same bits.
    pub kernels: Kernels,
    /// Most bytes of memory that a program may write to.
    pub working_limit: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { kernels: opml_native::run, working_limit: 16 << 30 }
    }
}

/// A graph machine in some state of a run.
#[derive(Clone, Debug)]
pub struct Executor {
    program: Arc<Program>,
    settings: Settings,
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
        Ok(Self { program, settings, memory, state: GraphState::start(B256::ZERO), step: 0 })
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

    /// The output in a model's output region, as the contract reads it: nothing unless the machine
    /// has halted and the region holds a length, 28 zero bytes, so many bytes, and zeros.
    pub fn output(&self, region: OutputRegion) -> Option<Vec<u8>> {
        let OutputRegion { base, log2_size } = region;
        if self.state.status != GraphStatus::Halted || log2_size > REQUEST_LOG2 {
            return None;
        }
        let space = Region::new(Space::GRAPH, base, log2_size).ok()?;
        let words = self.memory.read_region(space, 1 << (log2_size - 2));
        let (header, rest) = words.split_first_chunk::<8>()?;
        let length = usize::try_from(header[0]).ok()?;
        let bytes: Vec<u8> = rest.iter().flat_map(|word| word.to_le_bytes()).collect();
        let (output, tail) = bytes.split_at_checked(length)?;
        let zero = header[1..].iter().all(|word| *word == 0) && tail.iter().all(|byte| *byte == 0);
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

    /// Runs until the machine stops or has taken `steps` more steps.
    pub fn run(&mut self, steps: u64) -> Result<GraphStatus, ExecutorError> {
        let end = self.step.saturating_add(steps);
        while self.step < end {
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

    /// Runs `first` and, where they are independent, as many of the operator's tiles behind it as
    /// there are steps left.
    fn run_tiles(&mut self, first: &Tile, steps: u64) -> Result<(), ExecutorError> {
        let tiles = self.independent_tiles(first, steps);
        let memory = &self.memory;
        let kernels = self.settings.kernels;
        let outputs: Result<Vec<Vec<u32>>, FloatMode> =
            tiles.par_iter().map(|tile| compute(memory, kernels, tile)).collect();
        let outputs = outputs?;
        for (tile, output) in tiles.iter().zip(outputs) {
            self.memory.write(tile.output)?.copy_from_slice(&output);
            let first_word = output.first().copied().unwrap_or_default();
            let spliced = Spliced { memory_root: self.state.memory_root, first_word };
            self.state = advance(&self.state, tile, spliced);
            self.step += 1;
        }
        Ok(())
    }

    /// `first` and those tiles behind it that read nothing which `first` or one of them writes.
    fn independent_tiles(&self, first: &Tile, steps: u64) -> Vec<Tile> {
        let mut tiles = vec![first.clone()];
        let mut state = self.state;
        let mut outputs = Hull::of(first.output);
        let most = steps.min(BATCH_TILES).min(BATCH_BYTES / first.output.bytes());
        while !tiles.last().is_some_and(|tile| tile.last) && (tiles.len() as u64) < most {
            state.tile += 1;
            let GraphStep::Tile(tile) = self.program.step_of(&state) else { break };
            if tile.inputs().any(|input| outputs.overlaps(input)) {
                break;
            }
            outputs.add(tile.output);
            tiles.push(tile);
        }
        tiles
    }
}

/// The output of a tile, computed on this thread.
fn compute(memory: &GraphMemory, kernels: Kernels, tile: &Tile) -> Result<Vec<u32>, FloatMode> {
    check_float_mode()?;
    let inputs: Vec<Cow<'_, [u32]>> = tile
        .inputs()
        .enumerate()
        .map(|(number, area)| memory.read(area, words_read(&tile.operator, number)))
        .collect();
    let inputs: Vec<&[u32]> = inputs.iter().map(AsRef::as_ref).collect();
    // An output region has at most 2^28 bytes.
    let mut output = vec![0; usize::try_from(tile.output.bytes() / 4).unwrap_or_default()];
    kernels(&tile.operator, tile.place, &inputs, &mut output);
    Ok(output)
}

/// Words that a kernel reads of an input.
fn words_read(operator: &Operator, number: usize) -> usize {
    // At most the size of a region, 2^28 bytes.
    usize::try_from(operator.reads(number).div_ceil(4)).unwrap_or_default()
}

/// The smallest range of addresses that holds some areas.
struct Hull {
    start: u64,
    end: u64,
}

impl Hull {
    const fn of(area: Area) -> Self {
        Self { start: area.base(), end: area.base() + area.bytes() }
    }

    fn add(&mut self, area: Area) {
        self.start = self.start.min(area.base());
        self.end = self.end.max(area.base() + area.bytes());
    }

    const fn overlaps(&self, area: Area) -> bool {
        area.base() < self.end && self.start < area.base() + area.bytes()
    }
}
