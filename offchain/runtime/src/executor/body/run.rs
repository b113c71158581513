//! Running a body, one iteration or many at a time.

use std::borrow::Cow;

use opml_core::graph::{GraphState, GraphStatus};
use opml_native::{Engine, Job};
use opml_operator::{Control, INPUTS, Operator};

use super::flow::written;
use super::{Body, Op, Output, Source};
use crate::executor::feed::{Feed, Iterations, ValueFeed};
use crate::executor::whole::Span;
use crate::memory::{GraphMemory, MemoryError};

/// Most iterations that are computed together: as many as fit the caches with their activations.
const MOST: u32 = 64;

/// A body's values, kept outside of memory while it runs.
pub struct Runner<'a> {
    body: &'a Body,
    engine: &'a Engine,
    memory: &'a mut GraphMemory,
    /// By operator.
    values: Vec<Value>,
    /// Buffers to be used again.
    spare: Vec<Vec<u32>>,
    /// The operator behind which the machine left the loop.
    left_behind: Option<usize>,
    /// Whether there is room for what does not move.
    has_room: bool,
}

/// What an operator wrote, in some iterations.
#[derive(Debug, Default)]
struct Value {
    /// Of the iterations, one after another; behind them what the buffer held before.
    words: Vec<u32>,
    /// Words kept of each row.
    pitch: usize,
    /// Iteration of the first, and how many.
    iterations: Option<Iterations>,
    /// Whether the last one has yet to be written to memory.
    pending: bool,
}

/// What came of some iterations.
enum Outcome {
    /// They were computed.
    Done,
    /// The first one left the loop behind this operator, for that one.
    Left { op: usize, target: u32 },
    /// None was: only so many can be computed together.
    Fewer(u32),
}

impl<'a> Runner<'a> {
    /// A body on a memory.
    pub fn new(body: &'a Body, engine: &'a Engine, memory: &'a mut GraphMemory) -> Self {
        let values = body.ops.iter().map(|_| Value::default()).collect();
        let (spare, left_behind, has_room) = (Vec::new(), None, false);
        Self { body, engine, memory, values, spare, left_behind, has_room }
    }

    /// Runs whole iterations of at most `steps` steps from `state` on, which stands at the beginning
    /// of one, and gives the steps taken. Ends early where memory is refused: the state is then that
    /// of the last whole iteration.
    pub fn run(mut self, state: &mut GraphState, steps: u64) -> u64 {
        let (mut taken, mut fewer) = (0, None);
        let body = self.body;
        while state.iteration < body.count && steps - taken >= body.steps {
            let possible = (steps - taken) / body.steps;
            let mut iterations = Iterations { first: state.iteration, count: 1 };
            iterations.count =
                fewer.take().unwrap_or_else(|| self.together(iterations.first, possible));
            if self.make_room(iterations).is_err() {
                break;
            }
            match self.compute(iterations) {
                Outcome::Done => {
                    taken += body.steps * u64::from(iterations.count);
                    let iteration = state.iteration + iterations.count;
                    if iteration < body.count {
                        *state = GraphState { iteration, ..*state };
                        continue;
                    }
                    *state = GraphState { pc: body.end, iteration: 0, ..*state };
                    break;
                }
                Outcome::Left { op, target } => {
                    let done = body.ops[..=op].iter();
                    taken += done.map(|op| u64::from(op.whole.tiles())).sum::<u64>();
                    *state = GraphState { pc: target, iteration: 0, ..*state };
                    self.left_behind = Some(op);
                    break;
                }
                Outcome::Fewer(count) => fewer = Some(count.max(1)),
            }
        }
        debug_assert_eq!(state.status, GraphStatus::Running);
        self.settle();
        taken
    }

    /// How many iterations from `first` on are computed together.
    fn together(&self, first: u32, possible: u64) -> u32 {
        let left = (self.body.count - first).min(u32::try_from(possible).unwrap_or(u32::MAX));
        if !self.body.batches {
            return 1;
        }
        let prompt = match self.body.chooser().map(|op| (op, op.whole.operator())) {
            Some((op, Operator::Next(next))) => {
                let prompt = self.memory.words_at(op.whole.inputs[0].at(first, 0), 1);
                prompt.first().copied().unwrap_or(0).min(next.n).saturating_sub(first)
            }
            _ => u32::MAX,
        };
        left.min(prompt).clamp(1, MOST)
    }

