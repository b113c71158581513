//! Where tensors go: aligned regions, one after another.

use opml_operator::geometry::Matrix;
use opml_operator::{REQUEST_BASE, RegionSpec, SPACE_LOG2, WORKING_BASE};

use super::BuildError;

/// Smallest region that is handed out: a page, so that each can be mapped.
const PAGE_LOG2: u32 = 12;
/// Largest region that an operator can read.
const REGION_LOG2: u32 = 28;

/// An aligned region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First byte.
    pub base: u64,
    /// Size in bytes, as a power of two.
    pub log2_size: u32,
}

impl Place {
    /// The whole region, the same for every tile and iteration.
    pub fn whole(self) -> RegionSpec {
        let Self { base, log2_size } = self;
        RegionSpec { base, log2_size, ..RegionSpec::default() }
    }

    /// Pieces of `2^log2_size` bytes, one for every column of tiles.
    pub fn columns(self, log2_size: u32) -> RegionSpec {
        RegionSpec { log2_size, column_stride: 1 << log2_size, ..self.whole() }
    }

    /// Regions of `2^log2_size` bytes one behind the other, one for every iteration.
    pub fn iterations(self, log2_size: u32) -> RegionSpec {
        RegionSpec { log2_size, iteration_stride: 1 << log2_size, ..self.whole() }
    }
}

/// Rows of a slice: all of them, or the largest power of two whose bytes fit a region.
pub fn slice_rows(matrix: &Matrix) -> u32 {
    let bytes = |rows: u32| matrix.kind.matrix_bytes(rows, matrix.k);
    if bytes(matrix.rows) <= 1 << REGION_LOG2 {
        return matrix.rows;
    }
    let mut rows = matrix.rows.next_power_of_two();
    while rows > 16 && bytes(rows) > 1 << REGION_LOG2 {
        rows /= 2;
    }
    rows
}

/// Addresses that are handed out in ascending order.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    next: u64,
    end: u64,
}

impl Default for Shelf {
    /// The addresses of weights.
    fn default() -> Self {
        Self { next: 0, end: REQUEST_BASE }
    }
}

/// The addresses of working memory.
pub fn working_shelf() -> Shelf {
    Shelf { next: WORKING_BASE, end: 1 << SPACE_LOG2 }
}

impl Shelf {
    /// The next region that holds `bytes`.
    pub fn take(&mut self, name: &str, bytes: u64) -> Result<Place, BuildError> {
        let large = || BuildError::Large { name: name.to_owned(), bytes };
        let log2_size = bytes.checked_next_power_of_two().ok_or_else(large)?.ilog2().max(PAGE_LOG2);
        if log2_size > REGION_LOG2 {
            return Err(large());
        }
        let base = self.next.next_multiple_of(1 << log2_size);
        let end = base + (1 << log2_size);
        if end > self.end {
            return Err(large());
        }
        self.next = end;
        Ok(Place { base, log2_size })
    }
}
