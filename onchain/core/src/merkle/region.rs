//! Spaces and aligned regions.

use opml_operator::Area;
use thiserror::Error;

/// A leaf holds `2^5 = 32` bytes.
pub const LEAF_LOG2: u8 = 5;

/// An address space of `2^log2_size` bytes, at most 2^40.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Space {
    log2_size: u8,
}

impl Space {
    /// Memory of the MIPS machine: 2^32 bytes.
    pub const MIPS: Self = Self { log2_size: 32 };
    /// Memory of the graph machine: 2^40 bytes.
    pub const GRAPH: Self = Self { log2_size: 40 };
    /// Program table of the graph machine: 65,536 descriptors of 512 bytes, 2^25 bytes.
    pub const PROGRAM: Self = Self { log2_size: 25 };

    /// Size of the space in bytes, as a power of two.
    pub const fn log2_size(self) -> u8 {
        self.log2_size
    }
}

/// An aligned region of `2^log2_size` bytes inside a space: exactly one subtree of its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region {
    space: Space,
    base: u64,
    log2_size: u8,
}

/// Why a base and a size do not name a region of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RegionError {
    /// Smaller than a leaf or larger than the space.
    #[error("a region of 2^{log2_size} bytes does not fit a space of 2^{space_log2} bytes")]
    Size {
        /// Size asked for, as a power of two.
        log2_size: u8,
        /// Size of the space, as a power of two.
        space_log2: u8,
    },
    /// The base is not a multiple of the size.
    #[error("base {base:#x} is not aligned to 2^{log2_size} bytes")]
    Alignment {
        /// First byte asked for.
        base: u64,
        /// Size asked for, as a power of two.
        log2_size: u8,
    },
    /// The region lies outside the space.
    #[error("base {base:#x} lies outside a space of 2^{space_log2} bytes")]
    Outside {
        /// First byte asked for.
        base: u64,
        /// Size of the space, as a power of two.
        space_log2: u8,
    },
}

impl Region {
    /// All of the MIPS space.
    pub const MIPS: Self = Self { space: Space::MIPS, base: 0, log2_size: Space::MIPS.log2_size };

    /// The region of `2^log2_size` bytes at `base`.
    pub const fn new(space: Space, base: u64, log2_size: u8) -> Result<Self, RegionError> {
        let space_log2 = space.log2_size;
        if log2_size < LEAF_LOG2 || log2_size > space_log2 {
            return Err(RegionError::Size { log2_size, space_log2 });
        }
        // Both shifts are below 64: log2_size <= space_log2 <= 40.
        if base >> space_log2 != 0 {
            return Err(RegionError::Outside { base, space_log2 });
        }
        if (base >> log2_size) << log2_size != base {
            return Err(RegionError::Alignment { base, log2_size });
        }
        Ok(Self { space, base, log2_size })
    }

    /// The leaf that holds the byte at `address` of the MIPS space.
    pub const fn mips_leaf(address: u32) -> Self {
        // Lossless widening; `u64::from` is not const.
        Self { space: Space::MIPS, base: (address & !31) as u64, log2_size: LEAF_LOG2 }
    }

    /// The `number`-th of the sixteen windows of the MIPS space; `number` is below 16.
    pub(crate) const fn mips_window(number: u8) -> Self {
        Self { space: Space::MIPS, base: ((number & 15) as u64) << 28, log2_size: 28 }
    }

    /// The region of `2^log2_size` bytes with the same base, at least a leaf and at most this region.
    #[must_use]
    pub(crate) const fn at_base(self, log2_size: u8) -> Self {
        let log2_size = if log2_size < LEAF_LOG2 { LEAF_LOG2 } else { log2_size };
        Self {
            log2_size: if log2_size > self.log2_size { self.log2_size } else { log2_size },
            ..self
        }
    }

    /// The first leaf of this region, in a space that is this region alone.
    #[must_use]
    pub const fn first_leaf_within(self) -> Self {
        Self { space: Space { log2_size: self.log2_size }, base: 0, log2_size: LEAF_LOG2 }
    }

    /// The space it is part of.
    pub const fn space(self) -> Space {
        self.space
    }

    /// First byte.
    pub const fn base(self) -> u64 {
        self.base
    }

    /// Size in bytes, as a power of two.
    pub const fn log2_size(self) -> u8 {
        self.log2_size
    }

    /// Position among the regions of its size, counted from address 0.
    pub const fn index(self) -> u64 {
        self.base >> self.log2_size
    }

    /// Number of siblings on the way from this region's root to the root of its space.
    pub const fn path_len(self) -> usize {
        self.space.log2_size.saturating_sub(self.log2_size) as usize
    }
}

impl From<Area> for Region {
    /// The same range of the graph memory: an area is aligned, inside it, and at least a leaf.
    fn from(area: Area) -> Self {
        Self { space: Space::GRAPH, base: area.base(), log2_size: area.log2_size() }
    }
}
