//! Operators tile by tile: any operator, up to any step.

use std::borrow::Cow;

use opml_core::graph::{GraphStep, Spliced, advance};
use opml_native::{FloatMode, check_float_mode};
use opml_operator::{Area, Operator, Tile};
use rayon::prelude::*;

use super::{Executor, ExecutorError, Kernels};
use crate::memory::GraphMemory;

/// Most bytes of outputs that are computed before they are written.
const BATCH_BYTES: u64 = 32 << 20;
/// Most tiles that are computed together.
const BATCH_TILES: u64 = 4096;

impl Executor {
    /// Runs `first` and, where they are independent, as many of the operator's tiles behind it as
    /// there are steps left.
    pub(super) fn run_tiles(&mut self, first: &Tile, steps: u64) -> Result<(), ExecutorError> {
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
