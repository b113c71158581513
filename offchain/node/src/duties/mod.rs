//! What there is to do: pure decisions from the state of the contracts, the time and what was computed.

mod play;
mod serve;
mod settle;
mod verify;

use std::collections::{HashMap, HashSet};

use alloy_primitives::{Address, B256, Bytes, U256};

use crate::chain::Activation;
use crate::config::{Policy, Roles};
use crate::intent::Act;
use crate::jobs::{Answer, Task};
use crate::policy::{Budget, Denied, Prices};
use crate::state::World;

/// Most claims on one request, and most games against one claim, that an account makes. Who loses so often
/// while it computes rightly has another problem than the opponent.
const ATTEMPTS: usize = 3;

/// What was computed.
#[derive(Debug, Default)]
pub struct Results {
    /// Results of requests.
    pub answers: HashMap<B256, Answer>,
    /// Moves; none where there is nothing to say.
    pub moves: HashMap<Task, Option<Bytes>>,
    /// Computations that have failed: not tried again.
    pub failed: HashSet<Task>,
}

/// What decisions are made from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The contracts' state.
    pub world: &'a World,
    /// Whose duties.
    pub me: Address,
    /// The present second.
    pub now: u64,
    /// Which duties.
    pub roles: Roles,
    /// Limits.
    pub policy: &'a Policy,
    /// The hub's prices.
    pub prices: Prices,
    /// Wei a gas.
    pub gas_price: U256,
    /// What the account has.
    pub funds: crate::chain::Funds,
    /// Models whose results can be computed here.
    pub models: &'a HashSet<B256>,
    /// What was computed so far.
    pub results: &'a Results,
    /// How long the contracts stay activated, as far as it is known.
    pub activations: &'a [Activation],
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// Compute this.
    Compute(Task),
    /// Do this on the chain.
    Act(Act),
    /// This was to be done, and is not.
    Denied {
        /// In a word.
        kind: &'static str,
        /// Request or claim.
        about: B256,
        /// Why.
        why: Denied,
    },
}

impl View<'_> {
    /// All that there is to do, within a budget. Pure: the same view gives the same list.
    pub fn todo(&self, mut budget: Budget) -> Vec<Todo> {
        let mut todo = Vec::new();
        if self.roles.plays() {
            self.play(&mut todo);
        }
        if self.roles.verifier {
            self.verify(&mut budget, &mut todo);
        }
        if self.roles.server {
            self.serve(&mut budget, &mut todo);
        }
        if self.roles.settler || self.roles.plays() {
            self.settle(&mut todo);
        }
        todo
    }

    /// The result of a request; asks for it if it is not there yet.
    fn answer(&self, request: B256, todo: &mut Vec<Todo>) -> Option<&Answer> {
        let answer = self.results.answers.get(&request);
        if answer.is_none() {
            self.compute(Task::Answer { request }, todo);
        }
        answer
    }

    fn compute(&self, task: Task, todo: &mut Vec<Todo>) {
        if !self.results.failed.contains(&task) {
            todo.push(Todo::Compute(task));
        }
    }
}
