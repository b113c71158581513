//! Rows of an operator's grid at several iterations at once: what one of them has fetched and unpacked
//! serves the others.

use opml_kernels::row::{BLOCK, Row};
use opml_operator::geometry::{Cache, Matmul, Mix, Scores};
use opml_operator::{INPUTS, Operator};
use rayon::prelude::*;

use crate::backend::Lanes;
use crate::engine::{Columns, Engine};
use crate::isa::LANES;
use crate::part::{Part, Start, has_lanes, scalar, width};
use crate::work::{
    ColumnMix, ColumnProducts, ColumnScores, Mixed, PackedKeys, Vectors, activations,
};

/// Weight bytes that stay in a core's cache while they are multiplied with all vectors.
const CACHED_BYTES: usize = 256 << 10;
/// Least work for a thread, in multiply-accumulates: below, waking it costs more than it saves.
const WORK_A_TASK: usize = 256 << 10;
/// What a word of other kernels takes, in multiply-accumulates.
const WORD_WORK: usize = 32;
/// Query heads that are enough to unpack the values that they share.
const WORTH_UNPACKING: usize = 4;
/// Parts that a thread gets of attention, whose rows are not equally long.
const TASKS_A_THREAD: usize = 2;

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
        let size = self.jobs_a_task(jobs);
        if size >= jobs.len() {
            self.run_part(jobs);
        } else {
            self.install(|| jobs.par_chunks_mut(size).for_each(|jobs| self.run_part(jobs)));
        }
    }

    /// Jobs that one thread does in a row.
    fn jobs_a_task(&self, jobs: &[Job<'_>]) -> usize {
        let threads = self.threads();
        let Some(first) = jobs.first().filter(|_| threads > 1) else { return jobs.len() };
        let work = |job: &Job<'_>| match &job.operator {
            Operator::Matmul(shape) => shape.matrix.k as usize * job.output.len(),
            Operator::Scores(Scores { cache, .. }) | Operator::Mix(Mix { cache, .. }) => {
                cache.filled as usize * cache.head as usize
            }
            _ => job.output.len() * WORD_WORK,
        };
        let work: usize = jobs.iter().map(work).sum();
        let tasks = match first.operator {
            Operator::Scores(_) | Operator::Mix(_) => threads * TASKS_A_THREAD,
            _ => threads,
        };
        jobs.len().div_ceil(tasks).max(WORK_A_TASK * jobs.len() / work.max(1))
    }

    /// In this thread.
    fn run_part(&self, jobs: &mut [Job<'_>]) {
        match (jobs, self.lanes()) {
            (jobs @ [_, _, ..], Some(lanes)) if alike(jobs) => together(lanes, jobs),
            (jobs, lanes) => jobs.iter_mut().for_each(|job| alone(lanes, job)),
        }
    }
}

/// Whether these share all but one vector.
fn alike(jobs: &[Job<'_>]) -> bool {
    let [first, rest @ ..] = jobs else { return false };
    let shared = |job: &Job<'_>, input: usize| {
        std::ptr::eq(job.inputs[input].as_ptr(), first.inputs[input].as_ptr())
    };
    let cache = |cache: &Cache| Cache { filled: 0, ..*cache };
    match &first.operator {
        Operator::Matmul(_) => {
            rest.iter().all(|job| job.operator == first.operator && shared(job, 0))
        }
        Operator::Scores(shape) => rest.iter().all(|job| match &job.operator {
            Operator::Scores(other) => {
                (cache(&shape.cache), shape.scale) == (cache(&other.cache), other.scale)
                    && shared(job, 1)
            }
            _ => false,
        }),
        Operator::Mix(shape) => rest.iter().all(|job| match &job.operator {
            Operator::Mix(other) => cache(&shape.cache) == cache(&other.cache) && shared(job, 1),
            _ => false,
        }),
        _ => false,
    }
}

fn alone(lanes: Option<Lanes>, job: &mut Job<'_>) {
    let start = Start { iteration: job.iteration, row: job.row, element: 0 };
    match lanes {
        Some(lanes) => Part { lanes, start }.compute(&job.operator, &job.inputs, job.output),
        None => scalar(&job.operator, start, &job.inputs, job.output),
    }
}

