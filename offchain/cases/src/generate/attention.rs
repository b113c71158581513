//! Attention over a cache.

use opml_operator::Kernel;

use super::matrix::quantized_row;
use super::{Parts, columns, size, width};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

/// Heads, and a cache of quantized rows with anything between them.
struct Shape {
    head: u32,
    heads: u32,
    kv_heads: u32,
    row_log2: u32,
    capacity: u32,
    cache: Vec<u32>,
}

fn shape(rng: &mut Rng, capacity: u32) -> Shape {
    let (head, kv_heads) = (32 * rng.within(1, 3), rng.within(1, 3));
    let heads = kv_heads * rng.within(1, 3);
    let blocks = head / 32 * kv_heads;
    let row_log2 = (blocks * 36).next_power_of_two().trailing_zeros() + rng.below(2);
    let mut cache = Vec::new();
    for _ in 0..capacity {
        let mut row = quantized_row(rng, blocks);
        row.resize(1 << row_log2 >> 2, 0xffff_ffff);
        cache.extend(row);
    }
    Shape { head, heads, kv_heads, row_log2, capacity, cache }
}

pub fn scores(rng: &mut Rng) -> Case {
    let capacity = size(rng, 6);
    let shape = shape(rng, capacity);
    let query = quantized_row(rng, shape.head / 32 * shape.heads);
    let scale = Flavor::any(rng).number(rng);
    let output = width(rng, 6);
    let params = &[shape.head, shape.heads, shape.kv_heads, shape.row_log2, shape.capacity, scale];
    let parts = Parts {
        kernel: Kernel::Scores,
        params,
        grid: (columns(rng, capacity, output), shape.heads),
        output,
        inputs: vec![query, shape.cache],
    };
    let mut case = parts.case(rng);
    case.iteration = rng.below(capacity);
    case
}

pub fn mix(rng: &mut Rng) -> Case {
    // Sometimes more positions than a chunk of 512.
    let capacity = if rng.one_in(16) { rng.within(513, 600) } else { size(rng, 6) };
    let shape = shape(rng, capacity);
    let probabilities = Flavor::any(rng).numbers(rng, capacity);
    let output = width(rng, 7);
    let params = &[shape.head, shape.heads, shape.kv_heads, shape.row_log2, shape.capacity];
    let parts = Parts {
        kernel: Kernel::Mix,
        params,
        grid: (columns(rng, shape.head, output), shape.heads),
        output,
        inputs: vec![probabilities, shape.cache],
    };
    let mut case = parts.case(rng);
    case.iteration = rng.within(capacity / 2, capacity - 1);
    case
}
