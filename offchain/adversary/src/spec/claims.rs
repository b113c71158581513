//! Claims: docs/spec.md, 10.3 and 10.4.

use alloy_primitives::{Address, B256};

use super::call::{Answer, Refused, Rules};
use super::records::{Acceptance, Claim, ClaimStatus, Request, RequestStatus};
use super::words::{address, id, number};
use super::{Moment, Spec};
use crate::machine::graph::{FAILED, GraphState, RUNNING, is_by_root, proven};

/// Longest output in bytes that is kept as it is.
const KEPT: usize = 1024;

/// Most claims of a request.
const ATTEMPTS: u32 = (1 << 24) - 1;

/// Where a server's next claim on a request goes.
fn next_claim((id_of, request): (B256, &Request), server: Address, last: B256) -> B256 {
    let words = [id_of, address(server), number(request.attempts), request.start, last];
    id("opml.claim.v1", &words)
}

impl Spec {
    pub(super) fn claim(
        &mut self,
        moment: Moment,
        [payer, server]: [Address; 2],
        (request_id, answer): (B256, &Answer),
    ) -> Result<(), Refused> {
        let mut rules = Rules::default();
        let is_allowed = payer == server || self.allowed.contains(&(server, payer));
        rules.must(is_allowed, "PayerNotAllowed");
        let Some(request) = self.requests.get(&request_id).cloned() else {
            rules.must(false, "UnknownRequest");
            return rules.judge();
        };
        let (acceptor, held, until) = request.acceptance;
        let is_exclusive = held == Acceptance::Held && moment.now < until;
        // What comes back by a call can pay for it.
        let comes_back = is_exclusive && acceptor == server && server == payer;
        let returned = if comes_back { self.terms.accept_bond } else { 0 };
        rules
            .must(request.status == RequestStatus::Open, "RequestClosed")
            .must(request.attempts < ATTEMPTS, "HasClaims")
            .must(!is_exclusive || acceptor == server, "ExclusiveTo")
            .must(moment.activation >= self.terms.runway(), "ActivationLapsing")
            .must(self.credit_of(payer) + returned >= self.terms.server_bond, "InsufficientFunds");
        let model = &self.models[&request.model];
        let Some(state) = GraphState::decode(&answer.state) else {
            rules.must(false, "BadState");
            return rules.judge();
        };
        // What is kept as it is has to be shown as it is.
        let shown =
            proven(&state, model.output, &answer.output, &answer.path).filter(|(length, _)| {
                *length > KEPT || !is_by_root(&state, &answer.output, &answer.path)
            });
        let (length, output_root) = shown.unwrap_or_default();
        let last = state.hash();
        let is_twin = |id: &&B256| {
            let claim = &self.claims[*id];
            claim.server == server && claim.last == last
        };
        rules
            .must(state.status != RUNNING, "StateRunning")
            .must(shown.is_some(), "OutputNotProven")
            .must(!request.live.iter().any(|id| is_twin(&id)), "DuplicateClaim")
            .judge()?;
        if is_exclusive {
            self.return_acceptance(request_id)?;
        } else {
            self.burn_acceptance(request_id)?;
        }
        self.charge(payer, self.terms.server_bond)?;
        let id = next_claim((request_id, &request), server, last);
        let claim = Claim {
            request: request_id,
            last,
            server,
            status: ClaimStatus::Live,
            failed: state.status == FAILED,
            window_end: moment.now + self.terms.window,
            open_games: 0,
            games: 0,
            length,
            output: if length <= KEPT { answer.output.clone() } else { Vec::new() },
            output_root,
        };
        self.claims.insert(id, claim);
        self.arrivals[1].push(id);
        if let Some(request) = self.requests.get_mut(&request_id) {
            request.attempts += 1;
            request.live.push(id);
        }
        Ok(())
    }

    pub(super) fn claim_of(&self, id: B256) -> Result<&Claim, Refused> {
        self.claims.get(&id).ok_or(Refused::by("UnknownClaim"))
    }

    /// Ends a claim and takes it out of its request's list.
    pub(super) fn end_claim(&mut self, id: B256, status: ClaimStatus) {
        let Some(claim) = self.claims.get_mut(&id) else { return };
        claim.status = status;
        if let Some(request) = self.requests.get_mut(&claim.request) {
            request.live.retain(|live| *live != id);
        }
    }

    pub(super) fn finalize(&mut self, now: u64, id: B256) -> Result<(), Refused> {
        let claim = self.claim_of(id)?.clone();
        let request = self.requests[&claim.request].clone();
        Rules::default()
            .must(claim.status == ClaimStatus::Live, "ClaimClosed")
            .must(request.status == RequestStatus::Open, "RequestClosed")
            .must(request.live.first() == Some(&id), "NotFirst")
            .must(now >= claim.window_end, "WindowOpen")
            .must(claim.open_games == 0, "GamesOpen")
            .judge()?;
        let (fee, burn) = request.price;
        let earned = if claim.failed { self.terms.failed_fee(fee) } else { fee };
        self.burned += burn;
        self.credit(claim.server, earned + self.terms.server_bond);
        self.credit(request.requester, fee - earned);
        self.end_claim(id, ClaimStatus::Final);
        if let Some(request) = self.requests.get_mut(&claim.request) {
            request.status = RequestStatus::Final;
            request.final_claim = Some(id);
        }
        Ok(())
    }

    pub(super) fn release(&mut self, id: B256) -> Result<(), Refused> {
        let claim = self.claim_of(id)?.clone();
        let request = &self.requests[&claim.request];
        Rules::default()
            .must(claim.status == ClaimStatus::Live, "ClaimClosed")
            .must(request.status == RequestStatus::Final, "RequestNotFinal")
            .must(claim.open_games == 0, "GamesOpen")
            .judge()?;
        self.credit(claim.server, self.terms.server_bond);
        self.end_claim(id, ClaimStatus::Released);
        Ok(())
    }
}
