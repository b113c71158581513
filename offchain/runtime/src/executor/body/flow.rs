//! The analysis of a body.

use opml_operator::{Control, Operator};

use super::{Op, Output, Source, unread_in_prompt};
use crate::executor::whole::{Hull, Span, Whole};

/// Operators with their inputs and outputs, and whether iterations can be computed together; they are
/// 0 to `last`.
pub(super) fn analyse(wholes: Vec<Whole>, last: u32) -> (Vec<Op>, bool) {
    let flow = Flow::new(&wholes, last);
    let sources = flow.sources();
    let outputs = flow.outputs(&sources);
    let batches = flow.batches(&sources, &outputs);
    let needed = flow.needed(&sources, &outputs);
    let prefix = flow.prefixes(&sources);
    let overwritten: Vec<bool> = (0..wholes.len()).map(|op| flow.is_overwritten(op)).collect();
    let last_reader: Vec<usize> = (0..wholes.len()).map(|op| last_reader(&sources, op)).collect();
    let parts = wholes.into_iter().zip(sources).enumerate();
    let ops = parts.map(|(op, (whole, sources))| Op {
        whole,
        sources,
        output: outputs[op],
        prefix: prefix[op],
        needed: needed[op],
        last_reader: last_reader[op],
        overwritten: overwritten[op],
    });
    (ops.collect(), batches)
}

fn last_reader(sources: &[Vec<Source>], writer: usize) -> usize {
    let reads = |source: &Source| matches!(source, Source::Value { writer: w, .. } if *w == writer);
    sources.iter().rposition(|sources| sources.iter().any(reads)).unwrap_or(writer)
}

struct Flow<'a> {
    wholes: &'a [Whole],
    /// Addresses of all iterations, and the operators that write them, in ascending order.
    writers: Vec<(Hull, usize)>,
    /// The farthest end of the writers up to each.
    reach: Vec<u64>,
    last: u32,
}

impl<'a> Flow<'a> {
    fn new(wholes: &'a [Whole], last: u32) -> Self {
        let hulls = wholes.iter().map(|whole| whole.output.hull(0, last));
        let mut writers: Vec<_> = hulls.zip(0..).collect();
        writers.sort_by_key(|(hull, op)| (hull.start, *op));
        let mut farthest = 0;
        let ends = writers.iter().map(|(hull, _)| {
            farthest = hull.end.max(farthest);
            farthest
        });
        let reach = ends.collect();
        Self { wholes, writers, reach, last }
    }

    /// Operators whose outputs have bytes of `hull`, by number.
    fn writers_of(&self, hull: Hull) -> Vec<usize> {
        let end = self.writers.partition_point(|(writer, _)| writer.start < hull.end);
        let before = (0..end).rev().take_while(|index| self.reach[*index] > hull.start);
        let overlapping = before.filter(|index| self.writers[*index].0.overlaps(hull));
        let mut ops: Vec<usize> = overlapping.map(|index| self.writers[index].1).collect();
        ops.sort_unstable();
        ops
    }

    fn hull(&self, span: &Span) -> Hull {
        span.hull(0, self.last)
    }

    fn sources(&self) -> Vec<Vec<Source>> {
        let of = |(op, whole): (usize, &Whole)| {
            whole.inputs.iter().map(|input| self.source(op, input)).collect()
        };
        self.wholes.iter().enumerate().map(of).collect()
    }

    /// A value, if the last operator in front that writes any of it has written all.
    fn source(&self, op: usize, input: &Span) -> Source {
        let writers = self.writers_of(self.hull(input));
        let Some(writer) = writers.into_iter().rfind(|writer| *writer < op) else {
            return Source::Memory;
        };
        let output = &self.wholes[writer].output;
        let fixed = output.iteration_stride == 0 && input.iteration_stride == 0;
        if fixed && holds_rows(output, input) {
            Source::Value { writer, offset: input.base - output.base }
        } else {
            Source::Memory
        }
    }