    /// Stores what the iterations write, so that nothing fails on the way.
    fn make_room(&mut self, iterations: Iterations) -> Result<(), MemoryError> {
        for op in &self.body.ops {
            if op.output != Output::Moving && self.has_room {
                continue;
            }
            let each = if op.output == Output::Moving { iterations.count } else { 1 };
            for iteration in (Iterations { count: each, ..iterations }).iter() {
                for tile in 0..op.whole.tiles() {
                    if let Some(area) = op.whole.output_area(iteration, tile) {
                        self.memory.make_room(area)?;
                    }
                }
            }
        }
        self.has_room = true;
        Ok(())
    }

    fn compute(&mut self, iterations: Iterations) -> Outcome {
        for index in 0..self.body.ops.len() {
            match self.operator(index, iterations) {
                Outcome::Done => {}
                end => return end,
            }
        }
        Outcome::Done
    }

    /// Computes one operator in all iterations that need it.
    fn operator(&mut self, index: usize, all: Iterations) -> Outcome {
        let body = self.body;
        let op = &body.ops[index];
        let iterations = if all.count == 1 || op.needed {
            all
        } else {
            Iterations { first: all.last(), count: 1 }
        };
        let row_words = words(op.whole.output.bytes);
        let rows = op.whole.rows();
        let pitch = match written(&op.whole.operator_in(all.last())) {
            Some(count) if op.prefix => row_words.min(count as usize),
            _ => row_words,
        };
        let each = pitch * rows as usize;
        let mut out = std::mem::take(&mut self.values[index].words);
        if out.is_empty() {
            out = self.spare.pop().unwrap_or_default();
        }
        // Never shorter, so that what is overwritten is not cleared before.
        let total = each * iterations.count as usize;
        if out.len() < total {
            out.resize(total, 0);
        }
        let feeds: Vec<Feed<'_>> =
            (0..op.sources.len()).map(|input| self.feed(op, input, iterations)).collect();
        let mut jobs = Vec::with_capacity((rows * iterations.count) as usize);
        let mut outputs = out[..total].chunks_exact_mut(pitch.max(1));
        for (place, iteration) in iterations.iter().enumerate() {
            let operator = op.whole.operator_in(iteration);
            for row in 0..rows {
                let mut inputs = [&[][..]; INPUTS];
                for (input, feed) in inputs.iter_mut().zip(&feeds) {
                    *input = feed.words(place, row, rows);
                }
                let Some(output) = outputs.next() else { break };
                jobs.push(Job { operator, iteration, row, inputs, output });
            }
        }
        if all.count == 1 && is_product(op) {
            self.expect_next(index, all.first);
        }
        self.engine.run_batch(&mut jobs);
        drop(jobs);
        drop(feeds);
        if let Control::ExitIf { target } = op.whole.control
            && let Some((staying, _)) = (0..)
                .zip(out[..total].chunks_exact(each))
                .find(|(_, words)| words.first() != Some(&0))
        {
            if all.count > 1 {
                self.spare.push(out);
                return Outcome::Fewer(staying);
            }
            self.keep(index, (out, pitch), iterations);
            return Outcome::Left { op: index, target };
        }
        self.keep(index, (out, pitch), iterations);
        self.release(index);
        Outcome::Done
    }

    /// Tells the engine the weights of the product behind this one.
    fn expect_next(&self, index: usize, iteration: u32) {
        let Some(next) = self.body.ops[index + 1..].iter().find(|op| is_product(op)) else {
            return;
        };
        let Some(weights) = next.whole.inputs.first() else { return };
        let words = self.memory.words_at(weights.at(iteration, 0), words(weights.bytes));
        if let Cow::Borrowed(words) = words {
            self.engine.expect(words);
        }
    }

