//! The times of an epoch.

use crate::abi::IAttention::Parameters;

/// Seconds that separate what may be done about an epoch's claims; each phase ends before the second
/// that the next one is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Secrets and answers are taken from here on: no commitment is taken any more.
    pub reveal_from: u64,
    /// Secrets and answers are late from here on.
    pub accuse_from: u64,
    /// Disputes and accusations of having missed a claim are late from here on.
    pub settle_from: u64,
}

/// The epoch of a second.
pub fn epoch_of(parameters: &Parameters, second: u64) -> u64 {
    second.checked_div(parameters.epoch.into()).unwrap_or_default()
}

/// The times of an epoch, where claims can be challenged for `window` seconds.
pub fn schedule(parameters: &Parameters, window: u32, epoch: u64) -> Schedule {
    let end = epoch.saturating_add(1).saturating_mul(parameters.epoch.into());
    let reveal_from = end.saturating_add(window.into());
    let accuse_from = reveal_from.saturating_add(parameters.revealTime.into());
    let settle_from = accuse_from.saturating_add(parameters.disputeTime.into());
    Schedule { reveal_from, accuse_from, settle_from }
}
