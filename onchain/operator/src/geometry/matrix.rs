//! Quantized vectors and weight matrices.

use super::checks::Checks;
use crate::illegal::{Illegal, Role};
use crate::kernel::WeightType;

/// Longest row of a matrix: keeps an integer block sum and its count of blocks small.
const MAX_K: u32 = 1 << 20;
/// Most rows of a matrix.
const MAX_ROWS: u32 = 1 << 24;

/// [`crate::Kernel::Quantize`]: `n` numbers to a row of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantize {
    /// Numbers to quantize.
    pub n: u32,
    /// Blocks of 32, the last one filled up with zeros.
    pub blocks: u32,
}

impl Quantize {
    pub(super) fn parse(checks: &Checks) -> Self {
        let n = checks.length(0);
        let blocks = n.div_ceil(WeightType::BLOCK);
        checks.one_column();
        checks.holds_words(Role::Input(0), n.into());
        checks.holds(Role::Output, quantized_bytes(blocks));
        Self { n, blocks }
    }
}

/// Bytes of a quantized row: 32 integers and a 32-bit scale a block.
pub(super) fn quantized_bytes(blocks: u32) -> u64 {
    u64::from(blocks).saturating_mul(36)
}

/// A weight matrix in the canonical layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Elements in a row; a multiple of 32 for quantized types.
    pub k: u32,
    /// Rows.
    pub rows: u32,
    /// How elements are stored.
    pub kind: WeightType,
}

impl Matrix {
    /// Parameters 0 to 2, in the region of input 0.
    fn parse(checks: &Checks) -> Self {
        let rows = checks.param(1);
        let kind = checks.weight_type(2);
        Self::of(checks, (checks.param(0), rows), kind)
    }

    /// `rows` rows of `k` elements in the region of input 0; parameters 0 and 1 say how many.
    #[inline(never)]
    pub(super) fn of(checks: &Checks, (k, rows): (u32, u32), kind: WeightType) -> Self {
        if !(1..=MAX_K).contains(&k) || k.checked_rem(kind.unit()) != Some(0) {
            checks.wrong(0, k);
        }
        if !(1..=MAX_ROWS).contains(&rows) {
            checks.wrong(1, rows);
        }
        checks.holds(Role::Input(0), kind.matrix_bytes(rows, k));
        Self { k, rows, kind }
    }
}

/// [`crate::Kernel::Matmul`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matmul {
    /// The weights.
    pub matrix: Matrix,
    /// Rows of weights, and so outputs, of a tile; a multiple of 16.
    pub tile_rows: u32,
}

impl Matmul {
    pub(super) fn parse(checks: &Checks) -> Self {
        let matrix = Matrix::parse(checks);
        let k = matrix.k;
        if matrix.kind.quantized() {
            checks.holds(Role::Input(1), quantized_bytes(k.div_ceil(WeightType::BLOCK)));
        } else {
            checks.holds_words(Role::Input(1), k.into());
        }
        let tile_rows = checks.output_words();
        if tile_rows < WeightType::GROUP_ROWS {
            let log2_size = checks.log2_size(Role::Output);
            checks.fail(Illegal::Shape { role: Role::Output, log2_size, needed: 64 });
        }
        Self { matrix, tile_rows }
    }
}

/// [`crate::Kernel::Embed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embed {
    /// The table, a row an entry.
    pub matrix: Matrix,
    /// Elements of a tile.
    pub width: u32,
}

impl Embed {
    pub(super) fn parse(checks: &Checks) -> Self {
        Self { matrix: Matrix::parse(checks), width: checks.output_words() }
    }
}
