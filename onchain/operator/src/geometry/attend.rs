//! Attention of all rows of an image over all rows of another.

use super::canvas::Canvas;
use super::checks::Checks;
use super::matrix::quantized_bytes;
use crate::illegal::Role;
use crate::kernel::WeightType;

/// Most blocks in a row.
const MAX_BLOCKS: u32 = 1 << 15;

/// Quantized rows, one a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Bytes from one row to the next, as a power of two.
    pub row_log2: u8,
    /// Blocks of a row.
    pub blocks: u32,
}

/// [`crate::Kernel::Attend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attend {
    /// What is written: a row a query, of `heads * head` numbers.
    pub out: Canvas,
    /// Elements of a head; a multiple of 32.
    pub head: u32,
    /// Heads.
    pub heads: u32,
    /// Rows of q.
    pub queries: Packed,
    /// Rows of keys, and rows of values.
    pub cache: Packed,
    /// First block of head 0 in rows of q, of keys and of values.
    pub first: [u32; 3],
    /// Positions: rows of keys and values.
    pub positions: u32,
    /// Whether query p attends to positions up to p only.
    pub causal: bool,
    /// Bits of the number that every score is multiplied by.
    pub scale: u32,
}

impl Attend {
    pub(super) fn parse(checks: &Checks) -> Self {
        let out = Canvas::numbers(checks);
        let heads = checks.param(3);
        let head = out.channels.checked_div(heads).unwrap_or_default();
        if heads.checked_mul(head) != Some(out.channels) || head & (WeightType::BLOCK - 1) != 0 {
            checks.wrong(3, heads);
        }
        let needed = out.channels >> 5;
        let positions = checks.length(4);
        let causal = checks.within(5, 0, 1) == 1;
        let packed = |index: u8, role, rows| {
            let blocks = checks.within(index, 0, MAX_BLOCKS);
            let row_log2 =
                checks.plane(role, index.saturating_add(1), (rows, quantized_bytes(blocks)));
            Packed { row_log2, blocks }
        };
        let queries = packed(7, Role::Input(0), out.pixels);
        let cache = packed(9, Role::Input(1), positions);
        checks.holds(Role::Input(2), u64::from(positions) << cache.row_log2);
        let mut first = [0; 3];
        for ((place, index), row) in first.iter_mut().zip(11..).zip([queries, cache, cache]) {
            *place = checks.param(index);
            if place.saturating_add(needed) > row.blocks {
                checks.wrong(index, *place);
            }
        }
        let scale = checks.param(6);
        Self { out, head, heads, queries, cache, first, positions, causal, scale }
    }

    /// Most heads that a tile has elements of, over all of its pixels.
    pub fn tile_heads(&self) -> u32 {
        let width = self.out.width;
        if width >> self.out.row_log2.saturating_sub(2) > 0 {
            return self.heads.saturating_mul(self.out.tile_pixels());
        }
        // Slices begin at multiples of their width, heads at multiples of theirs.
        let common = width.min(1 << self.head.trailing_zeros().min(31));
        width.saturating_sub(common).div_ceil(self.head).saturating_add(1)
    }

    pub(super) fn reads(&self, number: usize) -> u64 {
        match number {
            0 => u64::from(self.out.pixels) << self.queries.row_log2,
            _ => u64::from(self.positions) << self.cache.row_log2,
        }
    }
}
