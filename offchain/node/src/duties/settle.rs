//! Ending what can be ended.

use alloy_primitives::{B256, U256};

use super::{Todo, View};
use crate::intent::Act;
use crate::state::{Claim, ClaimStatus, Game, RequestStatus, Stage, Stakes};

/// Gas of a delivery besides that of the consumer, at most.
const DELIVERY_GAS: u64 = 200_000;

impl View<'_> {
    pub(super) fn settle(&self, todo: &mut Vec<Todo>) {
        for (id, game) in &self.world.games {
            todo.extend(self.settle_game(*id, game).map(Todo::Act));
        }
        for (id, claim) in &self.world.claims {
            todo.extend(self.settle_claim(*id, claim).map(Todo::Act));
        }
        todo.extend(self.withdraw().map(Todo::Act));
        if self.roles.settler {
            todo.extend(self.deliveries().map(Todo::Act));
            todo.extend(self.renewals().map(Todo::Act));
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

    fn settle_game(&self, id: B256, game: &Game) -> Option<Act> {
        let mine = [game.server, game.challenger].contains(&self.me);
        if game.stakes != Stakes::Open || !self.settles(mine) {
            return None;
        }
        let claim = self.world.claim_of(game)?;
        if claim.status != ClaimStatus::Live {
            // Games against a claim that stands are decided, those against a void one are refunded.
            return (claim.status == ClaimStatus::Void).then_some(Act::RefundGame { game: id });
        }
        match &game.stage {
            Stage::Over { .. } => Some(Act::Settle { game: id }),
            Stage::Turn { .. } => {
                let (side, deadline) = game.turn()?;
                // Who has lost by the clock does not say so.
                let over = self.now >= deadline && game.account(side) != self.me;
                over.then_some(Act::Timeout { game: id })
            }
            Stage::Opened => None,
        }
    }

    fn settle_claim(&self, id: B256, claim: &Claim) -> Option<Act> {
        if claim.status != ClaimStatus::Live || !self.settles(claim.server == self.me) {
            return None;
        }
        let request = self.world.requests.get(&claim.request)?;
        let quiet = self.world.open_games(claim).next().is_none();
        if request.status == RequestStatus::Final {
            // Nobody but its server has something of it: two would only race for it.
            return (quiet && claim.server == self.me).then_some(Act::Release { claim: id });
        }
        let first = self.world.live_claims(request).next().is_some_and(|(first, _)| first == id);
        let over = self.now >= claim.window_end;
        (first && quiet && over && request.status == RequestStatus::Open)
            .then_some(Act::Finalize { claim: id })
    }

    /// What is above the limit, or what the gas of the games needs: gas is not paid from credit. The
    /// stakes of open games stay.
    fn withdraw(&self) -> Option<Act> {
        let (credit, balance) = (self.funds.credit, self.funds.balance);
        let above = self.policy.withdraw_above.map(|keep| credit.saturating_sub(keep.0));
        let reserve = self.policy.reserve(&self.exposure, self.gas_price);
        // Twice the reserve: not every block a little.
        let short = (balance < reserve).then(|| U256::from(2) * reserve - balance);
        let amount = above.max(short)?.min(self.free_credit());
        (!amount.is_zero()).then_some(Act::Withdraw { to: self.me, credit, balance, amount })
    }
}