    /// What is read in memory is written there at once, and with it whatever shares an address.
    fn outputs(&self, sources: &[Vec<Source>]) -> Vec<Output> {
        let moving = |whole: &Whole| whole.output.iteration_stride != 0;
        let kind = |whole| if moving(whole) { Output::Moving } else { Output::Late };
        let mut outputs: Vec<Output> = self.wholes.iter().map(kind).collect();
        let mut prompt: Vec<usize> =
            (0..outputs.len()).filter(|op| outputs[*op] == Output::Moving).collect();
        for (whole, sources) in self.wholes.iter().zip(sources) {
            for (input, source) in whole.inputs.iter().zip(sources) {
                if *source == Source::Memory {
                    prompt.extend(self.writers_of(self.hull(input)));
                }
            }
        }
        // The first word decides where the machine goes: it is at hand either way.
        while let Some(op) = prompt.pop() {
            if outputs[op] == Output::Late {
                outputs[op] = Output::Prompt;
            }
            for other in self.writers_of(self.hull(&self.wholes[op].output)) {
                if outputs[other] == Output::Late {
                    outputs[other] = Output::Prompt;
                    prompt.push(other);
                }
            }
        }
        outputs
    }

    /// Whether iterations of a prompt can be computed operator by operator.
    fn batches(&self, sources: &[Vec<Source>], outputs: &[Output]) -> bool {
        let reads = |op: usize| self.wholes[op].inputs.iter().zip(&sources[op]).enumerate();
        let readers_fit = (0..self.wholes.len()).all(|reader| {
            reads(reader).all(|(number, (input, source))| {
                *source != Source::Memory
                    || unread_in_prompt(self.wholes[reader].operator(), number)
                    || self.reads_in_order(reader, (number, input), outputs)
            })
        });
        let writes_fit = (0..self.wholes.len()).all(|op| {
            let hull = self.hull(&self.wholes[op].output);
            outputs[op] != Output::Moving || self.writers_of(hull) == [op]
        });
        // Where a loop is left must be known before anything else is computed.
        let exits = (1..self.wholes.len())
            .all(|op| !matches!(self.wholes[op].control, Control::ExitIf { .. }));
        readers_fit && writes_fit && exits && self.prompt_is_fixed()
    }

    /// Whether one operator alone says which iterations have no choice to make, of a length that it finds in
    /// memory and that is the same in all rows and iterations.
    fn prompt_is_fixed(&self) -> bool {
        let is_chooser = |whole: &&Whole| matches!(whole.operator(), Operator::Next(_));
        let mut choosers = self.wholes.iter().filter(is_chooser);
        let Some(chooser) = choosers.next() else { return true };
        let fixed = |prompt: &Span| {
            let one = prompt.rows == 1 || prompt.row_stride == 0;
            one && prompt.iteration_stride == 0 && self.writers_of(self.hull(prompt)).is_empty()
        };
        choosers.next().is_none() && chooser.inputs.first().is_some_and(fixed)
    }

    /// Whether an operator that reads memory finds there what it would if iterations came one by one:
    /// behind a writer, nothing of later iterations; in front of it, nothing of earlier ones.
    fn reads_in_order(
        &self,
        reader: usize,
        (number, input): (usize, &Span),
        outputs: &[Output],
    ) -> bool {
        self.writers_of(self.hull(input)).into_iter().all(|writer| {
            let output = &self.wholes[writer].output;
            let read = |iteration| {
                let operator = self.wholes[reader].operator_in(iteration);
                let bytes = self.wholes[reader].reads(&operator, number);
                Span { bytes, ..*input }.hull(iteration, iteration)
            };
            let apart = |iteration: u32| {
                let others = if writer < reader {
                    (iteration < self.last).then(|| output.hull(iteration + 1, self.last))
                } else {
                    iteration.checked_sub(1).map(|before| output.hull(0, before))
                };
                others.is_none_or(|others| !others.overlaps(read(iteration)))
            };
            // Ends of what is read and beginnings of what is written move evenly.
            let ends = [0, 1, self.last.saturating_sub(1), self.last];
            let linear = ends.into_iter().filter(|i| *i <= self.last).all(apart);
            outputs[writer] == Output::Moving && linear && moves_one_way(output, input)
        })
    }

