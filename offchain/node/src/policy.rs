//! What is put at stake: a pass over all duties has one budget.

use alloy_primitives::{Address, U256};

use crate::chain::Funds;
use crate::config;
use crate::state::{ClaimStatus, Stakes, World};

/// Prices of the hub, in wei.
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
}

impl Exposure {
    /// That of `account`.
    pub fn of(world: &World, account: Address, prices: &Prices) -> Self {
        let claims = world.claims.values();
        let live = |claim: &&crate::state::Claim| {
            claim.server == account && claim.status == ClaimStatus::Live
        };
        let claims = claims.filter(live).count();
        let mut exposure = Self { claims, games: 0, wei: prices.server_bond * U256::from(claims) };
        for game in world.games.values().filter(|game| game.stakes == Stakes::Open) {
            if game.challenger == account {
                exposure.wei += prices.challenger_bond;
            }
            if game.server == account && game.stake_locked {
                exposure.wei += prices.gas_stake;
            }
            exposure.games += usize::from(game.challenger == account || game.server == account);
        }
        exposure
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
}

/// What may still be put at stake.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Wei that are free.
    free: U256,
    /// Wei that may still be put at stake.
    room: U256,
    /// Claims that may still be made.
    claims: usize,
    /// Wei kept for the worst game.
    game_cost: U256,
    /// The day's gas is used up.
    spent: bool,
}

/// What a budget is made from.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// What the account has.
    pub funds: Funds,
    /// What is at stake.
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
        let game_cost = means.gas_price * U256::from(policy.game_gas);
        let defended = U256::from(means.exposure.claims + means.exposure.games);
        let has = means.funds.balance + means.funds.credit;
        Self {
            free: has.saturating_sub(means.pending + game_cost * defended),
            room: policy.max_exposure.0.saturating_sub(means.exposure.wei + means.pending),
            claims: policy.max_live_claims.saturating_sub(means.exposure.claims),
            game_cost,
            spent: means.gas_today >= policy.max_gas_per_day.0,
        }
    }

    /// Takes a claim's bond and stake, and the price of a game to defend it.
    pub fn claim(&mut self, prices: &Prices) -> Result<(), Denied> {
        if self.claims == 0 {
            return Err(Denied::Claims);
        }
        self.take(prices.server_bond + prices.gas_stake)?;
        self.claims -= 1;
        Ok(())
    }

    /// Takes a challenger's bond, and the price of the game.
    pub fn challenge(&mut self, prices: &Prices) -> Result<(), Denied> {
        self.take(prices.challenger_bond)
    }

    fn take(&mut self, wei: U256) -> Result<(), Denied> {
        if self.spent {
            return Err(Denied::Gas);
        }
        if wei > self.room {
            return Err(Denied::Exposure);
        }
        let cost = wei + self.game_cost;
        self.free = self.free.checked_sub(cost).ok_or(Denied::Funds)?;
        self.room -= wei;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Amount, Policy};

    const PRICES: Prices = Prices {
        server_bond: U256::from_limbs([100, 0, 0, 0]),
        challenger_bond: U256::from_limbs([50, 0, 0, 0]),
        gas_stake: U256::from_limbs([10, 0, 0, 0]),
        accept_bond: U256::ZERO,
    };

    fn means(has: u64) -> Means {
        Means {
            funds: Funds { balance: U256::from(has), credit: U256::ZERO },
            exposure: Exposure::default(),
            pending: U256::ZERO,
            gas_price: U256::from(1),
            gas_today: U256::ZERO,
        }
    }

    fn policy() -> Policy {
        Policy { game_gas: 7, ..Policy::default() }
    }

    #[test]
    fn a_claim_needs_bond_stake_and_the_price_of_a_game() {
        let mut budget = Budget::new(&policy(), &means(117));
        assert_eq!(budget.claim(&PRICES), Ok(()));
        assert_eq!(budget.claim(&PRICES), Err(Denied::Funds));
        assert_eq!(Budget::new(&policy(), &means(116)).claim(&PRICES), Err(Denied::Funds));
    }

    #[test]
    fn what_is_at_stake_keeps_a_reserve() {
        let exposure = Exposure { claims: 1, games: 1, wei: U256::from(150) };
        let with = |has| Means { exposure, ..means(has) };
        assert_eq!(Budget::new(&policy(), &with(71)).challenge(&PRICES), Ok(()));
        assert_eq!(Budget::new(&policy(), &with(70)).challenge(&PRICES), Err(Denied::Funds));
        let tight = Policy { max_exposure: Amount(U256::from(199)), ..policy() };
        assert_eq!(Budget::new(&tight, &with(1000)).challenge(&PRICES), Err(Denied::Exposure));
    }

    #[test]
    fn claims_and_gas_have_limits_of_their_own() {
        let few = Policy { max_live_claims: 1, ..policy() };
        let mut budget = Budget::new(&few, &means(1000));
        assert_eq!((budget.claim(&PRICES), budget.claim(&PRICES)), (Ok(()), Err(Denied::Claims)));
        let poor = Policy { max_gas_per_day: Amount(U256::from(5)), ..policy() };
        let spent = Means { gas_today: U256::from(5), ..means(1000) };
        assert_eq!(Budget::new(&poor, &spent).challenge(&PRICES), Err(Denied::Gas));
    }
}
