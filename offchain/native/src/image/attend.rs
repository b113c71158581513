//! Attention over the rows of an image: eight queries at a time, keys and values of a head packed once
//! for all queries.

use std::ops::Range;

use opml_kernels::math::float;
use opml_kernels::row::{BLOCK, BLOCK_WORDS, Row};
use opml_operator::geometry::{Attend, Packed};

use super::heads::{PackedHead, PackedKeys, PackedValues};
use crate::backend::Lanes;
use crate::batch::Job;
use crate::block::Block;
use crate::engine::Engine;
use crate::isa::{Isa, LANES, Work};
use crate::work::{Blocked, Column, Keys, exp, greatest, put, quantized_block, strided};

/// Queries that share packed keys and values in registers.
const WIDE: usize = 8;

/// What a tile has of one query's row.
struct Query<'a> {
    /// Number of the query.
    pixel: usize,
    /// First element.
    first: usize,
    /// The elements.
    out: &'a mut [u32],
}

/// One tile, whose words are zeros. Inputs: q, keys, values.
pub fn compute(lanes: Lanes, tile: (&Attend, u32), inputs: &[&[u32]], out: &mut [u32]) -> bool {
    let &[q, keys, values, ..] = inputs else { return false };
    let (shape, queries) = (tile.0, &mut queries(tile, out));
    let size = shape.head as usize;
    let is_read = |head: usize| queries.iter().any(|query| overlap(query, head, size).is_some());
    let pack = |head| is_read(head).then(|| PackedHead::new(shape, head, [keys, values]));
    let heads: Vec<_> = (0..shape.heads as usize).map(pack).collect();
    run(lanes, shape, (q, &heads), queries);
    true
}

/// Tiles of the same rows, whatever their outputs hold, in `tasks` parts.
pub fn together(
    (engine, lanes): (&Engine, Lanes),
    shape: &Attend,
    jobs: &mut [Job<'_>],
    tasks: usize,
) {
    let Some([q, keys, values, ..]) = jobs.first().map(|job| job.inputs) else { return };
    let mut heads = Vec::new();
    heads.resize_with(shape.heads as usize, || None);
    engine.share(&mut heads, 1, |number, places| {
        for place in places {
            *place = Some(PackedHead::new(shape, number, [keys, values]));
        }
    });
    let size = jobs.len().div_ceil(tasks);
    engine.share(jobs, size, |_, jobs| {
        let mut all = Vec::new();
        for job in jobs {
            job.output.fill(0);
            all.extend(queries((shape, job.row), job.output));
        }
        run(lanes, shape, (q, &heads), &mut all);
    });
}

fn queries<'a>((shape, number): (&Attend, u32), out: &'a mut [u32]) -> Vec<Query<'a>> {
    let log2 = shape.out.row_log2 - 2;
    let start = shape.out.first_word(number);
    let (pixel, first) = (start >> log2, start as usize & ((1 << log2) - 1));
    let left = u64::from(shape.out.pixels).saturating_sub(pixel) as usize;
    let Some(channels) = (shape.out.channels as usize).checked_sub(first) else {
        return Vec::new();
    };
    let rows = out.chunks_mut(1 << log2).take(left).zip(pixel as usize..);
    let query = |(out, pixel): (&'a mut [u32], usize)| {
        let count = channels.min(out.len());
        Query { pixel, first, out: &mut out[..count] }
    };
    rows.map(query).collect()
}

fn run(
    lanes: Lanes,
    shape: &Attend,
    (q, heads): (&[u32], &[Option<PackedHead>]),
    queries: &mut [Query<'_>],
) {
    let size = shape.head as usize;
    for (number, packed) in heads.iter().enumerate() {
        let Some(PackedHead { keys, values }) = packed else { continue };
        let here = |query: &Query<'_>| overlap(query, number, size).is_some();
        let mut of_head: Vec<&mut Query<'_>> =
            queries.iter_mut().filter(|query| here(query)).collect();
        for queries in of_head.chunks_mut(WIDE) {
            let head = Head { shape, number, q, keys, values };
            lanes.enter(AttendWork { head, queries });
        }
    }
}

/// Elements of a head that a query's part has, counted in the head.
fn overlap(query: &Query<'_>, head: usize, size: usize) -> Option<Range<usize>> {
    let start = query.first.max(head * size);
    let end = (query.first + query.out.len()).min((head + 1) * size);
    (start < end).then(|| start - head * size..end - head * size)
}

/// A head of all queries.
struct Head<'a> {
    shape: &'a Attend,
    number: usize,
    q: &'a [u32],
    keys: &'a PackedKeys,
    values: &'a PackedValues,
}

/// Up to [`WIDE`] queries.
struct AttendWork<'a, 'b, 'c, 'd> {
    head: Head<'a>,
    queries: &'b mut [&'c mut Query<'d>],
}

/// `y` of the positions, by query.
struct Weights {
    words: Vec<u32>,
    /// Words of a query: whole blocks.
    each: usize,
    /// Positions that a query sees.
    filled: [usize; WIDE],
    /// `1 / Y`.
    inverse: [f32; WIDE],
}

