//! Answering requests.

use alloy_primitives::{B256, U256};

use super::{ATTEMPTS, Todo, View};
use crate::intent::Act;
use crate::policy::Budget;
use crate::state::{Request, RequestStatus};

impl View<'_> {
    pub(super) fn serve(&self, budget: &mut Budget, todo: &mut Vec<Todo>) {
        for (id, request) in &self.world.requests {
            if self.may_serve(request) {
                self.serve_request(*id, request, budget, todo);
            }
        }
    }

    fn may_serve(&self, request: &Request) -> bool {
        let taken = request
            .accepted
            .is_some_and(|accepted| accepted.server != self.me && self.now < accepted.until);
        request.status == RequestStatus::Open
            && !taken
            && self.models.contains(&request.model)
            && U256::from(request.fee) >= self.policy.min_fee.0
            && !self.world.live_claims(request).any(|(_, claim)| claim.server == self.me)
            && self.claims_of_mine(request) < ATTEMPTS
    }

    fn claims_of_mine(&self, request: &Request) -> usize {
        let claims = request.claims.iter().filter_map(|id| self.world.claims.get(id));
        claims.filter(|claim| claim.server == self.me).count()
    }

    fn serve_request(
        &self,
        id: B256,
        request: &Request,
        budget: &mut Budget,
        todo: &mut Vec<Todo>,
    ) {
        let exclusive = request.accepted.is_some();
        if self.policy.accept && !exclusive && request.claims.is_empty() {
            // Once a request: the intent's name sees to it.
            let value = self.prices.accept_bond.saturating_sub(self.funds.credit);
            todo.push(Todo::Act(Act::Accept { request: id, value }));
        }
        let Some(answer) = self.answer(id, todo) else { return };
        // Somebody was first. Whoever says something else is answered, whether it is challenged or not.
        if self.world.live_claims(request).any(|(_, claim)| claim.final_hash == answer.hash) {
            return;
        }
        match budget.claim(&self.prices) {
            Ok(()) => todo.push(Todo::Act(Act::Claim {
                request: id,
                attempt: self.claims_of_mine(request),
                answer: Box::new(answer.clone()),
                value: self.claim_value(),
            })),
            Err(why) => todo.push(Todo::Denied { kind: "claim", about: id, why }),
        }
    }

    /// The bond, and as much as brings the credit to a gas stake: the first reply in a game needs no
    /// deposit then.
    fn claim_value(&self) -> U256 {
        let wanted = self.prices.server_bond + self.prices.gas_stake;
        wanted.saturating_sub(self.funds.credit)
    }
}
