//! Attention over a cache of quantized keys and values.

use super::checks::Checks;
use super::matrix::quantized_bytes;
use super::rows::positions;
use crate::illegal::{Illegal, Role};
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
    fn parse(checks: Checks, iteration: u32) -> Result<Self, Illegal> {
        let multiple = |head: u32| head.checked_rem(WeightType::BLOCK) == Some(0);
        let head = checks.param_where(0, |head| (1..=1 << 16).contains(&head) && multiple(head))?;
        let heads = checks.param_where(1, |heads| (1..=1 << 16).contains(&heads))?;
        let kv_heads = checks.param_where(2, |kv| heads.checked_rem(kv) == Some(0))?;
        let value = checks.param_where(3, |log2| log2 <= 28)?;
        let row_log2 = u8::try_from(value).map_err(|_| Illegal::Param { index: 3, value })?;
        let capacity = checks.length(4)?;

        // head * kv_heads <= 2^32; blocks below 2^28.
        let row = quantized_bytes(blocks(head, kv_heads)?);
        if 1u64 << row_log2 < row {
            return Err(Illegal::Param { index: 3, value });
        }
        checks.holds(Role::Input(1), u64::from(capacity) << row_log2)?;
        checks.rows(heads)?;
        let filled = positions(iteration, capacity)?;
        Ok(Self { head, heads, kv_heads, row_log2, filled })
    }

    /// Bytes of the query's row.
    pub(super) fn query_bytes(&self) -> u64 {
        quantized_bytes(blocks(self.head, self.heads).unwrap_or(u32::MAX))
    }

    /// Bytes up to the last position that is filled, its row included.
    pub(super) fn filled_bytes(&self) -> u64 {
        u64::from(self.filled) << self.row_log2
    }
}

/// Blocks in a row of `heads` heads of `head` elements.
fn blocks(head: u32, heads: u32) -> Result<u32, Illegal> {
    let elements = u64::from(head).saturating_mul(heads.into());
    u32::try_from(elements >> 5).map_err(|_| Illegal::Param { index: 1, value: heads })
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
    pub(super) fn parse(checks: Checks, iteration: u32) -> Result<Self, Illegal> {
        let cache = Cache::parse(checks, iteration)?;
        checks.holds(Role::Input(0), quantized_bytes(blocks(cache.head, cache.heads)?))?;
        Ok(Self { cache, scale: checks.param(5), width: checks.output_words()? })
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
    pub(super) fn parse(checks: Checks, iteration: u32) -> Result<Self, Illegal> {
        let cache = Cache::parse(checks, iteration)?;
        checks.holds_words(Role::Input(0), checks.param(4).into())?;
        Ok(Self { cache, width: checks.output_words()? })
    }
}
