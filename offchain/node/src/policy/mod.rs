//! What is put at stake: a pass over all duties has one budget.

#[cfg(test)]
mod tests;

use alloy_primitives::{Address, U256};

use crate::chain::Funds;
use crate::config;
use crate::state::{ClaimStatus, Stakes, World};

/// Prices and terms of the hub; amounts in wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// Behind a claim.
    pub server_bond: U256,
    /// Behind a game.
    pub challenger_bond: U256,
    /// Behind the server's first reply in a game.
    pub gas_stake: U256,
    /// Behind an acceptance.
    pub accept_bond: U256,
    /// Share of the fee that a failed result gets, in hundredths of a percent.
    pub failed_share: u16,
    /// Seconds in which a claim can be challenged.
    pub window: u64,
}

impl Prices {
    /// A claim's bond, and as much as brings the credit to a gas stake: the first reply in a game needs no
    /// deposit then.
    pub const fn claim(&self) -> U256 {
        self.server_bond.saturating_add(self.gas_stake)
    }
}

/// What an account has at stake in the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Claims of the account that are live.
    pub claims: usize,
    /// Open games of the account, on either side.
    pub games: usize,
    /// Wei in bonds and stakes.
    pub wei: U256,
    /// Wei of stakes that open games of the account still need.
    pub unlocked: U256,
    /// Wei of credit that intents under way count on.
    pub promised: U256,
}

impl Exposure {
    /// That of `account`.
    pub fn of(world: &World, account: Address, prices: &Prices) -> Self {
        let claims = world.claims.values();
        let live = |claim: &&crate::state::Claim| {
            claim.server == account && claim.status == ClaimStatus::Live
        };
        let claims = claims.filter(live).count();
        let wei = prices.server_bond * U256::from(claims);
        let mut exposure = Self { claims, games: 0, wei, ..Self::default() };
        for game in world.games.values().filter(|game| game.stakes == Stakes::Open) {
            if game.challenger == account {
                exposure.wei += prices.challenger_bond;
            }
            if game.server == account && game.stake_locked {
                exposure.wei += prices.gas_stake;
            } else if game.server == account
                && world.claim_of(game).is_some_and(|claim| live(&claim))
            {
                exposure.unlocked += prices.gas_stake;
            }
            exposure.games += usize::from(game.challenger == account || game.server == account);
        }
        exposure
    }

    /// This, with claims and challenges that are on their way.
    #[must_use]
    pub fn with(mut self, pending: &Pending, prices: &Prices) -> Self {
        self.claims += pending.claims;
        self.games += pending.games;
        self.wei += prices.server_bond * U256::from(pending.claims)
            + prices.challenger_bond * U256::from(pending.games);
        self.promised = self.promised.saturating_add(pending.credit);
        self
    }

    /// What of `credit` is for nothing yet.
    pub const fn free(&self, credit: U256) -> U256 {
        credit.saturating_sub(self.unlocked).saturating_sub(self.promised)
    }
}

/// What was handed over to be sent, and is not in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Wei that it sends.
    pub wei: U256,
    /// Wei of credit that it takes besides.
    pub credit: U256,
    /// Claims among it.
    pub claims: usize,
    /// Challenges among it.
    pub games: usize,
}

impl config::Policy {
    /// Wei of gas to be kept outside the hub: of a whole game for everything at stake, and for one more.
    pub fn reserve(&self, exposure: &Exposure, gas_price: U256) -> U256 {
        let games = U256::from(exposure.claims + exposure.games + 1);
        gas_price.saturating_mul(U256::from(self.game_gas)).saturating_mul(games)
    }
}

/// Why something is left undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// More would be at stake than is allowed.
    Exposure,
    /// It could not be defended with what the account has.
    Funds,
    /// Enough claims are live.
    Claims,
    /// The day's gas is used up.
    Gas,
    /// The fee does not cover the gas.
    Fee,
}

