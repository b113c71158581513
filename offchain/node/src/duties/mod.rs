//! What there is to do: pure decisions from the state of the contracts, the time and what was computed.

mod play;
mod serve;
mod settle;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::{HashMap, HashSet};

use alloy_primitives::{Address, B256, Bytes, U256};

use crate::alarm::Alarm;
use crate::chain::Activation;
use crate::config::{Policy, Roles};
use crate::intent::Act;
use crate::jobs::{Answer, Rank, Task};
use crate::policy::{Budget, Denied, Exposure, Prices};
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
    /// Computations that have failed, and are not tried again now.
    pub failed: HashSet<Task>,
    /// Whether the hub's first state of a request is what its bytes make, where that was looked at.
    pub starts: HashMap<B256, bool>,
}

/// What decisions are made from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The contracts' state.
    pub world: &'a World,
    /// Whose duties.
    pub me: Address,
    /// The present second, as far as can be told: what must not be done before its time waits for it.
    pub now: u64,
    /// Timestamp of the last block: what was not too late then may still be in time, whatever a clock here
    /// says.
    pub block_time: u64,
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
    /// What it has at stake.
    pub exposure: Exposure,
    /// Models whose results can be computed here.
    pub models: &'a HashSet<B256>,
    /// Those of them behind whose results bonds are put.
    pub served: &'a HashSet<B256>,
    /// What was computed so far.
    pub results: &'a Results,
    /// How long the contracts stay activated, as far as it is known.
    pub activations: &'a [Activation],
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// Compute this.
    Compute {
        /// What.
        task: Task,
        /// How soon.
        rank: Rank,
    },
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
    /// This is not as it should be.
    Alarm(Alarm),
}

/// One look at all duties: what may still be put at stake, and what there is to do so far.
struct Pass {
    budget: Budget,
    /// Wei of credit that its acts count on.
    promised: U256,
    todo: Vec<Todo>,
}

impl Pass {
    fn act(&mut self, act: Act) {
        self.todo.push(Todo::Act(act));
    }

    fn alarm(&mut self, alarm: Alarm) {
        self.todo.push(Todo::Alarm(alarm));
    }

    fn deny(&mut self, kind: &'static str, about: B256, why: Denied) {
        self.todo.push(Todo::Denied { kind, about, why });
    }
}

impl View<'_> {
    /// All that there is to do, within a budget. Pure: the same view gives the same list.
    pub fn todo(&self, budget: Budget) -> Vec<Todo> {
        let mut pass = Pass { budget, promised: U256::ZERO, todo: Vec::new() };
        if self.roles.plays() {
            self.play(&mut pass);
        }
        if self.roles.verifier {
            self.verify(&mut pass);
        }
        if self.roles.server {
            self.serve(&mut pass);
        }
        if self.roles.settler || self.roles.plays() {
            self.settle(&mut pass);
        }
        pass.todo
    }

    /// Credit that no open game of this account needs for its stake, and nothing that is sent counts on.
    const fn free_credit(&self, pass: &Pass) -> U256 {
        self.exposure.free(self.funds.credit).saturating_sub(pass.promised)
    }

    /// Wei to send with what needs so many: the hub takes the rest from the credit. Several may be sent at once, and no
    /// credit pays two of them.
    fn value(&self, needed: U256, pass: &mut Pass) -> U256 {
        let credit = needed.min(self.free_credit(pass));
        pass.promised = pass.promised.saturating_add(credit);
        needed - credit
    }

    /// The result of a request; asks for it if it is not there yet.
    fn answer(&self, request: B256, rank: Rank, pass: &mut Pass) -> Option<&Answer> {
        let answer = self.results.answers.get(&request);
        if answer.is_none() {
            self.compute(Task::Answer { request }, rank, pass);
        }
        answer
    }

    fn compute(&self, task: Task, rank: Rank, pass: &mut Pass) {
        if !self.results.failed.contains(&task) {
            pass.todo.push(Todo::Compute { task, rank });
        }
    }
}
