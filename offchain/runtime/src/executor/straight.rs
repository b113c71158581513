//! One regular operator, all of its tiles at once.

use opml_core::graph::{GraphStatus, Spliced, advance};
use opml_native::Job;
use opml_operator::{INPUTS, legal};

use super::feed::{Feed, Iterations};
use super::whole::Whole;
use super::{Executor, ExecutorError};

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
        let words = usize::try_from(whole.output.bytes / 4).unwrap_or_default();
        let mut out = vec![0; words * whole.rows() as usize];
        let once = Iterations { first: state.iteration, count: 1 };
        let feed = |number| {
            let bytes = |_| whole.reads(whole.operator(), number);
            Feed::memory(&self.memory, &whole.inputs[number], once, bytes)
        };
        let feeds: Vec<Feed<'_>> = (0..whole.inputs.len()).map(feed).collect();
        let rows = (0..whole.rows()).zip(out.chunks_exact_mut(words));
        let jobs = rows.map(|(row, output)| {
            let mut inputs = [&[][..]; INPUTS];
            for (input, feed) in inputs.iter_mut().zip(&feeds) {
                *input = feed.words(0, row, whole.rows());
            }
            Job { operator: *whole.operator(), iteration: state.iteration, row, inputs, output }
        });
        engine.run_batch(&mut jobs.collect::<Vec<_>>());
        drop(feeds);
        for (number, output) in (0..whole.tiles()).zip(out.chunks_exact(whole.tile_words())) {
            let Ok(tile) = legal(&descriptor, state.iteration, number) else { return Ok(true) };
            self.memory.write(tile.output)?.copy_from_slice(output);
            let first_word = output.first().copied().unwrap_or_default();
            let spliced = Spliced { memory_root: self.state.memory_root, first_word };
            self.state = advance(&self.state, &tile, spliced);
            self.step += 1;
        }
        Ok(true)
    }
}
