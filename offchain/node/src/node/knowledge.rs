//! What a driver knows beside the chain: results of computations, and what it has said.

use std::collections::HashSet;

use alloy_primitives::B256;

use crate::duties::Results;
use crate::jobs::{Computed, Finished, Task};
use crate::metrics::Metrics;
use crate::state::World;

/// What a driver knows beside the chain.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// What was computed.
    pub(super) results: Results,
    /// What was left undone for what it would cost, by kind and request or claim.
    pub(super) denied: HashSet<(&'static str, B256)>,
    /// Claims that were compared with what was computed.
    compared: HashSet<B256>,
}

impl Knowledge {
    /// Takes in a result.
    pub(super) fn learn(&mut self, finished: Finished) {
        let Finished { task, outcome, took } = finished;
        match (outcome, task) {
            (Ok(Computed::Answer(answer)), Task::Answer { request }) => {
                tracing::info!(%request, ?took, failed = answer.failed(), "computed");
                self.results.answers.insert(request, *answer);
            }
            (Ok(Computed::Move(data)), task) => {
                tracing::info!(?task, ?took, moves = data.is_some(), "decided");
                self.results.moves.insert(task, data);
            }
            (Ok(Computed::Answer(_)), _) => {}
            (Err(error), task) => {
                tracing::error!(?task, %error, "not computed");
                self.results.failed.insert(task);
            }
        }
    }

    /// Counts claims whose result is known here by now.
    pub(super) fn compare(&mut self, world: &World, metrics: &Metrics) {
        for (id, claim) in &world.claims {
            if let Some(answer) = self.results.answers.get(&claim.request)
                && self.compared.insert(*id)
            {
                metrics.compared(answer.hash == claim.final_hash);
            }
        }
    }

    /// Forgets what is about nothing that is left in the state.
    pub(super) fn prune(&mut self, world: &World) {
        self.results.answers.retain(|request, _| world.requests.contains_key(request));
        self.results.moves.retain(|task, _| is_about(world, task));
        self.results.failed.retain(|task| is_about(world, task));
        self.compared.retain(|claim| world.claims.contains_key(claim));
        self.denied.retain(|(_, about)| {
            world.requests.contains_key(about) || world.claims.contains_key(about)
        });
    }
}

fn is_about(world: &World, task: &Task) -> bool {
    match task {
        Task::Answer { request } => world.requests.contains_key(request),
        Task::Open { claim } => world.claims.contains_key(claim),
        Task::Reply { game, .. } => world.games.contains_key(game),
    }
}
