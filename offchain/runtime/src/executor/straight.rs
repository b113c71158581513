//! One regular operator, all of its tiles at once.

use opml_core::graph::{GraphStatus, Spliced, advance};
use opml_native::{Engine, Job};
use opml_operator::{Area, Descriptor, INPUTS, Place, RegionSpec, Role, Tile, legal};

use super::feed::{Feed, Iterations};
use super::whole::{Hull, Whole};
use super::{Executor, ExecutorError};
use crate::memory::GraphMemory;

impl Executor {
    /// Runs the operator that the machine stands at the beginning of, if it is regular and has not
    /// more tiles than there are steps left; tells whether it did.
    pub(super) fn run_whole(&mut self, steps: u64) -> Result<bool, ExecutorError> {
        let Some(engine) = self.engine.clone() else { return Ok(false) };
        let state = self.state;
        if state.status != GraphStatus::Running || state.tile != 0 {
            return Ok(false);
        }
        let Some(descriptor) = self.program.parsed(state.pc) else { return Ok(false) };
        let whole = Whole::new(&descriptor, state.iteration, state.iteration);
        let Some(whole) = whole.filter(|whole| u64::from(whole.tiles()) <= steps) else {
            return Ok(false);
        };
        if self.write_through(&engine, &whole) {
            // All of its tiles are legal, and behind the last one comes what the control says.
            self.state.tile = whole.tiles() - 1;
            self.step += u64::from(self.state.tile);
            if let Ok(tile) = legal(&descriptor, state.iteration, self.state.tile) {
                self.advance(&tile);
            }
        } else {
            self.write_behind(&engine, (&descriptor, &whole))?;
        }
        Ok(true)
    }

    /// The tile that was written last is done.
    fn advance(&mut self, tile: &Tile) {
        let first_word = self.memory.read(tile.output, 1).first().copied().unwrap_or_default();
        let spliced = Spliced { memory_root: self.state.memory_root, first_word };
        self.state = advance(&self.state, tile, spliced);
        self.step += 1;
    }

    /// Computes an operator into the memory, if its output is one region of which no block that it reads
    /// is a part; tells whether it did.
    fn write_through(&mut self, engine: &Engine, whole: &Whole) -> bool {
        let iteration = self.state.iteration;
        let hull = whole.output.hull(iteration, iteration);
        let Some(area) = region(hull).filter(|_| whole.output.is_dense()) else { return false };
        // Without room for all of it there may be for some tiles.
        let Ok(mut block) = self.memory.take_out(area) else { return false };
        let taken = Hull { start: block.base(), end: block.base() + (1 << block.log2_size()) };
        let apart =
            whole.inputs.iter().all(|input| !input.hull(iteration, iteration).overlaps(taken));
        let count = usize::try_from((hull.end - hull.start) / 4).unwrap_or(usize::MAX);
        let out = block.write(hull.start - taken.start, count).filter(|_| apart);
        let written = out.is_some();
        if let Some(out) = out {
            compute(engine, (&self.memory, iteration), whole, out);
        }
        self.memory.put_back(block);
        written
    }

    /// Computes an operator beside the memory, and copies the result tile by tile.
    fn write_behind(
        &mut self,
        engine: &Engine,
        (descriptor, whole): (&Descriptor, &Whole),
    ) -> Result<(), ExecutorError> {
        let iteration = self.state.iteration;
        let words = usize::try_from(whole.output.bytes / 4).unwrap_or_default();
        let mut out = vec![0; words * whole.rows() as usize];
        compute(engine, (&self.memory, iteration), whole, &mut out);
        for (number, output) in (0..whole.tiles()).zip(out.chunks_exact(whole.tile_words())) {
            let Ok(tile) = legal(descriptor, iteration, number) else { return Ok(()) };
            self.memory.write(tile.output)?.copy_from_slice(output);
            self.advance(&tile);
        }
        Ok(())
    }
}

/// The region that is exactly this range, if there is one.
fn region(hull: Hull) -> Option<Area> {
    let bytes = hull.end - hull.start;
    let spec = RegionSpec { base: hull.start, log2_size: bytes.ilog2(), ..RegionSpec::default() };
    let area = spec.at(Role::Output, Place { iteration: 0, row: 0, column: 0 }).ok()?;
    bytes.is_power_of_two().then_some(area)
}

/// All rows of an operator in an iteration, one behind the other.
fn compute(
    engine: &Engine,
    (memory, iteration): (&GraphMemory, u32),
    whole: &Whole,
    out: &mut [u32],
) {
    let words = usize::try_from(whole.output.bytes / 4).unwrap_or_default().max(1);
    let once = Iterations { first: iteration, count: 1 };
    let feed = |number| {
        let bytes = |_| whole.reads(whole.operator(), number);
        Feed::memory(memory, &whole.inputs[number], once, bytes)
    };
    let feeds: Vec<Feed<'_>> = (0..whole.inputs.len()).map(feed).collect();
    let rows = (0..whole.rows()).zip(out.chunks_exact_mut(words));
    let jobs = rows.map(|(row, output)| {
        let mut inputs = [&[][..]; INPUTS];
        for (input, feed) in inputs.iter_mut().zip(&feeds) {
            *input = feed.words(0, row, whole.rows());
        }
        Job { operator: *whole.operator(), iteration, row, inputs, output }
    });
    engine.run_batch(&mut jobs.collect::<Vec<_>>());
}
