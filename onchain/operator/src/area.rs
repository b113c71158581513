//! Regions of the graph machine's memory, fixed and by tile.

use crate::illegal::{Illegal, Role};
use crate::legal::Place;

/// The graph machine's memory has 2^40 bytes.
pub const SPACE_LOG2: u8 = 40;
/// First byte of the request's region; weights lie below.
pub const REQUEST_BASE: u64 = 1 << 39;
/// Size of the request's region, as a power of two.
pub const REQUEST_LOG2: u8 = 28;
/// First byte that an operator may write.
pub const WORKING_BASE: u64 = REQUEST_BASE + (1 << REQUEST_LOG2);
/// Sizes of the regions that operators read and write, as powers of two.
pub const SIZES_LOG2: core::ops::RangeInclusive<u32> = 5..=28;

/// Where a region lies, by iteration and tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionSpec {
    /// First byte in iteration 0, tile 0.
    pub base: u64,
    /// Bytes from one iteration to the next.
    pub iteration_stride: u64,
    /// Bytes from one row of tiles to the next.
    pub row_stride: u64,
    /// Bytes from one column of tiles to the next.
    pub column_stride: u64,
    /// Size in bytes, as a power of two.
    pub log2_size: u32,
}

/// An aligned range of `2^log2_size` bytes of the graph machine's memory, 5 <= `log2_size` <= 28.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    base: u64,
    log2_size: u8,
}

impl Area {
    /// First byte.
    pub const fn base(self) -> u64 {
        self.base
    }

    /// Size in bytes, as a power of two.
    pub const fn log2_size(self) -> u8 {
        self.log2_size
    }

    /// Size in bytes.
    pub const fn bytes(self) -> u64 {
        1 << self.log2_size
    }

    /// Whether the two have a byte in common.
    pub const fn overlaps(self, other: Self) -> bool {
        // Both are aligned to their sizes: they overlap exactly if the smaller lies in the larger.
        let larger = if self.log2_size > other.log2_size { self } else { other };
        self.base >> larger.log2_size == other.base >> larger.log2_size
    }
}

impl RegionSpec {
    /// The region of one tile.
    pub fn at(&self, role: Role, place: Place) -> Result<Area, Illegal> {
        if !SIZES_LOG2.contains(&self.log2_size) {
            return Err(Illegal::Size { role, log2_size: self.log2_size });
        }
        let log2_size = u8::try_from(self.log2_size)
            .map_err(|_| Illegal::Size { role, log2_size: self.log2_size })?;
        let outside = Illegal::Outside { role };
        let base = self.address(place).ok_or(outside)?;
        // The first shift is below 40, the others at most 28.
        if base >> SPACE_LOG2 != 0 {
            return Err(outside);
        }
        if (base >> log2_size) << log2_size != base {
            return Err(Illegal::Alignment { role, base, log2_size });
        }
        Ok(Area { base, log2_size })
    }

    fn address(&self, place: Place) -> Option<u64> {
        let offset = |count: u32, stride: u64| u64::from(count).checked_mul(stride);
        self.base
            .checked_add(offset(place.iteration, self.iteration_stride)?)?
            .checked_add(offset(place.row, self.row_stride)?)?
            .checked_add(offset(place.column, self.column_stride)?)
    }

    /// Whether all fields are zero, as in an entry that is not used.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}
