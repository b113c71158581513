//! The loop: look at the chain, decide, compute, send.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, U256};
use alloy_provider::Provider;
use opml_client::ClientError;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::care::Care;
use super::knowledge::Knowledge;
use super::tell::{Detail, Status};
use crate::chain::{ChainError, Follower, Funds, Heads, Reader};
use crate::config::{Policy, Roles};
use crate::error::{NodeError, is_refusal};
use crate::jobs::{Finished, JobError, Pool};
use crate::metrics::Metrics;
use crate::models::Library;
use crate::policy::{Exposure, Means, Prices};
use crate::sender::{Command, Outcome, Tick, UnderWay};
use crate::state::{Addresses, World};
use crate::store::Store;

/// A look that takes longer is given up.
const LOOK_LIMIT: Duration = Duration::from_mins(2);

/// With heads by subscription, a look without one comes only after so many pauses.
const SUBSCRIBED: u32 = 10;

/// Blocks that become final between two times that old records are forgotten.
const FORGET_EVERY: u64 = 128;

/// Longest pause between looks while the endpoint is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How the driver hears and is heard.
pub(super) struct Channels {
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) outcomes: mpsc::UnboundedReceiver<Outcome>,
    pub(super) finished: mpsc::UnboundedReceiver<Finished>,
    pub(super) status: watch::Sender<Status>,
    pub(super) detail: watch::Sender<Arc<Detail>>,
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
    pub(super) heads: Heads,
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
    /// Records of blocks before this one are forgotten.
    pub(super) forgotten: u64,
}

impl Driver {
    /// Runs until the token stops it. Only the database can end it earlier.
    pub(super) async fn run(mut self, cancel: CancellationToken) -> Result<(), NodeError> {
        let mut pause = self.poll;
        loop {
            // A connection that waits for its endpoint to come back does not answer at all.
            let looking = tokio::time::timeout(LOOK_LIMIT, self.look());
            let looked = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                looked = looking => looked.unwrap_or(Err(ClientError::Timeout(LOOK_LIMIT).into())),
            };
            match looked {
                Ok(true) => pause = Duration::ZERO,
                Ok(false) if self.heads.is_live() => pause = self.poll * SUBSCRIBED,
                Ok(false) => pause = self.poll,
                // Whatever an endpoint says: what is not understood now is asked again.
                Err(error @ (NodeError::Chain(_) | NodeError::Client(_))) => {
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
                () = self.heads.next() => {}
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
        if !finished.outcome.as_ref().is_err_and(JobError::is_cancelled) {
            let succeeded = finished.outcome.is_ok();
            self.metrics.computed(finished.task.kind(), finished.took, succeeded);
        }
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
        if advance.moved {
            self.moved();
        }
        self.heads.keep(advance.moved).await;
        let Some(head) = self.follower.head() else { return Ok(false) };
        let now = self.reader.now(&head).await?;
        // First: a hub that is not activated answers nothing, and only a renewal mends that.
        self.care.look(&self.reader, self.account, now).await;
        let funds = self.funds().await?;
        let price = self.reader.connection().get_gas_price().await.map_err(ChainError::from)?;
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
        self.library.look();
        self.decide((Tick { block: head.number, now }, head.timestamp), &means);
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
        let base = self.follower.base().map_or(0, |base| base.number);
        if base >= self.forgotten.saturating_add(FORGET_EVERY) {
            self.forgotten = base;
            // The sender is gone only when the node stops.
            let _ = self.channels.commands.send(Command::Forget { before: base });
        }
    }
}
