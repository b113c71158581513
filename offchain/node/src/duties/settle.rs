//! Ending what can be ended.

use alloy_primitives::{B256, U256};

use super::{Pass, View};
use crate::intent::Act;
use crate::state::{Claim, ClaimStatus, Game, RequestStatus, Stage, Stakes};

/// Gas of a delivery besides that of the consumer, at most.
const DELIVERY_GAS: u64 = 200_000;

impl View<'_> {
    pub(super) fn settle(&self, pass: &mut Pass) {
        let games = self.world.games.iter().filter_map(|(id, game)| self.settle_game(*id, game));
        let claims =
            self.world.claims.iter().filter_map(|(id, claim)| self.settle_claim(*id, claim));
        let (own, others): (Vec<_>, Vec<_>) = games.chain(claims).partition(|(whose, _)| *whose);
        own.into_iter()
            .chain(self.withdraw(pass).map(|act| (true, act)))
            .for_each(|(_, act)| pass.act(act));
        if self.roles.settler {
            self.renewals().for_each(|act| pass.act(act));
            let deliveries = self.deliveries().map(|act| (false, act));
            for (_, act) in others.into_iter().chain(deliveries) {
                // What games and challenges may need is not spent on a courtesy.
                if pass.budget.courtesy().is_err() {
                    break;
                }
                pass.act(act);
            }
        }
    }

    /// Callbacks of requests that are settled, as far as they pay for their gas.
    fn deliveries(&self) -> impl Iterator<Item = Act> {
        self.world.orders.iter().filter_map(|(id, order)| {
            let settled = self.world.requests.get(id)?.status != RequestStatus::Open;
            let gas = order.gas_limit.saturating_add(DELIVERY_GAS);
            let cost = self.gas_price.saturating_mul(U256::from(gas));
            (settled && U256::from(order.pay) >= cost).then_some(Act::Deliver { request: *id })
        })
    }

    /// Activations that end soon.
    fn renewals(&self) -> impl Iterator<Item = Act> {
        let soon = self.activations.iter().filter(|activation| {
            activation.seconds_left < self.policy.activation_margin && activation.fee.is_some()
        });
        soon.filter_map(|activation| activation.act(self.now))
    }

    /// Whether something of these accounts is this process's to settle.
    fn settles(&self, mine: bool) -> bool {
        mine || (self.roles.settler && self.policy.settle_all)
    }

    /// Whether it is this account's, and what ends it.
    fn settle_game(&self, id: B256, game: &Game) -> Option<(bool, Act)> {
        let mine = [game.server, game.challenger].contains(&self.me);
        if game.stakes != Stakes::Open || !self.settles(mine) {
            return None;
        }
        let claim = self.world.claim_of(game)?;
        if claim.status != ClaimStatus::Live {
            // Games against a claim that stands are decided, those against a void one are refunded.
            let void = claim.status == ClaimStatus::Void;
            return void.then_some((mine, Act::RefundGame { game: id }));
        }
        match &game.stage {
            Stage::Over { .. } => Some((mine, Act::Settle { game: id })),
            Stage::Turn { .. } => {
                let (side, deadline) = game.turn()?;
                // Who has lost by the clock does not say so.
                let over = self.now >= deadline && game.account(side) != self.me;
                over.then_some((mine, Act::Timeout { game: id }))
            }
            Stage::Opened => None,
        }
    }

    /// Whether it is this account's, and what ends it.
    fn settle_claim(&self, id: B256, claim: &Claim) -> Option<(bool, Act)> {
        let mine = claim.server == self.me;
        if claim.status != ClaimStatus::Live || !self.settles(mine) {
            return None;
        }
        let request = self.world.requests.get(&claim.request)?;
        let quiet = self.world.open_games(claim).next().is_none();
        if request.status == RequestStatus::Final {
            // Nobody but its server has something of it: two would only race for it.
            return (quiet && mine).then_some((mine, Act::Release { claim: id }));
        }
        let first = self.world.live_claims(request).next().is_some_and(|(first, _)| first == id);
        let over = self.now >= claim.window_end;
        (first && quiet && over && request.status == RequestStatus::Open)
            .then_some((mine, Act::Finalize { claim: id }))
    }

    /// What is above the limit, or what the gas of the games needs: gas is not paid from credit. The
    /// stakes of open games stay.
    fn withdraw(&self, pass: &Pass) -> Option<Act> {
        let (credit, balance) = (self.funds.credit, self.funds.balance);
        let above = self.policy.withdraw_above.map(|keep| credit.saturating_sub(keep.0));
        let reserve = self.policy.reserve(&self.exposure, self.gas_price);
        // Twice the reserve: not every block a little.
        let short = (balance < reserve).then(|| U256::from(2) * reserve - balance);
        let amount = above.max(short)?.min(self.free_credit(pass));
        (!amount.is_zero()).then_some(Act::Withdraw { to: self.me, credit, balance, amount })
    }
}
