//! Models and requests: docs/spec.md, 10.2 to 10.4.

use alloy_primitives::{Address, B256};

use super::call::{Refused, Rules};
use super::records::{Acceptance, Model, Request, RequestStatus};
use super::words::{address, id, number};
use super::{Moment, Spec};
use crate::machine::graph::{GraphState, decode_request, first_memory, request_root};

impl Spec {
    /// Id of a model, with the hash of its URI.
    pub fn model_id(&self, model: &Model, uri: B256) -> B256 {
        let words = [
            number(self.terms.chain_id),
            address(self.terms.hub),
            address(model.owner),
            model.program.root(),
            model.weights,
            model.image,
            number(model.output.0),
            number(model.output.1),
            number(model.steps_log2),
            number(model.max_input),
            number(model.fee),
            number(model.iteration_fee),
            number(model.max_iterations),
            uri,
        ];
        id("opml.model.v1", &words)
    }

    /// Fee and work burn of a request for so many iterations.
    pub fn price(&self, model: &Model, iterations: u32) -> (u128, u128) {
        let fee = model.fee + model.iteration_fee * u128::from(iterations);
        (fee, self.terms.burn_per_step << model.steps_log2)
    }

    /// Where the next request of an account goes.
    pub fn next_request(&self, requester: Address, model: B256, bytes: &[u8]) -> B256 {
        let nonce = self.nonces.get(&requester).copied().unwrap_or_default();
        let words = [
            number(self.terms.chain_id),
            address(self.terms.hub),
            address(requester),
            number(nonce),
            model,
            request_root(bytes),
        ];
        id("opml.request.v1", &words)
    }

    pub(super) fn retire(&mut self, from: Address, model: B256) -> Result<(), Refused> {
        let model = self.models.get_mut(&model).ok_or(Refused::by("UnknownModel"))?;
        Rules::default()
            .must(model.owner == from, "NotModelOwner")
            .must(!model.retired, "ModelIsRetired")
            .judge()?;
        model.retired = true;
        Ok(())
    }

    pub(super) fn infer(
        &mut self,
        moment: Moment,
        from: Address,
        (model_id, bytes): (B256, &[u8]),
    ) -> Result<(), Refused> {
        let model = self.models.get(&model_id).ok_or(Refused::by("UnknownModel"))?.clone();
        let mut rules = Rules::default();
        let needed = self.terms.runway() + self.terms.patience;
        rules.must(!model.retired, "ModelIsRetired");
        rules.must(moment.activation >= needed, "ActivationLapsing");
        let Some((input, asked)) = decode_request(bytes) else {
            rules.must(false, "BadRequest").must(false, "InputTooLong");
            return rules.judge();
        };
        let iterations = if asked == 0 { model.max_iterations } else { asked };
        rules
            .must(input <= model.max_input, "InputTooLong")
            .must(iterations <= model.max_iterations, "TooManyIterations");
        let price = self.price(&model, iterations);
        rules.must(self.credit_of(from) >= price.0 + price.1, "InsufficientFunds").judge()?;
        self.charge(from, price.0 + price.1)?;
        let id = self.next_request(from, model_id, bytes);
        *self.nonces.entry(from).or_default() += 1;
        let memory = first_memory(model.weights, bytes);
        let request = Request {
            model: model_id,
            bytes: bytes.to_vec(),
            start: GraphState::start(memory.root()).hash(),
            requester: from,
            status: RequestStatus::Open,
            deadline: moment.now + self.terms.patience,
            attempts: 0,
            live: Vec::new(),
            final_claim: None,
            iterations,
            acceptance: (Address::ZERO, Acceptance::None, 0),
            price,
        };
        self.requests.insert(id, request);
        self.arrivals[0].push(id);
        Ok(())
    }

    pub(super) fn request(&self, id: B256) -> Result<&Request, Refused> {
        self.requests.get(&id).ok_or(Refused::by("UnknownRequest"))
    }

    pub(super) fn accept(
        &mut self,
        moment: Moment,
        from: Address,
        id: B256,
    ) -> Result<(), Refused> {
        let request = self.request(id)?;
        let until = moment.now + self.terms.exclusivity;
        let activation = self.terms.runway() + self.terms.exclusivity;
        Rules::default()
            .must(request.status == RequestStatus::Open, "RequestClosed")
            .must(request.attempts == 0, "HasClaims")
            .must(request.acceptance.1 == Acceptance::None, "AlreadyAccepted")
            .must(until <= request.deadline, "TooLateToAccept")
            .must(moment.activation >= activation, "ActivationLapsing")
            .must(self.credit_of(from) >= self.terms.accept_bond, "InsufficientFunds")
            .judge()?;
        self.charge(from, self.terms.accept_bond)?;
        self.set_acceptance(id, (from, Acceptance::Held, until));
        Ok(())
    }

    fn set_acceptance(&mut self, id: B256, acceptance: (Address, Acceptance, u64)) {
        if let Some(request) = self.requests.get_mut(&id) {
            request.acceptance = acceptance;
        }
    }

    /// Burns the bond of an acceptance that is held.
    pub(super) fn burn_acceptance(&mut self, id: B256) -> Result<(), Refused> {
        let (server, status, until) = self.request(id)?.acceptance;
        if status == Acceptance::Held {
            self.burned += self.terms.accept_bond;
            self.set_acceptance(id, (server, Acceptance::Burned, until));
        }
        Ok(())
    }

    /// Gives the bond of an acceptance back.
    pub(super) fn return_acceptance(&mut self, id: B256) -> Result<(), Refused> {
        let (server, _, until) = self.request(id)?.acceptance;
        self.credit(server, self.terms.accept_bond);
        self.set_acceptance(id, (server, Acceptance::Returned, until));
        Ok(())
    }

    fn refund(&mut self, id: B256) -> Result<(), Refused> {
        self.burn_acceptance(id)?;
        let request = self.request(id)?;
        let (requester, (fee, burn)) = (request.requester, request.price);
        self.credit(requester, fee + burn);
        if let Some(request) = self.requests.get_mut(&id) {
            request.status = RequestStatus::Refunded;
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self, now: u64, from: Address, id: B256) -> Result<(), Refused> {
        let request = self.request(id)?;
        let (_, status, until) = request.acceptance;
        Rules::default()
            .must(request.requester == from, "NotRequester")
            .must(request.status == RequestStatus::Open, "RequestClosed")
            .must(request.attempts == 0, "HasClaims")
            .must(status != Acceptance::Held || now >= until, "ExclusiveTo")
            .judge()?;
        self.refund(id)
    }

    pub(super) fn reclaim(&mut self, now: u64, id: B256) -> Result<(), Refused> {
        let request = self.request(id)?;
        Rules::default()
            .must(request.status == RequestStatus::Open, "RequestClosed")
            .must(now >= request.deadline, "DeadlineNotReached")
            .must(request.live.is_empty(), "ClaimLive")
            .judge()?;
        self.refund(id)
    }
}
