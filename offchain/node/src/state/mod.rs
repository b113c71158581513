//! What the contracts' events say of models, requests, claims and games: a pure fold.
//!
//! The order of events is that of the chain. An event about something unknown changes nothing: the
//! follower reads from the deployment's first block on, so only an endpoint that leaves events out can
//! bring that about, and a decision made on too little is refused by the contracts.

mod apply;
mod event;
mod types;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};

pub use event::{Addresses, Event};
pub use types::{
    Acceptance, Claim, ClaimStatus, Game, Model, Order, Request, RequestStatus, Seen, Stage, Stakes,
};

/// The state of all contracts, as far as the events tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// By id.
    pub models: BTreeMap<B256, Model>,
    /// By id.
    pub requests: BTreeMap<B256, Request>,
    /// By id.
    pub claims: BTreeMap<B256, Claim>,
    /// By id.
    pub games: BTreeMap<B256, Game>,
    /// Callbacks that wait for their delivery, by request.
    pub orders: BTreeMap<B256, Order>,
}

impl World {
    /// Claims on a request that are live, first come first.
    pub fn live_claims<'a>(
        &'a self,
        request: &'a Request,
    ) -> impl Iterator<Item = (B256, &'a Claim)> {
        let claims = request.claims.iter().filter_map(|id| Some((*id, self.claims.get(id)?)));
        claims.filter(|(_, claim)| claim.status == ClaimStatus::Live)
    }

    /// Games against a claim whose stakes are not settled.
    pub fn open_games<'a>(&'a self, claim: &'a Claim) -> impl Iterator<Item = (B256, &'a Game)> {
        let games = claim.games.iter().filter_map(|id| Some((*id, self.games.get(id)?)));
        games.filter(|(_, game)| game.stakes == Stakes::Open)
    }

    /// The claim that a game is about.
    pub fn claim_of(&self, game: &Game) -> Option<&Claim> {
        self.claims.get(&game.claim)
    }

    /// Whether an account has an open game against a claim.
    pub fn challenges(&self, account: Address, claim: &Claim) -> bool {
        self.open_games(claim).any(|(_, game)| game.challenger == account)
    }

    /// Whether nothing can come of a request any more.
    fn is_over(&self, request: &Request) -> bool {
        let claims = || request.claims.iter().filter_map(|id| self.claims.get(id));
        request.status != RequestStatus::Open
            && claims().all(|claim| claim.status != ClaimStatus::Live)
            && claims().all(|claim| self.open_games(claim).next().is_none())
    }

    /// Forgets requests of which nothing can come any more, with their claims and games, and requests
    /// without a claim of models that are not `wanted`. What it forgets must lie deeper than any
    /// re-organization. Returns how many requests went.
    pub fn prune(&mut self, wanted: impl Fn(B256, &Model) -> bool) -> usize {
        let strange = |request: &Request| {
            let model = self.models.get(&request.model);
            request.claims.is_empty() && !model.is_some_and(|model| wanted(request.model, model))
        };
        let over = |(id, request): (&B256, &Request)| {
            let over = self.is_over(request) || strange(request);
            (over && !self.orders.contains_key(id)).then_some(*id)
        };
        let over: Vec<B256> = self.requests.iter().filter_map(over).collect();
        for id in &over {
            let request = self.requests.remove(id);
            for claim in request.into_iter().flat_map(|request| request.claims) {
                let claim = self.claims.remove(&claim);
                for game in claim.into_iter().flat_map(|claim| claim.games) {
                    self.games.remove(&game);
                }
            }
        }
        over.len()
    }
}
