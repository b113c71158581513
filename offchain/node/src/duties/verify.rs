//! Recomputing claims, and disputing wrong ones.

use alloy_primitives::B256;

use super::{ATTEMPTS, Todo, View};
use crate::intent::Act;
use crate::jobs::Task;
use crate::policy::Budget;
use crate::state::{Claim, ClaimStatus, RequestStatus};

impl View<'_> {
    pub(super) fn verify(&self, budget: &mut Budget, todo: &mut Vec<Todo>) {
        for (id, claim) in &self.world.claims {
            if self.may_verify(claim) {
                self.verify_claim(*id, claim, budget, todo);
            }
        }
    }

    fn may_verify(&self, claim: &Claim) -> bool {
        let request = self.world.requests.get(&claim.request);
        // Whoever is named as its server: what this node computed itself is right, and nothing else is.
        claim.status == ClaimStatus::Live
            && self.now < claim.window_end
            && request.is_some_and(|request| {
                request.status == RequestStatus::Open && self.models.contains(&request.model)
            })
    }

    fn verify_claim(&self, id: B256, claim: &Claim, budget: &mut Budget, todo: &mut Vec<Todo>) {
        let Some(answer) = self.answer(claim.request, todo) else { return };
        if answer.hash == claim.final_hash || self.world.challenges(self.me, claim) {
            return;
        }
        let games = claim.games.iter().filter_map(|game| self.world.games.get(game));
        let attempt = games.filter(|game| game.challenger == self.me).count();
        if attempt >= ATTEMPTS {
            return;
        }
        let task = Task::Open { claim: id };
        let first_move = match self.results.moves.get(&task) {
            Some(Some(first_move)) => first_move.clone(),
            Some(None) => return,
            None => return self.compute(task, todo),
        };
        let deadline = claim.window_end;
        match budget.challenge(&self.prices) {
            Ok(()) => {
                let value = self.prices.challenger_bond.saturating_sub(self.funds.credit);
                let act = Act::Challenge { claim: id, attempt, first_move, value, deadline };
                todo.push(Todo::Act(act));
            }
            Err(why) => todo.push(Todo::Denied { kind: "challenge", about: id, why }),
        }
    }
}
