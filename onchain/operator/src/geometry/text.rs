//! Kernels between numbers and the outside: choices and bytes.

use super::checks::Checks;
use crate::illegal::Role;

/// Bytes of the request in front of its input.
pub(super) const REQUEST_HEADER: u64 = 128;

/// [`crate::Kernel::ArgMax`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgMax {
    /// Elements to choose from.
    pub n: u32,
}

impl ArgMax {
    pub(super) fn parse(checks: &Checks) -> Self {
        Self { n: logits(checks) }
    }
}

/// [`crate::Kernel::Sample`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Elements to choose from.
    pub n: u32,
}

impl Sample {
    pub(super) fn parse(checks: &Checks) -> Self {
        let n = logits(checks);
        checks.holds(Role::Input(1), REQUEST_HEADER);
        Self { n }
    }
}

fn logits(checks: &Checks) -> u32 {
    checks.one_column();
    let n = checks.length(0);
    checks.holds_words(Role::Input(0), n.into());
    n
}

/// [`crate::Kernel::Emit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emit {
    /// Bytes of the result.
    pub n: u32,
}

impl Emit {
    pub(super) fn parse(checks: &Checks) -> Self {
        checks.one_column();
        let n = checks.length(0);
        checks.holds(Role::Input(0), n.into());
        checks.holds(Role::Output, u64::from(n).saturating_add(32));
        Self { n }
    }
}
