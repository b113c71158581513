//! Weight groups times many vectors: what of a group has been unpacked serves all of them.

use opml_kernels::row::{BLOCK, Row};
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;

use super::matmul::{Blocked, Q4_0, Q4_1, Q4_K, Q6_K, Q8_0, halved, halves, put, zero};
use crate::backend::Lanes;
use crate::block::{Block, blocks};
use crate::isa::{Isa, LANES, Work};

/// Vectors that are multiplied at once: with the unpacked weights they fill the registers.
pub const WIDE: usize = 8;
/// The same for a few vectors that are left.
pub const NARROW: usize = 4;

/// Vectors in tiles of [`WIDE`], and the rest of them in one of [`NARROW`] where they fit. Tiles are
/// filled up with blocks of zeros.
#[derive(Debug)]
pub struct Vectors {
    wide: Vec<[Block; WIDE]>,
    narrow: Vec<[Block; NARROW]>,
    /// Blocks of a vector.
    blocks: usize,
}

/// A tile's blocks: for each block of the vectors, those of all of them.
pub enum Tile<'a> {
    /// [`WIDE`] vectors.
    Wide(&'a [[Block; WIDE]]),
    /// [`NARROW`] vectors.
    Narrow(&'a [[Block; NARROW]]),
}

impl Vectors {
    /// Prepares rows of `blocks` blocks for codes that are `zero` more than their integers.
    pub fn new<'a>(rows: impl ExactSizeIterator<Item = Row<'a>>, count: usize, zero: i32) -> Self {
        Self::of(rows.map(|row| blocks(row, zero)), count)
    }

    /// Vectors of `blocks` prepared blocks.
    fn of(rows: impl ExactSizeIterator<Item: Iterator<Item = Block>>, blocks: usize) -> Self {
        let count = rows.len();
        let rest = count % WIDE;
        let narrow = rest > 0 && rest <= NARROW;
        let wide = if narrow { count / WIDE } else { count.div_ceil(WIDE) };
        let mut vectors = Self {
            wide: vec![[Block::ZERO; WIDE]; wide * blocks],
            narrow: vec![[Block::ZERO; NARROW]; if narrow { blocks } else { 0 }],
            blocks,
        };
        for (index, row) in rows.enumerate() {
            vectors.set(index, row);
        }
        vectors
    }

    fn set(&mut self, index: usize, prepared: impl Iterator<Item = Block>) {
        let (tile, lane) = (index / WIDE, index % WIDE);
        let start = tile * self.blocks;
        match self.wide.get_mut(start..start + self.blocks) {
            Some(places) => {
                for (place, block) in places.iter_mut().zip(prepared) {
                    place[lane] = block;
                }
            }
            None => {
                for (place, block) in self.narrow.iter_mut().zip(prepared) {
                    place[lane] = block;
                }
            }
        }
    }

    /// The vectors from number `WIDE * index` on.
    pub fn tile(&self, index: usize) -> Tile<'_> {
        let start = index * self.blocks;
        match self.wide.get(start..start + self.blocks) {
            Some(blocks) => Tile::Wide(blocks),
            None => Tile::Narrow(&self.narrow),
        }
    }
}

/// Prepares the vectors of products with `matrix`, whose weights are quantized.
pub fn activations<'a>(
    matrix: &Matrix,
    rows: impl ExactSizeIterator<Item = &'a [u32]>,
    lanes: Lanes,
) -> Vectors {
    let (count, zero) = (matrix.k as usize / BLOCK, zero(matrix.kind, lanes));
    let rows = rows.map(|words| Row::new(words, count));
    if halved(matrix.kind) {
        let prepared = |row| blocks(row, zero).flat_map(move |block| halves(&block, zero));
        Vectors::of(rows.map(prepared), 2 * count)
    } else {
        Vectors::new(rows, count, zero)
    }
}

/// Products of whole groups of quantized weight rows with all vectors.
pub struct ColumnProducts<'a, 'b> {
    /// Type of the weights.
    pub kind: WeightType,
    /// The groups, one after another.
    pub groups: &'a [u32],
    /// Words of a group.
    pub group_words: usize,
    /// The vectors.
    pub x: &'a Vectors,
    /// For each vector a word a row, from the first group's on; more than that is not touched.
    pub out: &'a mut [&'b mut [u32]],
}

impl Work for ColumnProducts<'_, '_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        match self.kind {
            WeightType::Q8_0 => self.each::<I, Q8_0>(isa),
            WeightType::Q4_0 => self.each::<I, Q4_0>(isa),
            WeightType::Q4_K => self.each::<I, Q4_K>(isa),
            WeightType::Q6_K => self.each::<I, Q6_K>(isa),
            _ => self.each::<I, Q4_1>(isa),
        }
    }
}

impl ColumnProducts<'_, '_> {
    #[inline(always)]
    fn each<I: Isa, F: Blocked>(self, isa: I) {
        for (index, out) in self.out.chunks_mut(WIDE).enumerate() {
            match self.x.tile(index) {
                Tile::Wide(x) => {
                    tile::<I, F, WIDE>(isa, (self.groups, self.group_words), x, out);
                }
                Tile::Narrow(x) => {
                    tile::<I, F, NARROW>(isa, (self.groups, self.group_words), x, out);
                }
            }
        }
    }
}

#[inline(always)]
fn tile<I: Isa, F: Blocked, const N: usize>(
    isa: I,
    (groups, group_words): (&[u32], usize),
    x: &[[Block; N]],
    out: &mut [&mut [u32]],
) {
    for (index, group) in groups.chunks_exact(group_words).enumerate() {
        let sums = F::sums::<I, N>(isa, group, x);
        for (out, sums) in out.iter_mut().zip(sums) {
            let out = out.get_mut(index * LANES..).unwrap_or_default();
            let count = out.len().min(LANES);
            put(isa, sums, &mut out[..count]);
        }
    }
}
