//! The loop: look at the chain, decide, compute, send.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, B256, U256};
use alloy_provider::Provider;
use opml_core::game::{Position, Side};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::care::{Care, Seen};
use super::knowledge::Knowledge;
use crate::chain::{ChainError, Follower, Funds, Head, Reader};
use crate::config::{Policy, Roles};
use crate::duties::{Todo, View};
use crate::error::{NodeError, is_refusal};
use crate::jobs::{Finished, Job, Pool, Rank, Seat, Task, Work};
use crate::metrics::Metrics;
use crate::models::Library;
use crate::policy::{Budget, Exposure, Means, Prices};
use crate::sender::{Command, Outcome, Tick, UnderWay};
use crate::state::{Addresses, Stage, Stakes, World};
use crate::store::Store;

/// Longest pause between looks while the endpoint is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What a node is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// It has read the chain to its head.
    pub ready: bool,
    /// Number of the last block read.
    pub block: u64,
    /// The present second.
    pub now: u64,
    /// What the account has.
    pub funds: Funds,
    /// What is at stake.
    pub exposure: Exposure,
    /// Wei of gas on the present day.
    pub gas_today: U256,
    /// Computations that wait or run.
    pub computing: usize,
    /// Intents that are handed over and not settled.
    pub sending: usize,
}

/// How the driver hears and is heard.
pub(super) struct Channels {
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) outcomes: mpsc::UnboundedReceiver<Outcome>,
    pub(super) finished: mpsc::UnboundedReceiver<Finished>,
    pub(super) status: watch::Sender<Status>,
    /// None if nobody looks.
    pub(super) world: Option<watch::Sender<Arc<World>>>,
}

/// The loop's state.
pub(super) struct Driver {
    pub(super) account: Address,
    pub(super) roles: Roles,
    pub(super) policy: Policy,
    pub(super) prices: Prices,
    pub(super) addresses: Addresses,
    pub(super) poll: Duration,
    pub(super) reader: Reader,
    pub(super) follower: Follower,
    pub(super) library: Library,
    pub(super) knowledge: Knowledge,
    pub(super) pool: Pool,
    pub(super) store: Arc<Store>,
    pub(super) under_way: UnderWay,
    pub(super) channels: Channels,
    pub(super) metrics: Arc<Metrics>,
    pub(super) care: Care,
    /// Credit that was seen last.
    pub(super) credit: U256,
}

impl Driver {
    /// Runs until the token stops it. Only the database can end it earlier.
    pub(super) async fn run(mut self, cancel: CancellationToken) -> Result<(), NodeError> {
        let mut pause = self.poll;
        loop {
            match self.look().await {
                Ok(true) => pause = Duration::ZERO,
                Ok(false) => pause = self.poll,
                // Whatever an endpoint says: what is not understood now is asked again.
                Err(NodeError::Chain(error)) => {
                    tracing::warn!(%error, "the chain cannot be read now");
                    self.metrics.rpc_failed();
                    self.channels.status.send_modify(|status| status.ready = false);
                    pause = (2 * pause).clamp(self.poll, LONGEST_PAUSE);
                }
                Err(error) => return Err(error),
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                Some(finished) = self.channels.finished.recv() => self.finished(finished),
                Some(outcome) = self.channels.outcomes.recv() => self.settled(&outcome),
                () = tokio::time::sleep(pause) => {}
            }
            while let Ok(finished) = self.channels.finished.try_recv() {
                self.finished(finished);
            }
            while let Ok(outcome) = self.channels.outcomes.try_recv() {
                self.settled(&outcome);
            }
        }
    }

    fn finished(&mut self, finished: Finished) {
        self.pool.done(&finished.task);
        let succeeded = finished.outcome.is_ok();
        self.metrics.computed(finished.task.kind(), finished.took, succeeded);
        self.knowledge.learn(finished);
    }

    fn settled(&self, outcome: &Outcome) {
        tracing::info!(intent = %outcome.key, kind = outcome.kind, "settled");
        tracing::debug!(state = ?outcome.state);
        self.metrics.settled(outcome);
    }

