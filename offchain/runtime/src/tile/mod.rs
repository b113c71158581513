//! One tile in the MIPS machine: its memory is composed of subtrees and loaded page by page.

mod image;
mod source;

use std::sync::Arc;

use opml_core::graph::handover::{Arguments, run_state};
use opml_core::graph::{GraphStep, IllegalStep};
use opml_core::merkle::Region;
use opml_core::mips::{Cpu, InputIndex, Status, Window};
use opml_operator::Tile;
use opml_vm::Machine;
use opml_vm::memory::{PAGE_BYTES, PagedMemory};
use thiserror::Error;

pub use image::{ImageError, KernelImage};
use source::GraphSource;

use crate::executor::Executor;
use crate::memory::PAGE_LOG2;
use crate::trace::window_region;

/// Why a tile cannot be run in the MIPS machine.
#[derive(Debug, Error)]
pub enum TileError {
    /// The machine is halted or failed: there is no step.
    #[error("the graph machine has stopped: its step has no run")]
    Stopped,
    /// The step fails without a run.
    #[error("the step has no run")]
    Illegal(#[from] IllegalStep),
    /// Memory cannot be loaded; a page that was altered is named.
    #[error(transparent)]
    Memory(#[from] opml_vm::MemoryError),
}

/// The MIPS run of a graph machine's next step.
pub struct TileRun {
    machine: Machine,
    tile: Tile,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Status behind the last step; running if the bound was reached.
    pub status: Status,
    /// Instructions executed.
    pub instructions: u64,
    /// Words of the output region.
    pub output: Vec<u32>,
}

impl TileRun {
    /// The run of `executor`'s next step by `image`, with at most `cap_bytes` of pages in memory.
    pub fn new(
        executor: &mut Executor,
        image: &KernelImage,
        cap_bytes: usize,
    ) -> Result<Self, TileError> {
        let tile = match executor.next_step() {
            GraphStep::Stopped => return Err(TileError::Stopped),
            GraphStep::Illegal(why) => return Err(why.into()),
            GraphStep::Tile(tile) => tile,
        };
        let state = executor.state();
        let descriptor = executor.program().descriptor(state.pc);
        let arguments =
            Arguments { descriptor: &descriptor, iteration: state.iteration, tile: state.tile };

        let source = GraphSource::new(executor.hashed_memory().clone(), &tile);
        let mut memory = PagedMemory::new(Arc::new(source), cap_bytes / PAGE_BYTES);
        map_inputs(&mut memory, executor, &tile)?;
        memory.write(Window::Image.base(), image.bytes())?;
        memory.write(Window::Arguments.base(), &arguments.encode())?;
        let cpu: Cpu = run_state(memory.root()?).cpu;
        Ok(Self { machine: Machine::new(cpu, memory), tile })
    }

    /// The machine.
    pub const fn machine(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// The machine, for good.
    pub fn into_machine(self) -> Machine {
        self.machine
    }

    /// The tile.
    pub const fn tile(&self) -> &Tile {
        &self.tile
    }

    /// Runs to the end, or to the tile's bound.
    pub fn finish(&mut self) -> Result<Finished, TileError> {
        let left = (1u64 << self.tile.bound).saturating_sub(self.machine.cpu().step);
        let status = self.machine.run(left)?;
        let mut bytes = vec![0; usize::try_from(self.tile.output.bytes()).unwrap_or_default()];
        self.machine.read(Window::Output.base(), &mut bytes)?;
        let words = bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
        let instructions = self.machine.cpu().step;
        Ok(Finished { status, instructions, output: words.collect() })
    }
}

/// Puts every input at the base of its window: by its root, or as bytes where it is smaller than a
/// page.
fn map_inputs(
    memory: &mut PagedMemory,
    executor: &mut Executor,
    tile: &Tile,
) -> Result<(), opml_vm::MemoryError> {
    let graph = executor.hashed_memory();
    for (number, area) in (0..).zip(tile.inputs()) {
        // A tile has at most eight inputs.
        let Some(index) = InputIndex::new(number) else { return Ok(()) };
        let window = Window::Input(index);
        if area.log2_size() >= PAGE_LOG2 {
            let region = window_region(window, area.log2_size());
            memory.map(region, graph.region_root(Region::from(area)))?;
        } else {
            let words = graph.read(area, 1 << (area.log2_size() - 2));
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            memory.write(window.base(), &bytes)?;
        }
    }
    Ok(())
}
