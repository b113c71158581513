//! Attention of many query heads over caches, those that share a cache head together.

use opml_kernels::row::{BLOCK, Row};
use opml_operator::Operator;
use opml_operator::geometry::{Cache, Scores};

use crate::backend::Lanes;
use crate::batch::{Job, alone, below};
use crate::block::{Block, blocks};
use crate::engine::Engine;
use crate::work::{
    ColumnMix, ColumnScores, FEW, FewMixed, FewScores, Mixed, PackedKeys, Rows, Vectors,
};

/// Query heads at several positions that are enough to unpack the values that they share.
const WORTH_UNPACKING: usize = 4;
/// Positions of a task, where there are many.
const POSITIONS: usize = 16;

/// Query heads over one cache head.
type Heads<'a, 'b> = Vec<&'a mut Job<'b>>;

/// Scores, or mixed values, of query heads over the same cache, maybe at several positions.
pub fn run(engine: &Engine, (lanes, cache): (Lanes, &Cache), jobs: &mut [Job<'_>]) {
    let tasks = engine.tasks(jobs.iter().map(work).sum());
    let size = jobs.len().div_ceil(tasks).next_multiple_of(least(cache, jobs));
    engine.share(jobs, size, |_, jobs| {
        let shared_by = cache.heads / cache.kv_heads;
        let mut heads: Heads<'_, '_> = jobs.iter_mut().collect();
        heads.sort_by_key(|job| job.row / shared_by);
        for heads in heads.chunk_by_mut(|a, b| a.row / shared_by == b.row / shared_by) {
            together(lanes, heads);
        }
    });
}

/// Jobs that are worth packing the cache for, if they are of several positions.
fn least(cache: &Cache, jobs: &[Job<'_>]) -> usize {
    let one_position = jobs.first().map(filled) == jobs.last().map(filled);
    if one_position { 1 } else { cache.heads as usize * POSITIONS }
}

/// Query heads over one cache head.
fn together(lanes: Lanes, heads: &mut [&mut Job<'_>]) {
    let Some(Job { operator, .. }) = heads.first() else { return };
    match *operator {
        Operator::Scores(shape) if alike(heads) => few_scores(lanes, &shape, heads),
        Operator::Scores(shape) => scores(lanes, &shape, heads),
        Operator::Mix(shape) if alike(heads) => few_mixed(lanes, &shape.cache, heads),
        Operator::Mix(shape) => mix(lanes, &shape.cache, heads),
        _ => heads.iter_mut().for_each(|job| alone(Some(lanes), job)),
    }
}

/// What a job takes, in multiply-accumulates.
fn work(job: &Job<'_>) -> usize {
    let head = match &job.operator {
        Operator::Scores(shape) => shape.cache.head,
        Operator::Mix(shape) => shape.cache.head,
        _ => 0,
    };
    filled(job) as usize * head as usize
}

/// Positions that are filled for a job.
fn filled(job: &Job<'_>) -> u32 {
    match &job.operator {
        Operator::Scores(shape) => shape.cache.filled,
        Operator::Mix(shape) => shape.cache.filled,
        _ => 0,
    }
}

/// Whether these are a few at the same position.
fn alike(heads: &[&mut Job<'_>]) -> bool {
    let [first, rest @ ..] = heads else { return false };
    heads.len() <= FEW && rest.iter().all(|job| filled(job) == filled(first))
}

/// The cache as the head sees it that sees the most of it.
fn fullest<'a>(cache: &Cache, heads: &[&mut Job<'a>]) -> (Cache, &'a [u32]) {
    let filled = heads.iter().map(|job| filled(job)).max().unwrap_or(0);
    let caches = heads.iter().map(|job| job.inputs[1]);
    let longest = caches.max_by_key(|cache| cache.len()).unwrap_or_default();
    (Cache { filled, ..*cache }, longest)
}

/// The query of a head, in blocks.
fn query<'a>(cache: &Cache, job: &Job<'a>) -> Row<'a> {
    let count = cache.head as usize / BLOCK;
    Row::new(job.inputs[0], count * cache.heads as usize).part(job.row as usize * count, count)
}

fn few_scores(lanes: Lanes, shape: &Scores, heads: &mut [&mut Job<'_>]) {
    let cache = &shape.cache;
    let Some(first) = heads.first() else { return };
    let keys = Rows::new(cache, first.row, first.inputs[1]);
    let zero = lanes.bytes_zero();
    let queries: Vec<Vec<Block>> =
        heads.iter().map(|job| blocks(query(cache, job), zero).collect()).collect();
    let mut out: Vec<&mut [u32]> =
        heads.iter_mut().map(|job| below(cache.filled, job.output)).collect();
    let scale = shape.scale;
    lanes.enter(FewScores { keys, queries: &queries, scale, out: &mut out });
}

fn few_mixed(lanes: Lanes, cache: &Cache, heads: &mut [&mut Job<'_>]) {
    let Some(first) = heads.first() else { return };
    let values = Rows::new(cache, first.row, first.inputs[1]);
    let p: Vec<&[u32]> = heads.iter().map(|job| &job.inputs[0][..cache.filled as usize]).collect();
    let mut out: Vec<&mut [u32]> =
        heads.iter_mut().map(|job| below(cache.head, job.output)).collect();
    lanes.enter(FewMixed { values, p: &p, out: &mut out });
}

fn scores(lanes: Lanes, shape: &Scores, heads: &mut [&mut Job<'_>]) {
    let Some(first) = heads.first() else { return };
    let (cache, keys) = fullest(&shape.cache, heads);
    let keys = PackedKeys::new(&cache, first.row, keys);
    let queries = heads.iter().map(|job| query(&cache, job));
    let queries = Vectors::new(queries, cache.head as usize / BLOCK, lanes.bytes_zero());
    let mut out: Vec<&mut [u32]> =
        heads.iter_mut().map(|job| below(filled(job), job.output)).collect();
    let scale = shape.scale;
    lanes.enter(ColumnScores { keys: &keys, queries: &queries, scale, out: &mut out });
}

fn mix(lanes: Lanes, cache: &Cache, heads: &mut [&mut Job<'_>]) {
    if heads.len() < WORTH_UNPACKING {
        return heads.iter_mut().for_each(|job| alone(Some(lanes), job));
    }
    let Some(head) = heads.first().map(|job| job.row) else { return };
    let (cache, values) = fullest(cache, heads);
    for job in &mut *heads {
        below(cache.head, job.output);
    }
    for block in 0..cache.head as usize / BLOCK {
        let columns = heads.iter_mut().map(|job| {
            let filled = filled(job) as usize;
            let out = job.output.get_mut(block * BLOCK..).unwrap_or_default();
            let count = out.len().min(BLOCK);
            Mixed { p: &job.inputs[0][..filled], out: &mut out[..count] }
        });
        let columns = &mut columns.collect::<Vec<_>>();
        lanes.enter(ColumnMix { cache: &cache, head, block, values, columns });
    }
}