    /// What iterations computed together need of each other, or leave in memory for good.
    fn needed(&self, sources: &[Vec<Source>], outputs: &[Output]) -> Vec<bool> {
        let exits = |op: usize| matches!(self.wholes[op].control, Control::ExitIf { .. });
        let mut needed: Vec<bool> =
            (0..outputs.len()).map(|op| outputs[op] == Output::Moving || exits(op)).collect();
        for op in (0..needed.len()).rev().filter(|op| needed[*op]).collect::<Vec<_>>() {
            mark(op, sources, &mut needed);
        }
        needed
    }

    /// Operators of whose rows readers want no more than the kernel writes.
    fn prefixes(&self, sources: &[Vec<Source>]) -> Vec<bool> {
        let kernels =
            |whole: &Whole| matches!(whole.operator(), Operator::Scores(_) | Operator::Softmax(_));
        let mut prefix: Vec<bool> = self.wholes.iter().map(kernels).collect();
        for (reader, (whole, sources)) in self.wholes.iter().zip(sources).enumerate() {
            for (number, source) in sources.iter().enumerate() {
                let Source::Value { writer, offset } = source else { continue };
                let writer_span = &self.wholes[*writer].output;
                let same_rows = *offset == 0
                    && writer_span.rows == whole.inputs[number].rows
                    && (writer_span.rows == 1
                        || writer_span.row_stride == whole.inputs[number].row_stride);
                prefix[*writer] &= same_rows && self.reads_filled(reader, number, *writer);
            }
        }
        prefix
    }

    /// Whether an input is not longer than what its writer has written, in all iterations.
    fn reads_filled(&self, reader: usize, number: usize, writer: usize) -> bool {
        let read = |operator: &Operator| match operator {
            Operator::Softmax(softmax) if number == 0 => Some(softmax.n),
            Operator::Mix(mix) if number == 0 => Some(mix.cache.filled),
            _ => None,
        };
        [0, self.last].into_iter().all(|iteration| {
            let read = read(&self.wholes[reader].operator_in(iteration));
            let written = written(&self.wholes[writer].operator_in(iteration));
            read.zip(written).is_some_and(|(read, written)| read <= written)
        })
    }

    fn is_overwritten(&self, op: usize) -> bool {
        let output = &self.wholes[op].output;
        let hull = self.hull(output);
        let covers = |later: usize| {
            let other = &self.wholes[later].output;
            other.iteration_stride == 0 && other.is_dense() && self.hull(other).holds(hull)
        };
        output.iteration_stride == 0
            && self.writers_of(hull).into_iter().any(|later| later > op && covers(later))
    }
}

/// Whether a writer's place stays on the same side of what is read: caches that are read from their
/// beginning on, or slots read by their own iteration.
const fn moves_one_way(output: &Span, input: &Span) -> bool {
    input.iteration_stride == 0 || input.iteration_stride == output.iteration_stride
}

/// Words of a row that a kernel writes, if there may be more of them.
pub(super) fn written(operator: &Operator) -> Option<u32> {
    match operator {
        Operator::Scores(scores) => Some(scores.cache.filled),
        Operator::Softmax(softmax) => Some(softmax.n),
        _ => None,
    }
}

/// Marks all that `op` needs.
fn mark(op: usize, sources: &[Vec<Source>], needed: &mut [bool]) {
    let mut open = vec![op];
    while let Some(op) = open.pop() {
        for source in &sources[op] {
            if let Source::Value { writer, .. } = source
                && !std::mem::replace(&mut needed[*writer], true)
            {
                open.push(*writer);
            }
        }
    }
}

/// Whether every row of `input` lies in one row of `output`, or anywhere in it if rows follow one
/// another.
fn holds_rows(output: &Span, input: &Span) -> bool {
    if input.base < output.base || !output.hull(0, 0).holds(input.hull(0, 0)) {
        return false;
    }
    output.is_dense()
        || (0..input.rows).all(|row| {
            let inside = (input.at(0, row) - output.base) % output.row_stride;
            inside + input.bytes <= output.bytes
        })
}