    /// Reads on, and acts if it has read everything. Whether there is more to read at once.
    async fn look(&mut self) -> Result<bool, NodeError> {
        let (advance, more) = self.follower.advance(&self.reader).await?;
        if advance.reorganized {
            tracing::warn!(head = ?self.follower.head(), "blocks were taken back");
            self.metrics.reorganized();
            // The sender is gone only when the node stops.
            let _ = self.channels.commands.send(Command::Reorganized);
        }
        if more {
            return Ok(true);
        }
        let Some(head) = self.follower.head() else { return Ok(false) };
        let now = self.reader.now(&head).await?;
        // First: a hub that is not activated answers nothing, and only a renewal mends that.
        self.care.look(&self.reader, self.account, now).await;
        let funds = self.funds().await?;
        let price = self.reader.connection().get_gas_price().await.map_err(ChainError::from)?;
        if advance.moved {
            self.moved();
        }
        let world = self.follower.world();
        let pending = self.under_way.pending();
        let exposure = Exposure::of(world, self.account, &self.prices);
        let means = Means {
            funds,
            exposure: exposure.with(&pending, &self.prices),
            pending: pending.wei,
            gas_price: U256::from(price),
            gas_today: self.store.gas_on_day_of(now)?,
        };
        self.decide(Tick { block: head.number, now }, &means);
        self.tell(head, now, &Means { exposure, ..means });
        Ok(false)
    }

    /// What the account has; with a hub that refuses to say so, the credit that was known last.
    async fn funds(&mut self) -> Result<Funds, ChainError> {
        let balance = self.reader.balance(self.account).await?;
        match self.reader.credit(self.account).await {
            Ok(credit) => self.credit = credit,
            Err(ChainError::Client(error)) if is_refusal(&error) => {
                tracing::warn!("the hub does not answer: its activation may have ended");
                self.care.hasten();
            }
            Err(error) => return Err(error),
        }
        Ok(Funds { balance, credit: self.credit })
    }

    /// The state is that of another block.
    fn moved(&mut self) {
        let world = self.follower.world();
        self.knowledge.prune(world);
        self.metrics.world(world);
        if let Some(shown) = &self.channels.world {
            shown.send_replace(Arc::new(world.clone()));
        }
    }

    /// Lets everybody know who looks.
    fn tell(&mut self, head: Head, now: u64, means: &Means) {
        let world = self.follower.world();
        self.knowledge.compare(world, &self.metrics);
        let seen = Seen { world, account: self.account, now };
        let alarms = self.care.alarms(&seen, &self.library, &self.knowledge);
        self.metrics.alarmed(&alarms, least_clock(world, self.account, now));
        for activation in self.care.activations() {
            self.metrics.activation(activation.name, activation.seconds_left);
        }
        let status = Status {
            ready: true,
            block: head.number,
            now,
            funds: means.funds,
            exposure: means.exposure,
            gas_today: means.gas_today,
            computing: self.pool.computing(),
            sending: self.under_way.count(),
        };
        self.metrics.looked(&status, head.timestamp);
        self.channels.status.send_replace(status);
    }

    fn decide(&mut self, tick: Tick, means: &Means) {
        let models = self.models();
        let view = View {
            world: self.follower.world(),
            me: self.account,
            now: tick.now,
            roles: self.roles,
            policy: &self.policy,
            prices: self.prices,
            gas_price: means.gas_price,
            funds: means.funds,
            exposure: means.exposure,
            models: &models,
            results: &self.knowledge.results,
            activations: self.care.activations(),
        };
        let mut wanted = Vec::new();
        for todo in view.todo(Budget::new(&self.policy, means)) {
            match todo {
                Todo::Compute { task, rank } => wanted.push((rank, task)),
                Todo::Act(act) => {
                    let intent = act.intent(&self.addresses);
                    if self.under_way.insert(&intent, tick) {
                        // The sender is gone only when the node stops.
                        let _ = self.channels.commands.send(Command::Submit { intent, tick });
                    }
                }
                Todo::Denied { kind, about, why } => {
                    if self.knowledge.denied.insert((kind, about)) {
                        tracing::warn!(kind, %about, ?why, "left undone");
                    }
                }
            }
        }
        self.compute(wanted);
    }

    /// Models of which there is a bundle here.
    fn models(&mut self) -> HashSet<B256> {
        let (world, library) = (self.follower.world(), &mut self.library);
        let models = world.models.iter();
        let found = models.filter(|(id, model)| library.model(**id, model).is_some());
        let found = found.map(|(id, _)| *id).collect();
        for (model, refusal) in library.take_refused() {
            tracing::error!(%model, %refusal, "this model is not served");
        }
        found
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
    Some(Job { task, request: id, bytes: request.bytes.clone(), model, work })
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

/// Least seconds left of an account in games that wait for it.
fn least_clock(world: &World, account: Address, now: u64) -> Option<u64> {
    let open = world.games.values().filter(|game| game.stakes == Stakes::Open);
    let waiting = open.filter_map(|game| {
        let (side, deadline) = game.turn()?;
        (game.account(side) == account).then(|| deadline.saturating_sub(now))
    });
    waiting.min()
}
