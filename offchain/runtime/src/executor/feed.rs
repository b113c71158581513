//! What the rows of an operator read.

use std::borrow::Cow;

use crate::memory::GraphMemory;

use super::whole::Span;

/// An input of an operator in some iterations.
pub enum Feed<'a> {
    /// The same words in all iterations and rows.
    Shared(Cow<'a, [u32]>),
    /// Other words for each iteration and row, one iteration after another.
    Each(Vec<Cow<'a, [u32]>>),
    /// Kept values of another operator.
    Value(ValueFeed<'a>),
}

/// Rows out of a value.
pub struct ValueFeed<'a> {
    /// The values of all iterations from the first one needed on.
    pub words: &'a [u32],
    /// Words of one iteration's value.
    pub words_each: usize,
    /// Words kept of each of its rows.
    pub pitch: usize,
    /// Where the writer's rows lie, from 0 on.
    pub output: Span,
    /// Where the reader's rows lie, from the writer's beginning on.
    pub input: Span,
}

/// The iterations that are computed.
#[derive(Clone, Copy, Debug)]
pub struct Iterations {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

impl Iterations {
    /// The last one.
    pub const fn last(self) -> u32 {
        self.first.saturating_add(self.count.saturating_sub(1))
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        self.first..self.first.saturating_add(self.count)
    }
}

impl<'a> Feed<'a> {
    /// From memory; `bytes` tells how many of a row are read in an iteration.
    pub fn memory(
        memory: &'a GraphMemory,
        span: &Span,
        iterations: Iterations,
        bytes: impl Fn(u32) -> u64,
    ) -> Self {
        let words = |iteration, row| {
            let count = usize::try_from(bytes(iteration).div_ceil(4)).unwrap_or_default();
            memory.words_at(span.at(iteration, row), count)
        };
        let one_row = span.rows == 1 || span.row_stride == 0;
        if one_row && (span.iteration_stride == 0 || iterations.count == 1) {
            return Self::Shared(words(iterations.last(), 0));
        }
        let rows = move |iteration| (0..span.rows).map(move |row| (iteration, row));
        let all = iterations.iter().flat_map(rows);
        Self::Each(all.map(|(iteration, row)| words(iteration, row)).collect())
    }

    /// The words of row `row` in the `index`-th iteration of `rows` rows; empty if there are none.
    pub fn words(&self, index: usize, row: u32, rows: u32) -> &[u32] {
        match self {
            Self::Shared(words) => words,
            Self::Each(each) => each
                .get(index * rows as usize + row as usize)
                .map(AsRef::as_ref)
                .unwrap_or_default(),
            Self::Value(value) => value.words(index, row),
        }
    }
}

impl ValueFeed<'_> {
    fn words(&self, index: usize, row: u32) -> &[u32] {
        let place = |bytes: u64| usize::try_from(bytes / 4).unwrap_or(usize::MAX);
        let (at, count) = (self.input.at(0, row), place(self.input.bytes));
        let whole = place(self.output.bytes);
        let (start, count) = if self.output.rows == 1
            || self.output.is_dense() && self.pitch == whole
        {
            (place(at), count)
        } else {
            let (row, inside) = (at / self.output.row_stride, at % self.output.row_stride);
            let inside = place(inside);
            // Zeros behind what is kept are not read: see the analysis.
            let count = count.min(self.pitch.saturating_sub(inside));
            (usize::try_from(row).unwrap_or(usize::MAX).saturating_mul(self.pitch) + inside, count)
        };
        let start = start.saturating_add(index * self.words_each);
        let end = start.saturating_add(count).min(self.words.len());
        self.words.get(start..end).unwrap_or_default()
    }
}
