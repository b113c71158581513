//! What a driver knows beside the chain: results of computations, and what it has said.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use alloy_primitives::B256;
use opml_client::Severity;

use crate::alarm::Alarm;
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
    /// What was not as it should be at the last look.
    pub(super) alarms: Vec<Alarm>,
    /// Computations that have failed since they last succeeded.
    failures: HashMap<Task, Failure>,
    /// Claims that were compared with what was computed.
    compared: HashSet<B256>,
}

/// A computation that has failed.
#[derive(Clone, Copy, Debug)]
struct Failure {
    times: u32,
    /// When it is tried again; never if it would fail in the same way.
    again: Option<Instant>,
}

/// Pause before a computation is tried again; doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

impl Failure {
    /// The next one after `before`.
    fn after(before: Option<Self>, severity: Severity) -> Self {
        let times = before.map_or(0, |failure| failure.times);
        let pause = PAUSE.saturating_mul(1 << times.min(16)).min(LONGEST_PAUSE);
        let again = (severity == Severity::Retry).then(|| Instant::now() + pause);
        Self { times: times.saturating_add(1), again }
    }

    fn waits(&self) -> bool {
        self.again.is_none_or(|again| Instant::now() < again)
    }
}

impl Knowledge {
    /// Looks which failed computations are not tried again yet.
    pub(super) fn wait(&mut self) {
        let waiting = self.failures.iter().filter(|(_, failure)| failure.waits());
        self.results.failed = waiting.map(|(task, _)| *task).collect();
    }

    /// Computations that have failed and not succeeded since.
    pub(super) fn failures(&self) -> usize {
        self.failures.len()
    }

    /// Takes in a result.
    pub(super) fn learn(&mut self, finished: Finished) {
        let Finished { task, outcome, took } = finished;
        if outcome.is_ok() {
            self.failures.remove(&task);
        }
        match (outcome, task) {
            (Ok(Computed::Answer(answer)), Task::Answer { request }) => {
                tracing::info!(%request, ?took, failed = answer.failed(), "computed");
                if answer.output.is_none() {
                    tracing::error!(%request, "its result cannot be claimed");
                }
                self.results.answers.insert(request, *answer);
            }
            (Ok(Computed::Move(data)), task) => {
                tracing::info!(?task, ?took, moves = data.is_some(), "decided");
                self.results.moves.insert(task, data);
            }
            (Ok(Computed::Answer(_)), _) => {}
            (Err(error), task) if error.is_cancelled() => {
                tracing::info!(?task, ?took, "stopped");
            }
            (Err(error), task) => {
                tracing::error!(?task, %error, "not computed");
                let failure = Failure::after(self.failures.get(&task).copied(), error.severity());
                self.failures.insert(task, failure);
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
        self.results.starts.retain(|request, _| world.requests.contains_key(request));
        self.failures.retain(|task, _| is_about(world, task));
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