/// [`alike`] ones.
fn together(lanes: Lanes, jobs: &mut [Job<'_>]) {
    let Some(Job { operator, inputs: [first, second, ..], .. }) = jobs.first() else { return };
    let (operator, first, second) = (*operator, *first, *second);
    match operator {
        Operator::Matmul(shape)
            if shape.matrix.kind.quantized() && has_lanes(shape.matrix.kind) =>
        {
            products(lanes, (&shape, first), jobs);
        }
        Operator::Scores(shape) => each_cache_head(&shape.cache, jobs, |head, jobs| {
            scores(lanes, (&shape.cache, head, longest(jobs, second)), jobs);
        }),
        Operator::Mix(shape) => each_cache_head(&shape.cache, jobs, |head, jobs| {
            mix(lanes, (&shape.cache, head, longest(jobs, second)), jobs);
        }),
        _ => jobs.iter_mut().for_each(|job| alone(Some(lanes), job)),
    }
}

fn products(lanes: Lanes, (shape, weights): (&Matmul, &[u32]), jobs: &mut [Job<'_>]) {
    let matrix = &shape.matrix;
    let x = activations(matrix, jobs.iter().map(|job| job.inputs[1]), lanes);
    let group_words = opml_kernels::matmul::group_words(matrix);
    let groups = matrix.rows.div_ceil(LANES as u32) as usize;
    let weights = weights.get(..groups * group_words).unwrap_or_default();
    let mut out: Vec<&mut [u32]> =
        jobs.iter_mut().map(|job| below(matrix.rows, job.output)).collect();
    let at_once = (CACHED_BYTES / 4 / group_words).max(1);
    let kind = matrix.kind;
    for groups in weights.chunks(at_once * group_words) {
        lanes.enter(ColumnProducts { kind, groups, group_words, x: &x, out: &mut out });
        for out in &mut out {
            let done = out.len().min(at_once * LANES);
            *out = std::mem::take(out).get_mut(done..).unwrap_or_default();
        }
    }
}

/// Clears elements from `n` on, and gives those in front of it.
fn below(n: u32, out: &mut [u32]) -> &mut [u32] {
    let (out, rest) = out.split_at_mut(out.len().min(n as usize));
    rest.fill(0);
    out
}

/// Calls `each` with the jobs of each cache head.
fn each_cache_head<'a>(
    cache: &Cache,
    jobs: &mut [Job<'a>],
    each: impl Fn(u32, &mut [&mut Job<'a>]),
) {
    let shared_by = cache.heads / cache.kv_heads;
    let mut heads: Vec<&mut Job<'a>> = jobs.iter_mut().collect();
    heads.sort_by_key(|job| job.row / shared_by);
    for jobs in heads.chunk_by_mut(|a, b| a.row / shared_by == b.row / shared_by) {
        each(jobs[0].row, jobs);
    }
}

/// The longest view of the cache.
fn longest<'a>(jobs: &[&mut Job<'a>], first: &'a [u32]) -> &'a [u32] {
    let caches = jobs.iter().map(|job| job.inputs[1]);
    caches.max_by_key(|cache| cache.len()).unwrap_or(first)
}

/// Positions that are filled for a job.
fn filled(job: &Job<'_>) -> u32 {
    match &job.operator {
        Operator::Scores(shape) => shape.cache.filled,
        Operator::Mix(shape) => shape.cache.filled,
        _ => 0,
    }
}

/// The cache as the job sees it that sees the most of it.
fn fullest(cache: &Cache, jobs: &[&mut Job<'_>]) -> Cache {
    Cache { filled: jobs.iter().map(|job| filled(job)).max().unwrap_or(0), ..*cache }
}

type Head<'a> = (&'a Cache, u32, &'a [u32]);

fn scores(lanes: Lanes, (cache, head, keys): Head<'_>, jobs: &mut [&mut Job<'_>]) {
    let Some(Job { operator: Operator::Scores(shape), .. }) = jobs.first() else { return };
    let scale = shape.scale;
    let blocks = cache.head as usize / BLOCK;
    let keys = PackedKeys::new(&fullest(cache, jobs), head, keys);
    let queries = jobs.iter().map(|job| {
        let row = Row::new(job.inputs[0], blocks * cache.heads as usize);
        row.part(job.row as usize * blocks, blocks)
    });
    let queries = Vectors::new(queries, blocks, lanes.bytes_zero());
    let mut out: Vec<&mut [u32]> =
        jobs.iter_mut().map(|job| below(filled(job), job.output)).collect();
    lanes.enter(ColumnScores { keys: &keys, queries: &queries, scale, out: &mut out });
}

fn mix(lanes: Lanes, (cache, head, values): Head<'_>, jobs: &mut [&mut Job<'_>]) {
    if jobs.len() < WORTH_UNPACKING {
        return jobs.iter_mut().for_each(|job| alone(Some(lanes), job));
    }
    let cache = &fullest(cache, jobs);
    for job in &mut *jobs {
        below(cache.head, job.output);
    }
    for block in 0..cache.head as usize / BLOCK {
        let columns = jobs.iter_mut().map(|job| {
            let filled = filled(job) as usize;
            let out = job.output.get_mut(block * BLOCK..).unwrap_or_default();
            let count = out.len().min(BLOCK);
            Mixed { p: &job.inputs[0][..filled], out: &mut out[..count] }
        });
        let columns = &mut columns.collect::<Vec<_>>();
        lanes.enter(ColumnMix { cache, head, block, values, columns });
    }
}
