//! The checks that geometries are made of.

use crate::area::SIZES_LOG2;
use crate::descriptor::Descriptor;
use crate::illegal::{Illegal, Role};

/// Longest vector: 2^26 numbers fill the largest region.
const MAX_LENGTH: u32 = 1 << 26;

/// A descriptor on the way to a geometry.
#[derive(Clone, Copy)]
pub struct Checks<'a> {
    pub descriptor: &'a Descriptor,
}

impl Checks<'_> {
    /// Parameter `index` as it is.
    pub fn param(self, index: u8) -> u32 {
        self.descriptor.params.get(usize::from(index)).copied().unwrap_or_default()
    }

    /// A parameter that `rule` accepts.
    pub fn param_where(self, index: u8, rule: impl Fn(u32) -> bool) -> Result<u32, Illegal> {
        let value = self.param(index);
        if rule(value) { Ok(value) } else { Err(Illegal::Param { index, value }) }
    }

    /// A parameter that counts something: 1 ..= 2^26.
    pub fn length(self, index: u8) -> Result<u32, Illegal> {
        self.param_where(index, |value| (1..=MAX_LENGTH).contains(&value))
    }

    /// The size of a region as a power of two, in range.
    pub fn log2_size(self, role: Role) -> Result<u32, Illegal> {
        let spec = match role {
            Role::Output => &self.descriptor.output,
            Role::Input(number) => {
                let spec = self.descriptor.input_specs.get(usize::from(number));
                spec.unwrap_or(&self.descriptor.output)
            }
        };
        let log2_size = spec.log2_size;
        if SIZES_LOG2.contains(&log2_size) {
            Ok(log2_size)
        } else {
            Err(Illegal::Size { role, log2_size })
        }
    }

    /// The region holds at least `needed` bytes.
    pub fn holds(self, role: Role, needed: u64) -> Result<(), Illegal> {
        let log2_size = self.log2_size(role)?;
        if 1u64 << log2_size >= needed {
            Ok(())
        } else {
            Err(Illegal::Shape { role, log2_size, needed })
        }
    }

    /// The region holds at least `count` 32-bit numbers.
    pub fn holds_words(self, role: Role, count: u64) -> Result<(), Illegal> {
        self.holds(role, count.saturating_mul(4))
    }

    /// The region is as large as the output.
    pub fn like_output(self, role: Role) -> Result<(), Illegal> {
        let output = self.log2_size(Role::Output)?;
        let log2_size = self.log2_size(role)?;
        if log2_size == output {
            Ok(())
        } else {
            Err(Illegal::Shape { role, log2_size, needed: 1 << output })
        }
    }

    /// 32-bit numbers in the output.
    pub fn output_words(self) -> Result<u32, Illegal> {
        // At least 2^5 bytes, at most 2^28.
        Ok((1u32 << self.log2_size(Role::Output)?) >> 2)
    }

    /// One column: a tile is a whole row.
    pub fn one_column(self) -> Result<(), Illegal> {
        if self.descriptor.columns == 1 { Ok(()) } else { Err(self.wrong_grid()) }
    }

    /// Exactly `rows` rows of tiles.
    pub fn rows(self, rows: u32) -> Result<(), Illegal> {
        let Descriptor { tiles, columns, .. } = *self.descriptor;
        if rows.checked_mul(columns) == Some(tiles) { Ok(()) } else { Err(self.wrong_grid()) }
    }

    fn wrong_grid(self) -> Illegal {
        let Descriptor { tiles, columns, .. } = *self.descriptor;
        Illegal::KernelGrid { tiles, columns }
    }
}
