//! Answering requests.

use alloy_primitives::{B256, U256};

use opml_core::game::Side;

use super::{ATTEMPTS, Pass, View};
use crate::intent::{Act, ClaimedResult};
use crate::jobs::{Rank, Task};
use crate::policy::Denied;
use crate::state::{Claim, ClaimStatus, Request, RequestStatus};

/// A fee, in hundredths of a percent.
const WHOLE: u16 = 10_000;

impl View<'_> {
    /// What this account has accepted comes first: its bonds must fit before others are put in.
    pub(super) fn serve(&self, pass: &mut Pass) {
        let served = || self.world.requests.iter().filter(|(_, request)| self.may_serve(request));
        let mut held = 0;
        for (id, request) in served().filter(|(_, request)| request.accepted.is_some()) {
            self.serve_request(*id, request, pass);
            if !self.results.answers.contains_key(id) {
                held += 1;
                // Kept for its claim: what is left is for others.
                let _ = pass.budget.claim(&self.prices);
            }
        }
        for (id, request) in served().filter(|(_, request)| request.accepted.is_none()) {
            if !self.pays(request) {
                pass.deny("claim", *id, Denied::Fee);
                continue;
            }
            if held < self.policy.max_accepted && self.accept(*id, request, pass) {
                held += 1;
            }
            self.serve_request(*id, request, pass);
        }
    }

    /// Takes a request, if a claim could still follow; whether it did.
    fn accept(&self, id: B256, request: &Request, pass: &mut Pass) -> bool {
        let wanted = self.policy.accept
            && self.results.starts.get(&id) == Some(&true)
            && request.claims.is_empty()
            && self.now < request.deadline
            && !self.results.failed.contains(&Task::Answer { request: id });
        if !wanted {
            return false;
        }
        if let Err(why) = pass.budget.accept(&self.prices) {
            pass.deny("accept", id, why);
            return false;
        }
        // Once a request: the intent's name sees to it.
        let value = self.value(self.prices.accept_bond, pass);
        pass.act(Act::Accept { request: id, value });
        true
    }

    fn may_serve(&self, request: &Request) -> bool {
        let taken = request
            .accepted
            .is_some_and(|accepted| accepted.server != self.me && self.now < accepted.until);
        request.status == RequestStatus::Open
            && !taken
            && self.served.contains(&request.model)
            && U256::from(request.fee) >= self.policy.min_fee.0
    }

    /// Whether the fee covers the gas of a claim and its end, also if the trace ends in a failed state:
    /// otherwise answering costs more than it brings, and anybody can ask.
    fn pays(&self, request: &Request) -> bool {
        let share = U256::from(self.prices.failed_share.min(WHOLE));
        let least = U256::from(request.fee).saturating_mul(share) / U256::from(WHOLE);
        least >= self.gas_price.saturating_mul(U256::from(self.policy.claim_gas))
    }

    /// Claims on a request that say what this node computed.
    fn same<'b>(&'b self, request: &'b Request, hash: B256) -> impl Iterator<Item = &'b Claim> {
        let claims = request.claims.iter().filter_map(|id| self.world.claims.get(id));
        claims.filter(move |claim| claim.final_hash == hash)
    }

    /// Whether the answer needs no claim of ours: it has one, or somebody else's stands well.
    ///
    /// Another's is not relied on if it is not defended, or if one like it was given up before: a copyist
    /// that loses on purpose would keep a silent server out. What a claim behind it costs is a bond for a
    /// while: it is released when the first one is final.
    fn is_claimed(&self, request: &Request, hash: B256) -> bool {
        let live = |claim: &&Claim| claim.status == ClaimStatus::Live;
        if self.same(request, hash).filter(live).any(|claim| claim.server == self.me) {
            return true;
        }
        let given_up = self.same(request, hash).any(|claim| claim.status == ClaimStatus::Void);
        let undefended = |claim: &Claim| {
            let mut games = self.world.open_games(claim);
            games.any(|(_, game)| game.turn().is_some_and(|(side, _)| side == Side::Server))
        };
        let stands = self.same(request, hash).filter(live).any(|claim| !undefended(claim));
        stands && !given_up
    }

    /// Claims of ours on a request, counted by what they say: others may have made some in our name.
    fn attempts(&self, request: &Request, hash: B256) -> usize {
        self.same(request, hash).filter(|claim| claim.server == self.me).count()
    }

    fn serve_request(&self, id: B256, request: &Request, pass: &mut Pass) {
        let Some(answer) = self.answer(id, Rank::Serve(request.deadline), pass) else { return };
        // What cannot be claimed was told when it was computed.
        let Some(output) = &answer.output else { return };
        let attempt = self.attempts(request, answer.hash);
        if self.is_claimed(request, answer.hash) || attempt >= ATTEMPTS {
            return;
        }
        match pass.budget.claim(&self.prices) {
            Ok(()) => {
                let value = self.value(self.prices.claim(), pass);
                let result = Box::new(ClaimedResult::of(answer, output));
                pass.act(Act::Claim { request: id, attempt, result, value });
            }
            Err(why) => pass.deny("claim", id, why),
        }
    }
}
