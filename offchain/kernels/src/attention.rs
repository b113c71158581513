//! Attention over a cache of quantized keys and values.
//!
//! The cache holds a quantized row ([`crate::row`]) of all its heads a position, `2^row_log2` bytes
//! apart. Query heads share cache heads in order: query head h reads `h / (heads / kv_heads)`.

use core::ops::Range;

use opml_operator::geometry::{Cache, Mix, Scores};

use crate::math::{float, store};
use crate::row::{BLOCK, Row, bytes};
use crate::sums::CHUNK;
use crate::{first_of, present};

/// Row and column of a tile.
type Tile = (u32, u32);

/// Scores of query head `row` at positions `column * width + i` below `filled`, others stay +0:
/// from +0, blocks of the head ascending, `acc = acc + f32(isum) * (d_k * d_q)`; then `acc * scale`.
/// Inputs: q, keys.
pub fn scores(shape: &Scores, (row, column): Tile, inputs: [&[u32]; 2], out: &mut [u32]) {
    let [q, keys] = inputs;
    let cache = &shape.cache;
    let blocks = cache.head as usize / BLOCK;
    let query = Row::new(q, blocks * cache.heads as usize).part(row as usize * blocks, blocks);
    let first = first_of(column, shape.width) as usize;
    let count = present(column, shape.width, cache.filled);
    for (index, out) in out[..count].iter_mut().enumerate() {
        let key = cached(cache, keys, first + index, row);
        *out = store(score(key, query) * float(shape.scale));
    }
}

pub fn score(key: Row<'_>, query: Row<'_>) -> f32 {
    let mut sum = 0.0;
    for (key, query) in key.blocks().zip(query.blocks()) {
        let mut product = 0;
        for (k, q) in key.words.iter().zip(query.words) {
            let (k, q) = (bytes(*k), bytes(*q));
            product += k[0] * q[0] + k[1] * q[1] + k[2] * q[2] + k[3] * q[3];
        }
        sum += product as f32 * (key.scale * query.scale);
    }
    sum
}

/// Elements `column * width + i` of head `row`, those past the head stay +0: the sum over positions
/// t below `filled`, ascending, of `(p[t] * d_v) * f32(v)`, in chunks of 512 that each sum up from
/// +0; chunk sums are added ascending to +0.
/// Inputs: p, values.
pub fn mix(shape: &Mix, (row, column): Tile, inputs: [&[u32]; 2], out: &mut [u32]) {
    let [p, values] = inputs;
    let first = first_of(column, shape.width) as usize;
    let count = present(column, shape.width, shape.cache.head);
    let p = &p[..shape.cache.filled as usize];
    for (out, start) in out[..count].chunks_mut(BLOCK).zip((first..).step_by(BLOCK)) {
        // A tile narrower than a block lies in one; a wider one starts at a block's start.
        let lanes = start % BLOCK..start % BLOCK + out.len();
        let positions = p.iter().enumerate().map(|(position, p)| {
            let row = cached(&shape.cache, values, position, row).part(start / BLOCK, 1);
            (float(*p), row)
        });
        for (out, sum) in out.iter_mut().zip(mix_block(positions, lanes)) {
            *out = store(sum);
        }
    }
}

/// Sums of some elements of one block of a head over all positions.
fn mix_block<'a>(
    positions: impl Iterator<Item = (f32, Row<'a>)>,
    lanes: Range<usize>,
) -> [f32; BLOCK] {
    let mut sums = [0.0; BLOCK];
    let mut partial = [0.0; BLOCK];
    for (position, (p, row)) in positions.enumerate() {
        if position > 0 && position % CHUNK == 0 {
            add_all(&mut sums, &mut partial);
        }
        for value in row.blocks() {
            let weight = p * value.scale;
            for (sum, integer) in partial.iter_mut().zip(&value.integers()[lanes.clone()]) {
                *sum += weight * *integer as f32;
            }
        }
    }
    add_all(&mut sums, &mut partial);
    sums
}

/// Adds a chunk's sums to the totals and clears them.
fn add_all(sums: &mut [f32; BLOCK], partial: &mut [f32; BLOCK]) {
    for (sum, partial) in sums.iter_mut().zip(partial) {
        *sum += core::mem::take(partial);
    }
}

/// The cached row of a position that query head `head` reads.
fn cached<'a>(cache: &Cache, words: &'a [u32], position: usize, head: u32) -> Row<'a> {
    let blocks = cache.head as usize / BLOCK;
    let kv_head = head / (cache.heads / cache.kv_heads);
    let start = position << (cache.row_log2 - 2);
    Row::new(&words[start..], blocks * cache.kv_heads as usize)
        .part(kv_head as usize * blocks, blocks)
}
