//! Limits of the parameters.

use alloy_primitives::{B256, U256};

use crate::abi::IHub::{ParameterOutOfRange, Parameters};

/// Shares are in hundredths of a percent.
pub const WHOLE: u16 = 10_000;

const MIN_WINDOW: u32 = 60;
const MIN_BURN_SHARE: u16 = WHOLE / 2;
const MIN_BOND: u128 = 1_000_000_000_000_000;
/// A word holds two of them and more.
const MAX_BOND: u128 = (1 << 96) - 1;
const MIN_ACCEPT_BOND: u128 = 1_000_000_000_000;

/// Checks that each parameter is within its limits, which stand in the ABI.
///
/// On a live chain a window has to cover forced inclusion and the longest recomputation, which no
/// contract can check; the least here only rules out a window of nothing.
pub fn check_parameters(given: &Parameters) -> Result<(), ParameterOutOfRange> {
    // What is left of a bond is no more than the bond.
    let left = given.challengerBond.saturating_sub(share_of(given.challengerBond, given.burnShare));
    at_least("window", given.window.into(), MIN_WINDOW.into())?;
    at_least("patience", given.patience.into(), given.window.into())?;
    at_least("burnShare", given.burnShare.into(), MIN_BURN_SHARE.into())?;
    at_most("burnShare", given.burnShare.into(), WHOLE.into())?;
    at_most("failedShare", given.failedShare.into(), WHOLE.into())?;
    at_least("serverBond", given.serverBond, MIN_BOND)?;
    at_most("serverBond", given.serverBond, MAX_BOND)?;
    at_least("challengerBond", given.challengerBond, MIN_BOND)?;
    at_most("challengerBond", given.challengerBond, MAX_BOND)?;
    at_least("gasStake", given.gasStake, 1)?;
    at_most("gasStake", given.gasStake, left)?;
    at_least("burnPerStep", given.burnPerStep.into(), 1)?;
    at_least("exclusivity", given.exclusivity.into(), 1)?;
    at_most("exclusivity", given.exclusivity.into(), (given.patience / 2).into())?;
    at_least("acceptBond", given.acceptBond, MIN_ACCEPT_BOND)?;
    at_most("acceptBond", given.acceptBond, given.serverBond)
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
