//! What is fixed before anything happens.

use alloy_primitives::Address;

/// Parameters of hub and game, and where they are.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Chain id.
    pub chain_id: u64,
    /// The hub.
    pub hub: Address,
    /// The game contract.
    pub game: Address,
    /// The step verifier.
    pub step: Address,
    /// Seconds of each side of a game.
    pub clock: u64,
    /// Seconds in which a claim can be challenged.
    pub window: u64,
    /// Seconds from a request to its deadline.
    pub patience: u64,
    /// Hundredths of a percent of a lost bond that are burned.
    pub burn_share: u128,
    /// Hundredths of a percent of the fee that a failed result earns.
    pub failed_share: u128,
    /// Wei behind a claim.
    pub server_bond: u128,
    /// Wei behind a game.
    pub challenger_bond: u128,
    /// Wei behind a server's first reply.
    pub gas_stake: u128,
    /// Wei for each step of a trace.
    pub burn_per_step: u128,
    /// Seconds of an acceptance.
    pub exclusivity: u64,
    /// Wei behind an acceptance.
    pub accept_bond: u128,
}

impl Terms {
    /// Seconds of activation that a claim needs.
    pub const fn runway(&self) -> u64 {
        self.window + 2 * self.clock + 86_400
    }

    /// Share of a lost bond that is burned.
    pub const fn burned_of(&self, bond: u128) -> u128 {
        (bond * self.burn_share).div_ceil(10_000)
    }

    /// Share of a fee that the server of a failed result gets.
    pub const fn failed_fee(&self, fee: u128) -> u128 {
        (fee * self.failed_share).div_ceil(10_000)
    }
}
