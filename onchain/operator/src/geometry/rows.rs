//! Kernels that need a whole row at once.

use super::checks::Checks;
use crate::illegal::{Illegal, Role};

/// [`crate::Kernel::RmsNorm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RmsNorm {
    /// Elements of the row.
    pub n: u32,
    /// Bits of the number added to the mean square.
    pub epsilon: u32,
}

impl RmsNorm {
    pub(super) fn parse(checks: &Checks) -> Self {
        let n = row(checks, 2);
        Self { n, epsilon: checks.param(1) }
    }
}

/// [`crate::Kernel::LayerNorm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerNorm {
    /// Elements of the row.
    pub n: u32,
    /// Bits of the number added to the variance.
    pub epsilon: u32,
}

impl LayerNorm {
    pub(super) fn parse(checks: &Checks) -> Self {
        let n = row(checks, 3);
        Self { n, epsilon: checks.param(1) }
    }
}

/// [`crate::Kernel::Softmax`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax {
    /// Elements that take part; the rest of the output is zero.
    pub n: u32,
}

impl Softmax {
    pub(super) fn parse(checks: &Checks, iteration: u32) -> Self {
        let capacity = row(checks, 1);
        match checks.within(1, 0, 1) {
            0 => Self { n: capacity },
            _ => Self { n: positions(checks, iteration, capacity) },
        }
    }
}

/// Positions that are filled in `iteration`, the present one included.
pub(super) fn positions(checks: &Checks, iteration: u32, capacity: u32) -> u32 {
    match iteration.checked_add(1) {
        Some(filled) if filled <= capacity => filled,
        _ => {
            checks.fail(Illegal::Iteration { iteration, capacity });
            1
        }
    }
}

/// Which elements of a head are turned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// 2i and 2i + 1.
    Adjacent,
    /// i and i + d/2.
    Halves,
}

/// [`crate::Kernel::Rope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rope {
    /// Elements of a head; even.
    pub head: u32,
    /// Heads in a row.
    pub heads: u32,
    /// Which elements are turned together.
    pub pairing: Pairing,
}

impl Rope {
    pub(super) fn parse(checks: &Checks) -> Self {
        checks.one_column();
        let head = checks.multiple(0, 2, 1 << 16);
        let heads = checks.length(1);
        let pairing = match checks.within(2, 0, 1) {
            0 => Pairing::Adjacent,
            _ => Pairing::Halves,
        };
        let elements = u64::from(head).saturating_mul(heads.into());
        checks.holds_words(Role::Input(0), elements);
        checks.holds_words(Role::Input(1), head.into());
        checks.holds_words(Role::Output, elements);
        Self { head, heads, pairing }
    }
}

/// Parameter 0 as the length of the output's row and of the first `inputs` inputs.
fn row(checks: &Checks, inputs: u8) -> u32 {
    checks.one_column();
    let n = checks.length(0);
    for number in 0..inputs {
        checks.holds_words(Role::Input(number), n.into());
    }
    checks.holds_words(Role::Output, n.into());
    n
}
