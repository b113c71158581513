//! Attention over the rows of an image.

use opml_operator::geometry::{Attend, Packed};

use super::{parts, row};
use crate::math::{exp, float, store};
use crate::quantize::quantize_block;
use crate::row::{BLOCK, BLOCK_WORDS, Row, bytes};
use crate::sums::Strided;

/// Numbers of the positions of a block.
type Weights = [f32; BLOCK];

/// For every query and head: scores s as [`crate::scores`] has them, `y = exp(s - M)`, M the greatest
/// score that is not NaN; Y the strided sum of y. For every block of 32 positions and of 32 elements
/// `y * D`, D the values' scales, is quantized as by [`crate::quantize`]; from +0, blocks of positions
/// ascending, `acc = acc + f32(isum) * scale`; the result is `acc * (1 / Y)`.
/// Inputs: q, keys, values.
pub fn attend(shape: &Attend, tile: u32, inputs: [&[u32]; 3], out: &mut [u32]) {
    for part in parts(&shape.out, tile, shape.out.channels, out) {
        let filled = if shape.causal { part.pixel + 1 } else { usize::MAX };
        let positions = filled.min(shape.positions as usize);
        let (head, mut at) = (shape.head as usize, part.first);
        let mut rest = part.out;
        while !rest.is_empty() {
            let (out, more) = rest.split_at_mut(rest.len().min(head - at % head));
            let query = Query::new(shape, inputs, (part.pixel, at / head), positions);
            query.attend(at % head, out);
            at += out.len();
            rest = more;
        }
    }
}

/// One head of a query, and what it looks at.
struct Query<'a> {
    shape: &'a Attend,
    row: Row<'a>,
    keys: &'a [u32],
    values: &'a [u32],
    /// First block of the head in rows of keys and of values.
    first: [usize; 2],
    /// Blocks of a head.
    blocks: usize,
    positions: usize,
}

impl<'a> Query<'a> {
    fn new(
        shape: &'a Attend,
        [q, keys, values]: [&'a [u32]; 3],
        (pixel, head): (usize, usize),
        positions: usize,
    ) -> Self {
        let blocks = shape.head as usize / BLOCK;
        let [first, in_keys, in_values] = shape.first.map(|first| first as usize + head * blocks);
        let row = packed(&shape.queries, q, pixel).part(first, blocks);
        Self { shape, row, keys, values, first: [in_keys, in_values], blocks, positions }
    }

    /// Elements of the head from `first` on.
    fn attend(&self, first: usize, out: &mut [u32]) {
        let mut greatest = f32::NEG_INFINITY;
        for position in 0..self.positions {
            let score = self.score(position);
            if score > greatest {
                greatest = score;
            }
        }
        let mut total = Strided::default();
        for start in (0..self.positions).step_by(BLOCK) {
            let mut weights = [0.0; BLOCK];
            for (weight, position) in weights.iter_mut().zip(start..self.positions) {
                *weight = exp(self.score(position) - greatest);
                total.add(*weight);
            }
            // A slice narrower than a block lies in one; a wider one begins with a block.
            for (out, element) in out.chunks_mut(BLOCK).zip((first..).step_by(BLOCK)) {
                self.mix((start, &weights), element, out);
            }
        }
        let inverse = 1.0 / total.sum();
        for out in out {
            *out = store(float(*out) * inverse);
        }
    }

    fn score(&self, position: usize) -> f32 {
        let key = packed(&self.shape.cache, self.keys, position).part(self.first[0], self.blocks);
        crate::attention::score(key, self.row) * float(self.shape.scale)
    }

    /// Adds the values of the positions from `start` on to the elements from `element` on, which lie in
    /// one block.
    fn mix(&self, (start, weights): (usize, &Weights), element: usize, out: &mut [u32]) {
        let block = self.first[1] + element / BLOCK;
        let mut scaled = [0; BLOCK];
        let mut integers = [&[0; BLOCK_WORDS]; BLOCK];
        let places = scaled.iter_mut().zip(&mut integers).zip(weights);
        for (((scaled, integers), weight), position) in places.zip(start..self.positions) {
            let value = packed(&self.shape.cache, self.values, position).block(block);
            *scaled = (weight * value.scale).to_bits();
            *integers = value.words;
        }
        let mut words = [0; BLOCK_WORDS];
        let scale = float(quantize_block(&scaled, &mut words));
        let words_from = element % BLOCK / 4;
        for (four, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(words_from..) {
            let mut sums = [0; 4];
            for (values, weights) in integers.as_chunks::<4>().0.iter().zip(words) {
                for (value, weight) in values.iter().zip(bytes(weights)) {
                    let value = bytes(value[word]);
                    for (sum, value) in sums.iter_mut().zip(value) {
                        *sum += value * weight;
                    }
                }
            }
            for (out, sum) in four.iter_mut().zip(sums) {
                *out = (float(*out) + sum as f32 * scale).to_bits();
            }
        }
    }
}

/// A quantized row.
fn packed<'a>(rows: &Packed, words: &'a [u32], index: usize) -> Row<'a> {
    Row::new(row(words, index, rows.row_log2), rows.blocks as usize)
}
