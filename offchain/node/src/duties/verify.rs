//! Recomputing claims, and disputing wrong ones.

use alloy_primitives::B256;

use super::{ATTEMPTS, Pass, View};
use crate::intent::Act;
use crate::jobs::{Rank, Task};
use crate::state::{Claim, ClaimStatus, RequestStatus};

impl View<'_> {
    /// The budget goes to the windows that end first: ids can be chosen by who would use it up.
    pub(super) fn verify(&self, pass: &mut Pass) {
        let claims = self.world.claims.iter().filter(|(_, claim)| self.may_verify(claim));
        let mut claims: Vec<_> = claims.collect();
        claims.sort_by_key(|(id, claim)| (claim.window_end, **id));
        for (id, claim) in claims {
            self.verify_claim(*id, claim, pass);
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

    fn verify_claim(&self, id: B256, claim: &Claim, pass: &mut Pass) {
        let deadline = claim.window_end;
        let Some(answer) = self.answer(claim.request, Rank::Check(deadline), pass) else { return };
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
            None => return self.compute(task, Rank::Move(deadline), pass),
        };
        match pass.budget.challenge(&self.prices) {
            Ok(()) => {
                let value = self.prices.challenger_bond.saturating_sub(self.free_credit());
                pass.act(Act::Challenge { claim: id, attempt, first_move, value, deadline });
            }
            Err(why) => pass.deny("challenge", id, why),
        }
    }
}
