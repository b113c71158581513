//! Limits of the parameters.

use alloy_primitives::{B256, U256};

use crate::abi::IAttention::{ParameterOutOfRange, Parameters};

/// Shares are in hundredths of a percent.
pub const WHOLE: u16 = 10_000;

const MIN_PHASE: u32 = 60;
const MIN_COMMIT_TIME: u32 = 30;
const MIN_BURN_SHARE: u16 = WHOLE / 2;
const MAX_BURN_SHARE: u16 = 9_000;
const MIN_STAKE: u128 = 1_000_000_000_000_000;

/// Checks that each parameter is within its limits, which stand in the ABI. `window` is the hub's.
///
/// On a live chain each phase has to cover forced inclusion, which no contract can check.
pub fn check_parameters(given: &Parameters, window: u32) -> Result<(), ParameterOutOfRange> {
    at_least("epoch", given.epoch.into(), MIN_PHASE.into())?;
    at_least("commitTime", given.commitTime.into(), MIN_COMMIT_TIME.into())?;
    at_most("commitTime", given.commitTime.into(), window.into())?;
    at_least("revealTime", given.revealTime.into(), MIN_PHASE.into())?;
    at_least("disputeTime", given.disputeTime.into(), MIN_PHASE.into())?;
    at_least("burnShare", given.burnShare.into(), MIN_BURN_SHARE.into())?;
    at_most("burnShare", given.burnShare.into(), MAX_BURN_SHARE.into())?;
    at_least("stake", given.stake, MIN_STAKE)?;
    at_least("bond", given.bond, MIN_STAKE)
}

/// `share` of `amount`, rounded up; a share is at most the whole.
pub fn share_of(amount: u128, share: u16) -> u128 {
    let (share, whole) = (u128::from(share), u128::from(WHOLE));
    // Both products are below 2^128: amount / whole * share <= amount.
    let quotient = amount.checked_div(whole).unwrap_or_default();
    let rest = amount.checked_rem(whole).unwrap_or_default();
    let rest = rest.saturating_mul(share).div_ceil(whole);
    quotient.saturating_mul(share).saturating_add(rest)
}

fn at_least(name: &str, value: u128, least: u128) -> Result<(), ParameterOutOfRange> {
    if value < least { Err(out_of_range(name, value, least)) } else { Ok(()) }
}

fn at_most(name: &str, value: u128, most: u128) -> Result<(), ParameterOutOfRange> {
    if value > most { Err(out_of_range(name, value, most)) } else { Ok(()) }
}

fn out_of_range(name: &str, value: u128, limit: u128) -> ParameterOutOfRange {
    let name = B256::right_padding_from(name.as_bytes());
    ParameterOutOfRange { name, value: U256::from(value), limit: U256::from(limit) }
}
