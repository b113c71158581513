//! Operators on images. Their tiles are rows of the grid: each is one [`Job`].

use opml_operator::Operator;

use crate::backend::Lanes;
use crate::batch::Job;
use crate::part::Part;

/// Computes one tile with lanes and tells that it did, or does nothing for operators that have only the
/// reference. `out` is overwritten whole.
pub(crate) fn compute(
    _part: Part,
    _operator: &Operator,
    _inputs: &[&[u32]],
    _out: &mut [u32],
) -> bool {
    false
}

/// Computes many tiles of one operator in this thread and tells that it did, or does nothing if they
/// gain nothing by being together.
pub(crate) fn together(_lanes: Lanes, _jobs: &mut [Job<'_>]) -> bool {
    false
}

/// Work of one tile of `words` words, in multiply-accumulates; none for what takes 32 a word.
pub(crate) fn work(_operator: &Operator, _words: usize) -> Option<usize> {
    None
}
