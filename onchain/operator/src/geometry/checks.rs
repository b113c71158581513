//! The checks that geometries are made of.
//!
//! A check that fails leaves its reason behind, the first one is kept, and gives a value that is in
//! range. So geometries are made in straight lines, which keeps contracts small.

use core::cell::Cell;

use crate::area::SIZES_LOG2;
use crate::descriptor::Descriptor;
use crate::illegal::{Illegal, Role};
use crate::kernel::WeightType;

/// Longest vector: 2^26 numbers fill the largest region.
const MAX_LENGTH: u32 = 1 << 26;
/// Longest side of an image: two of them make the longest vector.
const MAX_SIDE: u32 = 1 << 13;

/// A descriptor on the way to a geometry.
pub struct Checks<'a> {
    pub descriptor: &'a Descriptor,
    error: Cell<Option<Illegal>>,
}

impl<'a> Checks<'a> {
    pub const fn new(descriptor: &'a Descriptor) -> Self {
        Self { descriptor, error: Cell::new(None) }
    }

    /// `value`, if nothing has failed.
    pub fn passed<T>(&self, value: T) -> Result<T, Illegal> {
        match self.error.get() {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }

    /// Something is wrong.
    #[cold]
    #[inline(never)]
    pub fn fail(&self, reason: Illegal) {
        if self.error.get().is_none() {
            self.error.set(Some(reason));
        }
    }

    /// Parameter `index` is wrong.
    #[inline(never)]
    pub fn wrong(&self, index: u8, value: u32) {
        self.fail(Illegal::Param { index, value });
    }

    /// Parameter `index` as it is.
    pub fn param(&self, index: u8) -> u32 {
        self.descriptor.params.get(usize::from(index)).copied().unwrap_or_default()
    }

    /// A parameter from `least` to `most`.
    #[inline(never)]
    pub fn within(&self, index: u8, least: u32, most: u32) -> u32 {
        let value = self.param(index);
        if value < least || value > most {
            self.wrong(index, value);
            return least;
        }
        value
    }

    /// A parameter from `unit` to `most` that is a multiple of `unit`.
    #[inline(never)]
    pub fn multiple(&self, index: u8, unit: u32, most: u32) -> u32 {
        let value = self.within(index, unit, most);
        if value.checked_rem(unit) != Some(0) {
            self.wrong(index, value);
        }
        value
    }

    /// A parameter that counts something: 1 ..= 2^26.
    #[inline(never)]
    pub fn length(&self, index: u8) -> u32 {
        self.within(index, 1, MAX_LENGTH)
    }

    /// A parameter that is a side of an image.
    #[inline(never)]
    pub fn side(&self, index: u8) -> u32 {
        self.within(index, 1, MAX_SIDE)
    }

    /// A parameter that is the number of a weight type.
    #[inline(never)]
    pub fn weight_type(&self, index: u8) -> WeightType {
        let value = self.param(index);
        WeightType::from_id(value).unwrap_or_else(|| {
            self.wrong(index, value);
            WeightType::F32
        })
    }

    /// A parameter that is the distance of two rows of `bytes` bytes, as a power of two.
    #[inline(never)]
    pub fn pitch(&self, index: u8, bytes: u64) -> u8 {
        let value = self.within(index, 2, 28);
        if 1u64 << value < bytes {
            self.wrong(index, value);
        }
        u8::try_from(value).unwrap_or_default()
    }

    /// [`Self::pitch`] of `count` rows that the region holds.
    #[inline(never)]
    pub fn plane(&self, role: Role, index: u8, (count, bytes): (u32, u64)) -> u8 {
        let row_log2 = self.pitch(index, bytes);
        self.holds(role, u64::from(count) << row_log2);
        row_log2
    }

    /// The size of a region as a power of two, in range.
    #[inline(never)]
    pub fn log2_size(&self, role: Role) -> u32 {
        let spec = match role {
            Role::Output => &self.descriptor.output,
            Role::Input(number) => {
                let spec = self.descriptor.input_specs.get(usize::from(number));
                spec.unwrap_or(&self.descriptor.output)
            }
        };
        let log2_size = spec.log2_size;
        if SIZES_LOG2.contains(&log2_size) {
            return log2_size;
        }
        self.fail(Illegal::Size { role, log2_size });
        *SIZES_LOG2.start()
    }

    /// The region holds at least `needed` bytes.
    #[inline(never)]
    pub fn holds(&self, role: Role, needed: u64) {
        let log2_size = self.log2_size(role);
        if 1u64 << log2_size < needed {
            self.fail(Illegal::Shape { role, log2_size, needed });
        }
    }

    /// The region holds at least `count` 32-bit numbers.
    #[inline(never)]
    pub fn holds_words(&self, role: Role, count: u64) {
        self.holds(role, count.saturating_mul(4));
    }

    /// The region is as large as the output.
    pub fn like_output(&self, role: Role) {
        let output = self.log2_size(Role::Output);
        let log2_size = self.log2_size(role);
        if log2_size != output {
            self.fail(Illegal::Shape { role, log2_size, needed: 1 << output });
        }
    }

    /// 32-bit numbers in the output.
    #[inline(never)]
    pub fn output_words(&self) -> u32 {
        // At least 2^5 bytes, at most 2^28.
        (1u32 << self.log2_size(Role::Output)) >> 2
    }

    /// One column: a tile is a whole row.
    #[inline(never)]
    pub fn one_column(&self) {
        if self.descriptor.columns != 1 {
            self.wrong_grid();
        }
    }

    /// Exactly `rows` rows of tiles.
    pub fn rows(&self, rows: u32) {
        let Descriptor { tiles, columns, .. } = *self.descriptor;
        if rows.checked_mul(columns) != Some(tiles) {
            self.wrong_grid();
        }
    }

    fn wrong_grid(&self) {
        let Descriptor { tiles, columns, .. } = *self.descriptor;
        self.fail(Illegal::KernelGrid { tiles, columns });
    }
}
