//! Kernels whose outputs depend on the inputs at the same place.

use super::checks::Checks;
use crate::illegal::Role;

/// An element-wise kernel; every input region is as large as the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Map {
    /// Elements in a row of tiles; those of a tile at or past it are zero.
    pub n: u32,
    /// Elements of a tile.
    pub width: u32,
}

impl Map {
    pub(super) fn parse(checks: &Checks) -> Self {
        let n = checks.length(0);
        for number in 0..=1 {
            if u32::from(number) < checks.descriptor.input_count {
                checks.like_output(Role::Input(number));
            }
        }
        Self { n, width: checks.output_words() }
    }
}

/// [`crate::Kernel::FromBytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromBytes {
    /// Bytes to convert.
    pub n: u32,
    /// Position of the first one in the input region.
    pub offset: u32,
    /// Bits of the number that each byte is multiplied by.
    pub scale: u32,
    /// Elements of a tile.
    pub width: u32,
}

impl FromBytes {
    pub(super) fn parse(checks: &Checks) -> Self {
        let n = checks.length(0);
        let offset = checks.param(1);
        let scale = checks.param(2);
        checks.holds(Role::Input(0), u64::from(offset).saturating_add(n.into()));
        Self { n, offset, scale, width: checks.output_words() }
    }
}
