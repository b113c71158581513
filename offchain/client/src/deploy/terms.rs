//! What the contracts are initialised with, for good.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::DeployError;
use crate::amount::Wei;
use crate::contracts::IHub::Parameters;
use crate::contracts::attention::IAttention;

/// A kind of chain, with terms that suit it and limits that its safety needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// A development chain: as fast as the contracts allow.
    Dev,
    /// Arbitrum Sepolia.
    Sepolia,
    /// Arbitrum One.
    One,
}

const SEPOLIA: u64 = 421_614;
const ONE: u64 = 42_161;
const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

impl Profile {
    /// The profile of a chain.
    pub const fn of_chain(chain_id: u64) -> Self {
        match chain_id {
            SEPOLIA => Self::Sepolia,
            ONE => Self::One,
            _ => Self::Dev,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Sepolia => "sepolia",
            Self::One => "one",
        }
    }

    /// The chain that it is for, if it is for one.
    const fn chain_id(self) -> Option<u64> {
        match self {
            Self::Dev => None,
            Self::Sepolia => Some(SEPOLIA),
            Self::One => Some(ONE),
        }
    }

    /// Least seconds of clock and window.
    ///
    /// On Arbitrum One a transaction that the sequencer withholds is forced in after a day. A side has at most seven
    /// moves in a game of 2^30 steps over runs of 2^30 instructions, and half a day to compute them all; a window has
    /// room for one delay and half a day of recomputing. A test chain is not attacked so: its least is what people need.
    const fn least(self) -> (u32, u32) {
        match self {
            Self::Dev => (HOUR, 60),
            Self::Sepolia => (6 * HOUR, HOUR / 2),
            Self::One => (7 * DAY + DAY / 2, DAY + DAY / 2),
        }
    }

    /// The terms it suggests.
    pub const fn terms(self) -> Terms {
        let milli = 1_000_000_000_000_000;
        let (clock, window, patience, exclusivity) = match self {
            Self::Dev => (HOUR, 600, HOUR, 300),
            Self::Sepolia => (DAY, HOUR, DAY, 600),
            Self::One => (8 * DAY, 2 * DAY, 3 * DAY, 1800),
        };
        let hub = HubTerms {
            window,
            patience,
            exclusivity,
            burn_share: 5000,
            failed_share: 2500,
            server_bond: Wei(100 * milli),
            challenger_bond: Wei(50 * milli),
            gas_stake: Wei(20 * milli),
            burn_per_step: Wei(1_000_000),
            accept_bond: Wei(milli),
        };
        let attention = AttentionTerms {
            epoch: HOUR,
            commit_time: window / 2,
            reveal_time: window,
            dispute_time: window,
            burn_share: 5000,
            stake: Wei(100 * milli),
            bond: Wei(50 * milli),
        };
        Terms { profile: self, clock, courier_gas_price: Wei(100_000_000), hub, attention }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the contracts are initialised with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What the terms were checked against.
    pub profile: Profile,
    /// Seconds that each side of a game has for all its moves.
    pub clock: u32,
    /// What an order of a callback pays for each gas.
    pub courier_gas_price: Wei,
    /// The hub's.
    pub hub: HubTerms,
    /// Those of attention.
    pub attention: AttentionTerms,
}

/// Parameters of the hub; their meaning is in its interface. Times in seconds, shares in hundredths of a percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "documented in sol/IHub.sol")]
pub struct HubTerms {
    pub window: u32,
    pub patience: u32,
    pub exclusivity: u32,
    pub burn_share: u16,
    pub failed_share: u16,
    pub server_bond: Wei,
    pub challenger_bond: Wei,
    pub gas_stake: Wei,
    pub burn_per_step: Wei,
    pub accept_bond: Wei,
}

/// Parameters of attention; their meaning is in its interface. Times in seconds, shares in hundredths of a percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "documented in sol/IAttention.sol")]
pub struct AttentionTerms {
    pub epoch: u32,
    pub commit_time: u32,
    pub reveal_time: u32,
    pub dispute_time: u32,
    pub burn_share: u16,
    pub stake: Wei,
    pub bond: Wei,
}

impl Terms {
    /// The profile is for this chain, and times are no shorter than it allows. The contracts check the rest.
    pub fn check(&self, chain_id: u64) -> Result<(), DeployError> {
        let profile = self.profile.name();
        if let Some(expected) = self.profile.chain_id().filter(|expected| *expected != chain_id) {
            return Err(DeployError::WrongProfile { profile, expected, actual: chain_id });
        }
        let (clock, window) = self.profile.least();
        for (name, value, least) in
            [("the clock", self.clock, clock), ("the window", self.hub.window, window)]
        {
            if value < least {
                let (value, least) = (value.into(), least.into());
                return Err(DeployError::TooLow { name, value, least, profile });
            }
        }
        Ok(())
    }
}

impl From<&HubTerms> for Parameters {
    fn from(terms: &HubTerms) -> Self {
        Self {
            window: terms.window,
            patience: terms.patience,
            burnShare: terms.burn_share,
            failedShare: terms.failed_share,
            serverBond: terms.server_bond.0,
            challengerBond: terms.challenger_bond.0,
            gasStake: terms.gas_stake.0,
            // No chain has so much ether that the rest would matter.
            burnPerStep: u64::try_from(terms.burn_per_step.0).unwrap_or(u64::MAX),
            exclusivity: terms.exclusivity,
            acceptBond: terms.accept_bond.0,
        }
    }
}

impl From<&AttentionTerms> for IAttention::Parameters {
    fn from(terms: &AttentionTerms) -> Self {
        Self {
            epoch: terms.epoch,
            commitTime: terms.commit_time,
            revealTime: terms.reveal_time,
            disputeTime: terms.dispute_time,
            burnShare: terms.burn_share,
            stake: terms.stake.0,
            bond: terms.bond.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_pass_their_own_limits() {
        for (profile, chain) in
            [(Profile::Dev, 1), (Profile::Sepolia, SEPOLIA), (Profile::One, ONE)]
        {
            profile.terms().check(chain).expect("its own terms suit it");
            assert_eq!(profile.chain_id().is_some(), Profile::of_chain(chain) != Profile::Dev);
        }
    }

    #[test]
    fn a_short_clock_and_another_chain_are_refused() {
        let terms = Terms { profile: Profile::One, ..Profile::Sepolia.terms() };
        let error = terms.check(ONE).expect_err("a day is too short");
        assert!(matches!(error, DeployError::TooLow { name: "the clock", .. }), "{error}");
        let error = Profile::One.terms().check(SEPOLIA).expect_err("another chain");
        assert!(matches!(error, DeployError::WrongProfile { .. }), "{error}");
    }
}
