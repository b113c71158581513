//! A row of an embedding table.

use opml_operator::WeightType;
use opml_operator::geometry::Embed;

use crate::math::{float, half, store};
use crate::matmul::{BYTE_WORDS, GROUP, SHARING, group_words, signed, unsigned};
use crate::row::{BLOCK, bytes};
use crate::{first_of, present};

/// Elements `column * width + i` of a row of the table, as numbers; past `k`, +0. The row is that of the
/// token (word 0 of `tokens`) in slice `row` of a table cut into slices of `rows` entries; +0 where it
/// is in another slice.
///
/// `Q8_0`: `f32(q) * d`; `Q4_0`: `f32(code - 8) * d`; `Q4_1`: `f32(code) * d + m`.
/// `Q4_K`: `f32(code) * (d * f32(s)) - e * f32(m)`; `Q6_K`: `f32(q) * (d * f32(s))`.
/// Inputs: table, tokens.
pub fn embed(shape: &Embed, (row, column): (u32, u32), inputs: [&[u32]; 2], out: &mut [u32]) {
    let [table, tokens] = inputs;
    let matrix = &shape.matrix;
    let slice_start = u64::from(row) * u64::from(matrix.rows);
    let Some(token) = u64::from(tokens[0]).checked_sub(slice_start) else { return };
    if token >= matrix.rows.into() {
        return;
    }
    let words = group_words(matrix);
    let start = token as usize / GROUP * words;
    let entry = Entry {
        kind: matrix.kind,
        blocks: matrix.k as usize / BLOCK,
        group: &table[start..start + words],
        row: token as usize % GROUP,
    };
    let first = first_of(column, shape.width) as usize;
    let count = present(column, shape.width, matrix.k);
    for (index, out) in out[..count].iter_mut().enumerate() {
        *out = store(entry.element(first + index));
    }
}

/// One row of a group.
struct Entry<'a> {
    kind: WeightType,
    blocks: usize,
    group: &'a [u32],
    row: usize,
}

impl Entry<'_> {
    fn element(&self, k: usize) -> f32 {
        match self.kind {
            WeightType::F32 => float(self.group[k * GROUP + self.row]),
            WeightType::F16 => self.half(0, k),
            WeightType::Q8_0 => {
                let word = self.group[k / 4 * GROUP + self.row];
                bytes(word)[k % 4] as f32 * self.half(self.blocks * 8 * GROUP, k / BLOCK)
            }
            WeightType::Q4_0 => {
                let integer = self.code(k) as i32 - 8;
                integer as f32 * self.half(self.blocks * 4 * GROUP, k / BLOCK)
            }
            WeightType::Q4_1 => {
                let scales = self.blocks * 4 * GROUP;
                let minimums = scales + self.blocks * (GROUP / 2);
                let product = self.code(k) as f32 * self.half(scales, k / BLOCK);
                product + self.half(minimums, k / BLOCK)
            }
            WeightType::Q4_K => {
                let scales = self.blocks * 4 * GROUP;
                let minimums = scales + self.blocks * BYTE_WORDS;
                let units = minimums + self.blocks * BYTE_WORDS;
                let steps = units + self.blocks / SHARING * (GROUP / 2);
                let byte = |start: usize| {
                    unsigned(&self.group[start + k / BLOCK * BYTE_WORDS..], self.row)
                };
                let scale = self.half(units, k / BLOCK / SHARING) * byte(scales) as f32;
                let minimum = self.half(steps, k / BLOCK / SHARING) * byte(minimums) as f32;
                self.code(k) as f32 * scale - minimum
            }
            WeightType::Q6_K => {
                let word = self.group[k / 4 * GROUP + self.row];
                let scales = &self.group[self.blocks * 8 * GROUP + k / 16 * BYTE_WORDS..];
                let units = self.blocks * (8 * GROUP + 2 * BYTE_WORDS);
                let scale = self.half(units, k / BLOCK / SHARING) * signed(scales, self.row) as f32;
                bytes(word)[k % 4] as f32 * scale
            }
        }
    }

    /// The half-precision number of this row in set `index` of those that start at word `start`.
    fn half(&self, start: usize, index: usize) -> f32 {
        let word = self.group[start + index * (GROUP / 2) + self.row / 2];
        half(word >> (self.row % 2 * 16))
    }

    /// Code 0 ..= 15 of element `k`: low halves of the bytes hold a block's first 16 elements.
    fn code(&self, k: usize) -> u32 {
        let (block, lane) = (k / BLOCK, k % BLOCK);
        let word = self.group[(block * 4 + lane % 16 / 4) * GROUP + self.row];
        word >> (lane % 4 * 8 + lane / 16 * 4) & 15
    }
}
