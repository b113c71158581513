//! Deciding: from what is known to what is computed and sent.

use std::collections::HashSet;

use alloy_primitives::B256;
use opml_core::game::{Position, Side};
use opml_core::graph::{Request, initial_state};
use opml_vm::keccak::FastKeccak;

use super::driver::Driver;
use crate::duties::{Todo, View};
use crate::jobs::{Job, Rank, Seat, Task, Work};
use crate::models::Library;
use crate::policy::{Budget, Denied, Means};
use crate::sender::{Command, Tick};
use crate::state::{self, RequestStatus, Stage, World};

/// Models that are held, by what may be done with them.
#[derive(Debug, Default)]
struct Models {
    computed: HashSet<B256>,
    served: HashSet<B256>,
}

impl Driver {
    /// Does what there is to do at this look at the chain, whose last block is of `block_time`.
    pub(super) fn decide(&mut self, (tick, block_time): (Tick, u64), means: &Means) {
        let models = self.models();
        self.knowledge.wait();
        self.check_starts(&models);
        let view = View {
            world: self.follower.world(),
            me: self.account,
            now: tick.now,
            block_time,
            roles: self.roles,
            policy: &self.policy,
            prices: self.prices,
            gas_price: means.gas_price,
            funds: means.funds,
            exposure: means.exposure,
            models: &models.computed,
            served: &models.served,
            results: &self.knowledge.results,
            activations: self.care.activations(),
        };
        let (mut wanted, mut alarms) = (Vec::new(), Vec::new());
        for todo in view.todo(Budget::new(&self.policy, means)) {
            match todo {
                Todo::Compute { task, rank } => wanted.push((rank, task)),
                Todo::Act(act) => {
                    let intent = act.intent(&self.addresses);
                    let credit = act.credit(&self.prices);
                    if self.under_way.insert(&intent, credit, tick) {
                        // The sender is gone only when the node stops.
                        let _ = self.channels.commands.send(Command::Submit { intent, tick });
                    }
                }
                Todo::Denied { kind, about, why } => {
                    if self.knowledge.denied.insert((kind, about)) {
                        tell_denied(kind, about, why);
                    }
                }
                Todo::Alarm(alarm) => alarms.push(alarm),
            }
        }
        self.knowledge.alarms = alarms;
        self.compute(wanted);
    }

    /// Compares the hub's first state with what the bytes make, for requests that could be accepted: a bond
    /// goes in before anything is computed.
    fn check_starts(&mut self, models: &Models) {
        if !self.policy.accept || !self.roles.server {
            return;
        }
        let world = self.follower.world();
        for (id, request) in &world.requests {
            let wanted =
                request.status == RequestStatus::Open && models.served.contains(&request.model);
            if wanted && !self.knowledge.results.starts.contains_key(id) {
                let right =
                    world.models.get(&request.model).is_some_and(|model| starts(model, request));
                self.knowledge.results.starts.insert(*id, right);
            }
        }
    }

    /// Models of which there is a bundle here.
    fn models(&mut self) -> Models {
        let (world, library) = (self.follower.world(), &mut self.library);
        let mut models = Models::default();
        for (id, model) in &world.models {
            let uses = library.usable(*id, model);
            if uses.compute {
                models.computed.insert(*id);
            }
            if uses.serve {
                models.served.insert(*id);
            }
        }
        for (model, refusal) in library.take_refused() {
            tracing::error!(%model, %refusal, "this model is not served");
        }
        models
    }

    fn compute(&mut self, wanted: Vec<(Rank, Task)>) {
        let (world, library) = (self.follower.world(), &mut self.library);
        self.pool.schedule(wanted, |task| job(world, library, task));
    }
}

/// The job of a task, as far as the state has what it is about.
fn job(world: &World, library: &mut Library, task: Task) -> Option<Job> {
    let (id, work) = work(world, task)?;
    let request = world.requests.get(&id)?;
    let registered = world.models.get(&request.model)?;
    let model = library.model(request.model, registered)?;
    let work = match work {
        Some(work) => work,
        None => opening(world, task, request.start, model.record.stepsLog2)?,
    };
    let (start, bytes) = (request.start, request.bytes.clone());
    Some(Job { task, request: id, start, bytes, model, work })
}

/// The request that a task is about, and the work; none of that if it is to open a game.
fn work(world: &World, task: Task) -> Option<(B256, Option<Work>)> {
    match task {
        Task::Answer { request } => Some((request, Some(Work::Answer))),
        Task::Open { claim } => Some((world.claims.get(&claim)?.request, None)),
        Task::Reply { game: id, .. } => {
            let game = world.games.get(&id)?;
            let Stage::Turn { position, .. } = &game.stage else { return None };
            let position = position.clone();
            let seat = Seat { side: position.on_turn(), position, game: Some(id) };
            let request = world.claim_of(game)?.request;
            Some((request, Some(Work::Move(Box::new(seat)))))
        }
    }
}

fn opening(world: &World, task: Task, start: B256, steps_log2: u8) -> Option<Work> {
    let Task::Open { claim } = task else { return None };
    let end = world.claims.get(&claim)?.final_hash;
    let position = Position::claim(steps_log2, start, end).ok()?;
    let seat = Seat { position, side: Side::Challenger, game: None };
    Some(Work::Move(Box::new(seat)))
}

/// Whether the bytes of a request make the first state that the hub says.
fn starts(model: &state::Model, request: &state::Request) -> bool {
    Request::decode(&request.bytes).is_ok_and(|decoded| {
        let start = initial_state::<FastKeccak>(&model.record.weightsRoot, &decoded);
        start.hash::<FastKeccak>() == request.start
    })
}

/// Whoever asks for less than it costs is no news.
fn tell_denied(kind: &str, about: B256, why: Denied) {
    if why == Denied::Fee {
        tracing::debug!(kind, %about, ?why, "left undone");
    } else {
        tracing::warn!(kind, %about, ?why, "left undone");
    }
}
