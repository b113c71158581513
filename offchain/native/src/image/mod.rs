//! Operators on images. Their tiles are rows of the grid: each is one [`Job`].

mod attend;
mod conv;
mod heads;
mod maps;
mod windows;

use opml_operator::Operator;
use opml_operator::geometry::Canvas;

use crate::backend::Lanes;
use crate::batch::Job;
use crate::engine::Engine;
use crate::part::Part;

/// Computes one tile with lanes and tells that it did, or does nothing for operators that have only the
/// reference. `out` is overwritten whole.
pub(crate) fn compute(part: Part, operator: &Operator, inputs: &[&[u32]], out: &mut [u32]) -> bool {
    match operator {
        Operator::Conv(shape) => conv::compute(part, shape, take(inputs, 3), out),
        Operator::ConvAdd(shape) => conv::compute(part, shape, take(inputs, 4), out),
        Operator::Attend(shape) => {
            attend::compute(part.lanes, (shape, part.start.row), inputs, out)
        }
        _ => maps::compute(part, operator, inputs, out),
    }
}

/// Computes many tiles of one operator in this thread and tells that it did, or does nothing if they
/// gain nothing by being together.
pub(crate) fn together(lanes: Lanes, jobs: &mut [Job<'_>]) -> bool {
    match shared_operator(jobs) {
        Some(Operator::Conv(shape)) => conv::together(lanes, &shape, 3, jobs),
        Some(Operator::ConvAdd(shape)) => conv::together(lanes, &shape, 4, jobs),
        _ => false,
    }
}

/// Computes many tiles of attention in `tasks` parts and tells that it did, or does nothing if this is
/// something else.
pub(crate) fn attend(
    (engine, lanes): (&Engine, Lanes),
    jobs: &mut [Job<'_>],
    tasks: usize,
) -> bool {
    let Some(Operator::Attend(shape)) = shared_operator(jobs) else { return false };
    attend::together((engine, lanes), &shape, jobs, tasks);
    true
}

/// The operator of all of some tiles, if they have the same inputs.
fn shared_operator(jobs: &[Job<'_>]) -> Option<Operator> {
    let [first, rest @ ..] = jobs else { return None };
    let same = |job: &Job<'_>| {
        let inputs = job.inputs.iter().zip(first.inputs);
        job.operator == first.operator
            && inputs.into_iter().all(|(a, b)| std::ptr::eq(a.as_ptr(), b.as_ptr()))
    };
    (!rest.is_empty() && rest.iter().all(same)).then_some(first.operator)
}

/// Work of one tile of `words` words, in multiply-accumulates; none for what takes 32 a word.
pub(crate) fn work(operator: &Operator, words: usize) -> Option<usize> {
    match operator {
        Operator::Conv(shape) | Operator::ConvAdd(shape) => {
            Some(words.saturating_mul(shape.matrix.k as usize))
        }
        Operator::Attend(shape) => {
            Some(words.saturating_mul(shape.positions as usize).saturating_mul(4))
        }
        Operator::Moments(shape) => {
            let elements =
                (shape.blocks.each as usize).saturating_mul(shape.blocks.channels as usize);
            Some(elements.saturating_mul(8))
        }
        _ => None,
    }
}

/// Words of an image from the first one of a tile on, if rows hold nothing but channels.
pub(crate) fn dense_words(canvas: &Canvas, tile: u32) -> usize {
    let log2 = canvas.row_log2 - 2;
    if u64::from(canvas.channels) != 1 << log2 {
        return 0;
    }
    (u64::from(canvas.pixels) << log2).saturating_sub(canvas.first_word(tile)) as usize
}

/// The first `count` inputs, if there are so many; a job has room for more.
fn take<'a, 'b>(inputs: &'b [&'a [u32]], count: usize) -> &'b [&'a [u32]] {
    inputs.get(..count).unwrap_or(inputs)
}