/// Gas of ending something of others', about.
const COURTESY_GAS: u64 = 150_000;

/// What may still be put at stake.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Wei outside the hub that are free: gas is paid from nothing else.
    free: U256,
    /// Wei of credit that are free; they pay bonds.
    credit: U256,
    /// Wei that may still be put at stake.
    room: U256,
    /// Claims that may still be made.
    claims: usize,
    /// Wei kept for the worst game.
    game_cost: U256,
    /// Wei of an act that ends what is others'.
    courtesy_cost: U256,
    /// The day's gas is used up.
    spent: bool,
    /// Half of it is: the rest is for this account's own.
    half_spent: bool,
}

/// What a budget is made from.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// What the account has.
    pub funds: Funds,
    /// What is at stake, or on its way to be.
    pub exposure: Exposure,
    /// Wei of intents that are under way.
    pub pending: U256,
    /// Wei a gas.
    pub gas_price: U256,
    /// Wei of gas used today.
    pub gas_today: U256,
}

impl Budget {
    /// Everything that is at stake already keeps the price of a game in reserve.
    pub fn new(policy: &config::Policy, means: &Means) -> Self {
        let game_cost = means.gas_price.saturating_mul(U256::from(policy.game_gas));
        let defended = U256::from(means.exposure.claims + means.exposure.games);
        let kept = means.pending.saturating_add(game_cost.saturating_mul(defended));
        Self {
            free: means.funds.balance.saturating_sub(kept),
            credit: means.exposure.free(means.funds.credit),
            room: policy.max_exposure.0.saturating_sub(means.exposure.wei),
            claims: policy.max_live_claims.saturating_sub(means.exposure.claims),
            game_cost,
            courtesy_cost: means.gas_price.saturating_mul(U256::from(COURTESY_GAS)),
            spent: means.gas_today >= policy.max_gas_per_day.0,
            half_spent: means.gas_today >= policy.max_gas_per_day.0 / U256::from(2),
        }
    }

    /// Takes the gas of ending something of others'.
    pub fn courtesy(&mut self) -> Result<(), Denied> {
        if self.half_spent {
            return Err(Denied::Gas);
        }
        self.free = self.free.checked_sub(self.courtesy_cost).ok_or(Denied::Funds)?;
        Ok(())
    }

    /// Takes a claim's bond and stake, and the price of a game to defend it.
    pub fn claim(&mut self, prices: &Prices) -> Result<(), Denied> {
        if self.claims == 0 {
            return Err(Denied::Claims);
        }
        self.take(prices.claim())?;
        self.claims -= 1;
        Ok(())
    }

    /// Takes an acceptance's bond, and all that the claim behind it needs.
    pub fn accept(&mut self, prices: &Prices) -> Result<(), Denied> {
        let before = *self;
        let taken = self.claim(prices).and_then(|()| self.take_wei(prices.accept_bond));
        if taken.is_err() {
            *self = before;
        }
        taken
    }

    /// Takes a challenger's bond, and the price of the game.
    pub fn challenge(&mut self, prices: &Prices) -> Result<(), Denied> {
        self.take(prices.challenger_bond)
    }

    fn take(&mut self, wei: U256) -> Result<(), Denied> {
        if self.spent {
            return Err(Denied::Gas);
        }
        let free = self.free;
        self.free = free.checked_sub(self.game_cost).ok_or(Denied::Funds)?;
        self.take_wei(wei).inspect_err(|_| self.free = free)
    }

    /// Takes credit first, as the hub does.
    fn take_wei(&mut self, wei: U256) -> Result<(), Denied> {
        if wei > self.room {
            return Err(Denied::Exposure);
        }
        let credit = wei.min(self.credit);
        self.free = self.free.checked_sub(wei - credit).ok_or(Denied::Funds)?;
        self.credit -= credit;
        self.room -= wei;
        Ok(())
    }
}
