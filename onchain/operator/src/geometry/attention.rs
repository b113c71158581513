//! Attention over a cache of quantized keys and values.

use super::checks::Checks;
use super::matrix::quantized_bytes;
use super::rows::positions;
use crate::illegal::Role;
use crate::kernel::WeightType;

/// A cache: one quantized row of all its heads a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Elements of a head; a multiple of 32.
    pub head: u32,
    /// Heads of the query.
    pub heads: u32,
    /// Heads in the cache; divides `heads`.
    pub kv_heads: u32,
    /// Bytes from one position to the next, as a power of two.
    pub row_log2: u8,
    /// Positions that are filled, the present one included.
    pub filled: u32,
}

impl Cache {
    /// Parameters 0 to 4, in the region of input 1; a row of tiles for every head.
    fn parse(checks: &Checks, iteration: u32) -> Self {
        let head = checks.multiple(0, WeightType::BLOCK, 1 << 16);
        let heads = checks.within(1, 1, 1 << 16);
        let mut kv_heads = checks.param(2);
        if heads.checked_rem(kv_heads) != Some(0) {
            checks.wrong(2, kv_heads);
            kv_heads = heads;
        }
        let capacity = checks.length(4);
        let row = quantized_bytes(blocks(head, kv_heads));
        let row_log2 = checks.plane(Role::Input(1), 3, (capacity, row));
        checks.rows(heads);
        let filled = positions(checks, iteration, capacity);
        Self { head, heads, kv_heads, row_log2, filled }
    }

    /// Bytes of the query's row.
    pub(super) fn query_bytes(&self) -> u64 {
        quantized_bytes(blocks(self.head, self.heads))
    }

    /// Bytes up to the last position that is filled, its row included.
    pub(super) fn filled_bytes(&self) -> u64 {
        u64::from(self.filled) << self.row_log2
    }
}

/// Blocks in a row of `heads` heads of `head` elements; below 2^28, since both are at most 2^16.
fn blocks(head: u32, heads: u32) -> u32 {
    (head >> 5).saturating_mul(heads)
}

/// [`crate::Kernel::Scores`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scores {
    /// The keys.
    pub cache: Cache,
    /// Bits of the number that every score is multiplied by.
    pub scale: u32,
    /// Positions of a tile.
    pub width: u32,
}

impl Scores {
    pub(super) fn parse(checks: &Checks, iteration: u32) -> Self {
        let cache = Cache::parse(checks, iteration);
        checks.holds(Role::Input(0), quantized_bytes(blocks(cache.head, cache.heads)));
        Self { cache, scale: checks.param(5), width: checks.output_words() }
    }
}

/// [`crate::Kernel::Mix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// The values.
    pub cache: Cache,
    /// Elements of a tile.
    pub width: u32,
}

impl Mix {
    pub(super) fn parse(checks: &Checks, iteration: u32) -> Self {
        let cache = Cache::parse(checks, iteration);
        checks.holds_words(Role::Input(0), checks.param(4).into());
        Self { cache, width: checks.output_words() }
    }
}
