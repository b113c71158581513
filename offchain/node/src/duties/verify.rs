//! Recomputing claims, and disputing wrong ones.

use alloy_primitives::B256;

use super::{ATTEMPTS, Pass, View};
use crate::alarm::Alarm;
use crate::intent::Act;
use crate::jobs::{Rank, Task};
use crate::state::{Claim, ClaimStatus, RequestStatus};

/// A claim in this account's own name that looks wrong is disputed in the last part of its window, one in so
/// many: a loss to oneself is less of a loss than one to others.
const OWN_SHARE: u64 = 4;

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
        claim.status == ClaimStatus::Live
            && self.block_time < claim.window_end
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
        if claim.server == self.me {
            pass.alarm(Alarm::Own { claim: id });
            // What this node computes now is no surer than what it computed then: somebody should look.
            if self.now.saturating_add(self.prices.window / OWN_SHARE) < claim.window_end {
                return;
            }
        }
        let task = Task::Open { claim: id };
        let first_move = match self.results.moves.get(&task) {
            Some(Some(first_move)) => first_move.clone(),
            // Another end, and nothing to say against it: one of the machines here is wrong.
            Some(None) => return pass.alarm(Alarm::Silent { about: id }),
            None => return self.compute(task, Rank::Move(deadline), pass),
        };
        match pass.budget.challenge(&self.prices) {
            Ok(()) => {
                let value = self.value(self.prices.challenger_bond, pass);
                pass.act(Act::Challenge { claim: id, attempt, first_move, value, deadline });
            }
            Err(why) => pass.deny("challenge", id, why),
        }
    }
}