impl Work for AttendWork<'_, '_, '_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let Self { head, queries } = self;
        let weights = head.weights(isa, queries);
        let size = head.shape.head as usize;
        let mut x = vec![[Block::ZERO; WIDE]; weights.each / BLOCK];
        for block in 0..size / BLOCK {
            let part = block * BLOCK..(block + 1) * BLOCK;
            let mut needed = false;
            for query in &*queries {
                let range = overlap(query, head.number, size).unwrap_or_default();
                needed |= range.start < part.end && part.start < range.end;
            }
            if !needed {
                continue;
            }
            quantize::<I>(&weights, queries.len(), head.values.scales(block), &mut x);
            let mut sums = [[0; BLOCK]; WIDE];
            for half in 0..2 {
                let group = Values::sums::<I, WIDE>(isa, head.values.group(block, half), &x);
                for ((sums, group), inverse) in sums.iter_mut().zip(group).zip(weights.inverse) {
                    let scaled = isa.mul(group, isa.splat(inverse));
                    put(isa, scaled, &mut sums[half * LANES..(half + 1) * LANES]);
                }
            }
            for (query, sums) in queries.iter_mut().zip(&sums) {
                let range = overlap(query, head.number, size).unwrap_or_default();
                let (start, end) = (range.start.max(part.start), range.end.min(part.end));
                if start < end {
                    let at = head.number * size + start - query.first;
                    let words = &sums[start - part.start..end - part.start];
                    query.out[at..at + end - start].copy_from_slice(words);
                }
            }
        }
    }
}

impl Head<'_> {
    #[inline(always)]
    fn weights<I: Isa>(&self, isa: I, queries: &[&mut Query<'_>]) -> Weights {
        let Attend { head, queries: rows, first, positions, causal, scale, .. } = *self.shape;
        let blocks = head as usize / BLOCK;
        let mut x = vec![[Block::ZERO; WIDE]; blocks];
        for (lane, query) in queries.iter().enumerate() {
            let row = packed(rows, self.q, query.pixel);
            let row = row.part(first[0] as usize + self.number * blocks, blocks);
            for (place, block) in x.iter_mut().zip(row.blocks()) {
                place[lane] = Block::new(block.words, block.scale, I::BYTES_ZERO);
            }
        }
        let positions = positions as usize;
        let each = positions.next_multiple_of(BLOCK);
        let mut words = vec![0; each * WIDE];
        let scale = isa.splat(float(scale));
        for (index, group) in self.keys.groups().enumerate() {
            let sums = Keys::sums::<I, WIDE>(isa, group, &x);
            for (row, sums) in words.chunks_exact_mut(each).zip(sums) {
                put(isa, isa.mul(sums, scale), &mut row[index * LANES..(index + 1) * LANES]);
            }
        }
        let (mut filled, mut inverse) = ([0; WIDE], [0.0; WIDE]);
        for (lane, query) in queries.iter().enumerate() {
            filled[lane] = if causal { positions.min(query.pixel + 1) } else { positions };
            let y = &mut words[lane * each..][..filled[lane]];
            let most = greatest(isa, y);
            for word in &mut *y {
                *word = exp(float(*word) - most).to_bits();
            }
            inverse[lane] = 1.0 / strided(isa, y, |y| y);
        }
        Weights { words, each, filled, inverse }
    }
}

/// A quantized row.
fn packed(rows: Packed, words: &[u32], index: usize) -> Row<'_> {
    Row::new(&words[index << (rows.row_log2 - 2)..], rows.blocks as usize)
}

/// The products of weights and values' scales as integers, for each query its own.
#[inline(always)]
fn quantize<I: Isa>(weights: &Weights, count: usize, scales: &[u32], x: &mut [[Block; WIDE]]) {
    for lane in 0..count {
        let y = &weights.words[lane * weights.each..][..weights.filled[lane]];
        let mut done = 0;
        for ((y, scales), place) in y.chunks(BLOCK).zip(scales.chunks(BLOCK)).zip(&mut *x) {
            let mut products = [0; BLOCK];
            for ((product, y), scale) in products.iter_mut().zip(y).zip(scales) {
                *product = (float(*y) * float(*scale)).to_bits();
            }
            let mut words = [0; BLOCK_WORDS];
            let scale = float(quantized_block(&products, &mut words));
            place[lane] = Block::new(&words, scale, I::BYTES_ZERO);
            done += 1;
        }
        for place in &mut x[done..] {
            place[lane] = Block::ZERO;
        }
    }
}

/// Values of 16 elements at 32 positions a block, without scales.
struct Values;

impl Blocked for Values {
    #[inline(always)]
    fn over<I: Isa, const N: usize>(
        isa: I,
        group: &[u32],
        x: impl ExactSizeIterator<Item: Column>,
    ) -> [I::Numbers; N] {
        let blocks = group.as_chunks::<LANES>().0.as_chunks::<BLOCK_WORDS>().0;
        let mut sums = [isa.splat(0.0); N];
        for (words, x) in blocks.iter().zip(x) {
            let bytes = isa.unpack_bytes(words);
            for (lane, sum) in sums.iter_mut().enumerate() {
                let x = x.lane(lane);
                let product = isa.to_numbers(isa.product_bytes(&bytes, x));
                *sum = isa.add(*sum, isa.mul(product, isa.splat(x.scale)));
            }
        }
        sums
    }
}
