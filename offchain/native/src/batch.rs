//! Rows of an operator's grid at several iterations at once: what one of them has fetched and unpacked
//! serves the others.

use opml_operator::geometry::{Cache, Matmul, Mix, Scores};
use opml_operator::{INPUTS, Operator};

use crate::backend::Lanes;
use crate::engine::{Columns, Engine};
use crate::isa::LANES;
use crate::part::{Part, Start, scalar, width};
use crate::work::{ColumnProducts, activations};
use crate::{heads, image};

/// Weight bytes that stay in a core's cache while they are multiplied with all vectors.
const CACHED_BYTES: usize = 256 << 10;
/// Least work of a task, in multiply-accumulates: about a microsecond.
const WORK_A_TASK: usize = 48 << 10;
/// What a word of other kernels takes, in multiply-accumulates.
const WORD_WORK: usize = 32;
/// Tasks that a thread gets, so that a slow one does not hold up all.
const TASKS_A_THREAD: usize = 4;
/// Vectors that are worth unpacking weights for.
const TOGETHER: usize = 16;

/// A row of an operator's grid at one iteration, or its beginning.
#[derive(Debug)]
pub struct Job<'a> {
    /// What is computed, as it is at that iteration.
    pub operator: Operator,
    /// Iteration of the loop.
    pub iteration: u32,
    /// Row of the grid.
    pub row: u32,
    /// As for [`Engine::run_columns`]; empty behind the operator's last.
    pub inputs: [&'a [u32]; INPUTS],
    /// Elements of the row from its first tile on; overwritten. Kernels whose tile is a whole row
    /// need at least the elements that they write.
    pub output: &'a mut [u32],
}

impl Engine {
    /// All `jobs`, which are of the same operator in its iterations and rows: for each what
    /// [`Self::run_columns`] computes, under the same conditions. None may read what another writes.
    pub fn run_batch(&self, jobs: &mut [Job<'_>]) {
        if let [job] = jobs {
            let width = width(&job.operator).map_or(job.output.len(), |width| width as usize);
            let columns = job.output.len().div_ceil(width.max(1)) as u32;
            let Job { operator, iteration, row, .. } = *job;
            let tiles = Columns { operator, iteration, row, columns: 0..columns };
            return self.run_columns(&tiles, &job.inputs, job.output);
        }
        match (self.lanes(), jobs.first().map(|job| job.operator)) {
            (Some(lanes), Some(Operator::Matmul(shape))) if shares_weights(jobs) => {
                self.products(lanes, &shape, jobs);
            }
            (
                Some(lanes),
                Some(Operator::Scores(Scores { cache, .. }) | Operator::Mix(Mix { cache, .. })),
            ) if shares_cache(jobs) => {
                heads::run(self, (lanes, &cache), jobs);
            }
            (lanes, _) => {
                let tasks = self.tasks(jobs.iter().map(work).sum());
                if lanes.is_some_and(|lanes| image::attend((self, lanes), jobs, tasks)) {
                    return;
                }
                let size = jobs.len().div_ceil(tasks);
                self.share(jobs, size, |_, jobs| match lanes {
                    Some(lanes) if image::together(lanes, jobs) => {}
                    lanes => jobs.iter_mut().for_each(|job| alone(lanes, job)),
                });
            }
        }
    }

    /// Tasks to cut `work` multiply-accumulates into.
    pub(crate) fn tasks(&self, work: usize) -> usize {
        match self.threads() {
            1 => 1,
            threads => (work / WORK_A_TASK).clamp(1, threads * TASKS_A_THREAD),
        }
    }

    /// Products of the same quantized weights with all jobs' vectors. A thread does the same jobs of
    /// one operator after another, so that their numbers stay in its cache.
    fn products(&self, lanes: Lanes, shape: &Matmul, jobs: &mut [Job<'_>]) {
        let tasks = self.tasks(jobs.iter().map(work).sum());
        let size = jobs.len().div_ceil(tasks).next_multiple_of(TOGETHER);
        self.share(jobs, size, |_, jobs| products(lanes, shape, jobs));
    }
}

/// In this thread.
fn products(lanes: Lanes, shape: &Matmul, jobs: &mut [Job<'_>]) {
    let matrix = &shape.matrix;
    let Some(weights) = jobs.first().map(|job| job.inputs[0]) else { return };
    let x = &activations(matrix, jobs.iter().map(|job| job.inputs[1]), lanes);
    let group_words = opml_kernels::matmul::group_words(matrix);
    let groups = matrix.rows.div_ceil(LANES as u32) as usize;
    let weights = weights.get(..groups * group_words).unwrap_or_default();
    let mut out: Vec<&mut [u32]> =
        jobs.iter_mut().map(|job| below(matrix.rows, job.output)).collect();
    let at_once = (CACHED_BYTES / 4 / group_words).max(1);
    let kind = matrix.kind;
    for groups in weights.chunks(at_once * group_words) {
        lanes.enter(ColumnProducts { kind, groups, group_words, x, out: &mut out });
        for out in &mut out {
            let done = out.len().min(at_once * LANES);
            *out = std::mem::take(out).get_mut(done..).unwrap_or_default();
        }
    }
}

/// What a job takes, in multiply-accumulates.
fn work(job: &Job<'_>) -> usize {
    match &job.operator {
        Operator::Matmul(shape) => shape.matrix.k as usize * job.output.len(),
        operator => {
            let words = job.output.len();
            image::work(operator, words).unwrap_or(words * WORD_WORK)
        }
    }
}

/// Whether these are the same quantized weights' products with other vectors.
fn shares_weights(jobs: &[Job<'_>]) -> bool {
    let [first, rest @ ..] = jobs else { return false };
    let Operator::Matmul(shape) = &first.operator else { return false };
    let same = |job: &Job<'_>| job.operator == first.operator && shared(job, first, 0);
    shape.matrix.kind.quantized() && rest.iter().all(same)
}

/// Whether these are heads over the same cache, maybe at other positions.
fn shares_cache(jobs: &[Job<'_>]) -> bool {
    let [first, rest @ ..] = jobs else { return false };
    let cache = |cache: &Cache| Cache { filled: 0, ..*cache };
    let same = |job: &Job<'_>| match (&first.operator, &job.operator) {
        (Operator::Scores(a), Operator::Scores(b)) => {
            (cache(&a.cache), a.scale) == (cache(&b.cache), b.scale)
        }
        (Operator::Mix(a), Operator::Mix(b)) => cache(&a.cache) == cache(&b.cache),
        _ => false,
    };
    rest.iter().all(|job| same(job) && shared(job, first, 1))
}

fn shared(job: &Job<'_>, first: &Job<'_>, input: usize) -> bool {
    std::ptr::eq(job.inputs[input].as_ptr(), first.inputs[input].as_ptr())
}

/// One row in this thread.
pub fn alone(lanes: Option<Lanes>, job: &mut Job<'_>) {
    let start = Start { iteration: job.iteration, row: job.row, element: 0 };
    match lanes {
        Some(lanes) => Part { lanes, start }.compute(&job.operator, &job.inputs, job.output),
        None => scalar(&job.operator, start, &job.inputs, job.output),
    }
}

/// Clears elements from `n` on, and gives those in front of it.
pub fn below(n: u32, out: &mut [u32]) -> &mut [u32] {
    let (out, rest) = out.split_at_mut(out.len().min(n as usize));
    rest.fill(0);
    out
}