    /// Where an input of an operator comes from.
    fn feed(&self, op: &Op, input: usize, iterations: Iterations) -> Feed<'_> {
        let span = &op.whole.inputs[input];
        match op.sources[input] {
            Source::Memory => Feed::memory(self.memory, span, iterations, |iteration| {
                op.whole.reads(&op.whole.operator_in(iteration), input)
            }),
            Source::Value { writer, offset } => {
                let value = &self.values[writer];
                let output = Span { base: 0, ..self.body.ops[writer].whole.output };
                let words_each = value.pitch * output.rows as usize;
                let first = value.iterations.map_or(0, |value| value.first);
                let skipped = iterations.first.saturating_sub(first) as usize * words_each;
                Feed::Value(ValueFeed {
                    words: value.words.get(skipped..).unwrap_or_default(),
                    words_each,
                    pitch: value.pitch,
                    output,
                    input: Span { base: offset, ..*span },
                })
            }
        }
    }

    /// Keeps what an operator wrote; in memory too, as far as it has to be there.
    fn keep(&mut self, index: usize, (out, pitch): (Vec<u32>, usize), iterations: Iterations) {
        let body = self.body;
        let op = &body.ops[index];
        let each = pitch * op.whole.rows() as usize;
        match op.output {
            Output::Late => {}
            Output::Prompt => {
                let last = each * (iterations.count as usize - 1);
                write(self.memory, op, iterations.last(), (&out[last..last + each], pitch));
            }
            Output::Moving => {
                for (iteration, words) in iterations.iter().zip(out.chunks_exact(each)) {
                    write(self.memory, op, iteration, (words, pitch));
                }
            }
        }
        let pending = op.output == Output::Late;
        self.values[index] = Value { words: out, pitch, iterations: Some(iterations), pending };
    }

    /// Drops what nothing reads behind this operator, but for the last iteration of what has to be
    /// written to memory. So buffers are few, and stay in the caches.
    fn release(&mut self, index: usize) {
        let body = self.body;
        let op = &body.ops[index];
        let read = op.sources.iter().filter_map(|source| match source {
            Source::Value { writer, .. } => Some(*writer),
            Source::Memory => None,
        });
        for writer in read.chain([index]).filter(|writer| body.ops[*writer].last_reader == index) {
            let Op { whole, overwritten, .. } = &body.ops[writer];
            let rows = whole.rows() as usize;
            let value = &mut self.values[writer];
            let Some(iterations) = value.iterations else { continue };
            if !value.pending || *overwritten && body.whole {
                self.spare.push(std::mem::take(value).words);
                continue;
            }
            if iterations.count == 1 {
                continue;
            }
            let each = value.pitch * rows;
            let last = each * (iterations.count as usize - 1);
            let last = value.words[last..last + each].to_vec();
            self.spare.push(std::mem::replace(&mut value.words, last));
            value.iterations = Some(Iterations { first: iterations.last(), count: 1 });
        }
    }

    /// Writes to memory what is not there yet, in the order in which it was computed.
    fn settle(self) {
        let Self { body, memory, values, left_behind, .. } = self;
        // Where an iteration was left in the middle, operators behind it ran before.
        let first = left_behind.map_or(0, |op| op + 1);
        let order = (first..body.ops.len()).chain(0..first);
        for index in order {
            let (op, value) = (&body.ops[index], &values[index]);
            let skipped = op.overwritten && index >= first;
            if let Some(iterations) = value.iterations.filter(|_| value.pending && !skipped) {
                let each = value.pitch * op.whole.rows() as usize;
                let last = each * (iterations.count as usize - 1);
                let words = &value.words[last..last + each];
                write(memory, op, iterations.last(), (words, value.pitch));
            }
        }
    }
}

/// Writes rows of which the first `pitch` words are given; zeros stand behind them. There is room.
fn write(memory: &mut GraphMemory, op: &Op, iteration: u32, (rows, pitch): (&[u32], usize)) {
    let span = &op.whole.output;
    let row_words = words(span.bytes);
    if span.is_dense()
        && pitch == row_words
        && let Some(place) = memory.stored_mut(span.at(iteration, 0), rows.len())
    {
        place.copy_from_slice(rows);
        return;
    }
    let columns = op.whole.tiles() / op.whole.rows().max(1);
    for (row, words) in (0..op.whole.rows()).zip(rows.chunks_exact(pitch.max(1))) {
        if let Some(place) = memory.stored_mut(span.at(iteration, row), row_words) {
            let (start, rest) = place.split_at_mut(words.len());
            start.copy_from_slice(words);
            rest.fill(0);
            continue;
        }
        for column in 0..columns {
            let area = op.whole.output_area(iteration, row * columns + column);
            let Some(Ok(place)) = area.map(|area| memory.write(area)) else { continue };
            let from = (column as usize * place.len()).min(words.len());
            let (start, rest) = place.split_at_mut(place.len().min(words.len() - from));
            start.copy_from_slice(&words[from..from + start.len()]);
            rest.fill(0);
        }
    }
}

/// Whether an operator is a product with weights in memory.
fn is_product(op: &Op) -> bool {
    matches!(op.whole.operator(), Operator::Matmul(_))
        && op.sources.first() == Some(&Source::Memory)
}

/// Bytes as words.
fn words(bytes: u64) -> usize {
    usize::try_from(bytes / 4).unwrap_or_default()
}
