//! Tensors and how their elements are stored.

use std::fmt;
use std::ops::Range;

use super::ImportError;

/// ggml's number of an element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub u32);

impl Kind {
    /// 32-bit floating point.
    pub const F32: Self = Self(0);
    /// 16-bit floating point.
    pub const F16: Self = Self(1);
    /// `block_q4_0`.
    pub const Q4_0: Self = Self(2);
    /// `block_q4_1`.
    pub const Q4_1: Self = Self(3);
    /// `block_q8_0`.
    pub const Q8_0: Self = Self(8);
    /// `block_q4_K`.
    pub const Q4_K: Self = Self(12);
    /// `block_q6_K`.
    pub const Q6_K: Self = Self(14);

    /// Elements and bytes of a block, for the types that can be imported.
    pub const fn block(self) -> Option<(u64, u64)> {
        match self {
            Self::F32 => Some((1, 4)),
            Self::F16 => Some((1, 2)),
            Self::Q4_0 => Some((32, 18)),
            Self::Q4_1 => Some((32, 20)),
            Self::Q8_0 => Some((32, 34)),
            Self::Q4_K => Some((256, 144)),
            Self::Q6_K => Some((256, 210)),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0 => "F32",
            1 => "F16",
            2 => "Q4_0",
            3 => "Q4_1",
            6 => "Q5_0",
            7 => "Q5_1",
            8 => "Q8_0",
            10 => "Q2_K",
            11 => "Q3_K",
            12 => "Q4_K",
            13 => "Q5_K",
            14 => "Q6_K",
            30 => "BF16",
            other => return write!(f, "number {other}"),
        };
        f.write_str(name)
    }
}

/// A tensor of a file.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Elements of a row, rows, and so on.
    pub shape: Vec<u64>,
    /// How elements are stored.
    pub kind: Kind,
    /// Bytes in the file; empty if the type is not known.
    pub(super) range: Range<usize>,
}

impl Tensor {
    /// A tensor at `offset` behind where tensors begin.
    pub(super) fn new(
        name: String,
        shape: Vec<u64>,
        kind: Kind,
        offset: u64,
    ) -> Result<Self, ImportError> {
        let damaged = || ImportError::Damaged { at: usize::try_from(offset).unwrap_or_default() };
        let elements = shape.iter().try_fold(1u64, |product, size| product.checked_mul(*size));
        let (block, bytes) = kind.block().unwrap_or((1, 0));
        let length = elements.and_then(|count| count.div_ceil(block).checked_mul(bytes));
        let end = length.and_then(|length| offset.checked_add(length)).ok_or_else(damaged)?;
        let [start, end] = [offset, end].map(usize::try_from);
        let range = start.map_err(|_| damaged())?..end.map_err(|_| damaged())?;
        Ok(Self { name, shape, kind, range })
    }

    /// The tensor in a file of `length` bytes whose tensors begin at `start`.
    pub(super) fn placed(mut self, start: u64, length: usize) -> Result<Self, ImportError> {
        let damaged = ImportError::Damaged { at: length };
        let Ok(start) = usize::try_from(start) else { return Err(damaged) };
        let range = self.range.start.checked_add(start).zip(self.range.end.checked_add(start));
        match range {
            Some((from, to)) if to <= length => self.range = from..to,
            _ => return Err(damaged),
        }
        Ok(self)
    }
}
