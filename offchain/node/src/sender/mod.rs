//! Sending: each intent is written down before it is signed, and signed before it is sent.
//!
//! They are sent one at a time, but that nothing urgent waits for a block with what is not: a chain may hold
//! transactions back for a day. It is signed with the next nonce, and goes beside what is under way.
//!
//! Before an intent is signed, the chain is asked whether it would still do anything (an estimate of its
//! gas): what is done already, by this process before a crash or by others, is refused there.

mod gap;
mod queue;
mod sending;
mod submit;
#[cfg(test)]
mod tests;
mod under_way;

use alloy_primitives::U256;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use opml_client::ClientError;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::intent::{Intent, Key};
use crate::store::{Mined, Record, State, StoreError};
use queue::Queue;

pub use sending::{Pressed, Sending, Signing};
pub use under_way::UnderWay;

/// What the driver tells the sender.
#[derive(Debug)]
pub enum Command {
    /// Do this, unless it is done or under way. `tick` names the driver's look at the chain: what was
    /// refused is tried again at another one, or after a while.
    Submit {
        /// The intent.
        intent: Intent,
        /// Block number and second.
        tick: Tick,
    },
    /// Blocks were taken back: look whether transactions went with them.
    Reorganized,
    /// Blocks before this one stay: forget what is settled there.
    Forget {
        /// Number of the block.
        before: u64,
    },
}

/// A look at the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Number of the last block.
    pub block: u64,
    /// The present second.
    pub now: u64,
}

/// What the sender tells the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The intent.
    pub key: Key,
    /// What it does, in a word.
    pub kind: String,
    /// How far it is.
    pub state: State,
    /// Wei of gas that it has cost.
    pub gas: U256,
}

/// Why the sender gives up for good.
#[derive(Debug, Error)]
pub enum SenderError {
    /// What is sent cannot be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key does not sign.
    #[error("cannot sign")]
    Sign(#[source] alloy_signer::Error),
}

/// Why an intent is not sent now.
#[derive(Debug, Error)]
enum Problem {
    #[error(transparent)]
    Fatal(#[from] SenderError),
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Fatal(error.into())
    }
}

impl From<alloy_transport::TransportError> for Problem {
    fn from(error: alloy_transport::TransportError) -> Self {
        Self::Client(error.into())
    }
}

/// What came of trying to do an intent.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// It is settled.
    Settled(Outcome),
    /// Nothing is signed: the chain asks for more than it is worth.
    Dear,
    /// Nothing is signed: the endpoint does not say what is needed.
    Unanswered,
}

/// Whether an intent is to be sent.
enum Due {
    /// It is not done.
    Now,
    /// It was signed before, with this nonce.
    Again { nonce: u64 },
    /// It is done.
    Done,
}

/// Intents that are under way at a time, at most.
const MOST: usize = 32;

type Flight = BoxFuture<'static, (Intent, Tick, Result<Attempt, SenderError>)>;

/// The sender's task.
pub struct Sender {
    sending: Sending,
    queue: Queue,
    flights: FuturesUnordered<Flight>,
    commands: mpsc::UnboundedReceiver<Command>,
    outcomes: mpsc::UnboundedSender<Outcome>,
}

impl Sender {
    /// A sender that goes on with what the database says is under way.
    pub fn new(
        sending: Sending,
        commands: mpsc::UnboundedReceiver<Command>,
        outcomes: mpsc::UnboundedSender<Outcome>,
    ) -> Result<Self, SenderError> {
        let mut queue = Queue::default();
        for record in sending.store.records()? {
            if let State::Sent { nonce, .. } = record.state {
                queue.resume(record.intent, nonce);
            }
        }
        Ok(Self { sending, queue, flights: FuturesUnordered::new(), commands, outcomes })
    }

    /// Sends until the driver or the token stops it. What is on its way then is in the database.
    pub async fn run(mut self, cancel: CancellationToken) -> Result<(), SenderError> {
        loop {
            while let Ok(command) = self.commands.try_recv() {
                self.take(command).await?;
            }
            while let Some((intent, tick)) = self.queue.pop(MOST) {
                self.flights.push(self.fly(intent, tick));
            }
            self.sending.pressed.set(self.queue.presses());
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.take(command).await?,
                    None => return Ok(()),
                },
                Some((intent, tick, attempt)) = self.flights.next() => {
                    self.queue.done(&intent.key);
                    self.tell(&intent, tick, attempt?);
                }
                () = cancel.cancelled() => return Ok(()),
            }
        }
    }

    fn fly(&self, intent: Intent, tick: Tick) -> Flight {
        let sending = self.sending.clone();
        let flight = async move {
            let attempt = sending.attempt(&intent, tick).await;
            (intent, tick, attempt)
        };
        flight.boxed()
    }

    /// Lets the driver know what came of an intent.
    fn tell(&self, intent: &Intent, tick: Tick, attempt: Attempt) {
        let under_way = &self.sending.under_way;
        match attempt {
            Attempt::Settled(done) => {
                match &done.state {
                    State::Refused { .. } => under_way.refused(&intent.key, tick),
                    _ => under_way.settled(&intent.key),
                }
                // The driver is gone only when the node stops.
                let _ = self.outcomes.send(done);
            }
            Attempt::Dear => under_way.refused(&intent.key, tick),
            // The driver hands it over again, if it still wants it.
            Attempt::Unanswered => under_way.settled(&intent.key),
        }
    }

    async fn take(&mut self, command: Command) -> Result<(), SenderError> {
        match command {
            Command::Submit { intent, tick } => {
                if self.queue.holds(&intent.key) {
                    return Ok(());
                }
                match self.due(&intent, tick).await? {
                    Due::Now => self.queue.push(intent, tick),
                    Due::Again { nonce } => self.queue.resume(intent, nonce),
                    // The driver has not read that far yet.
                    Due::Done => self.sending.under_way.refused(&intent.key, tick),
                }
            }
            Command::Reorganized => self.recheck().await?,
            Command::Forget { before } => self.forget(before)?,
        }
        Ok(())
    }

    /// Forgets records of which nothing can come any more.
    fn forget(&self, before: u64) -> Result<(), SenderError> {
        let over = |record: &Record| match &record.state {
            State::Mined { mined, .. } => mined.block < before,
            State::Written | State::Refused { .. } | State::Dropped => true,
            State::Sent { .. } => false,
        };
        let records = self.sending.store.records()?.into_iter();
        let over: Vec<Key> = records
            .filter(|record| over(record) && !self.queue.holds(&record.intent.key))
            .map(|record| record.intent.key)
            .collect();
        tracing::debug!(records = over.len(), before, "forgotten");
        Ok(self.sending.store.forget(&over)?)
    }

    /// Whether an intent is to be sent.
    ///
    /// A transaction that was found may have gone since, with a block that the driver has never seen: then
    /// it is put on its way again as it is. What can be wanted again is due again once the driver has read the
    /// block that it was done in.
    async fn due(&mut self, intent: &Intent, tick: Tick) -> Result<Due, SenderError> {
        let Some(record) = self.sending.store.get(&intent.key)? else { return Ok(Due::Now) };
        Ok(match record.state {
            State::Sent { nonce, .. } => Due::Again { nonce },
            State::Mined { mined, nonce, gas, transactions } => {
                if self.sending.is_mined(&mined).await {
                    let again = intent.repeats && tick.block >= mined.block;
                    if mined.success && !again { Due::Done } else { Due::Now }
                } else {
                    let state = State::Sent { nonce, gas, transactions };
                    self.sending.write(intent, state)?;
                    Due::Again { nonce }
                }
            }
            State::Written | State::Refused { .. } | State::Dropped => Due::Now,
        })
    }

    /// Puts transactions that a re-organization has taken back on their way again.
    ///
    /// What is in a block that is left has all that came before it: the newest ones are asked about first.
    async fn recheck(&mut self) -> Result<(), SenderError> {
        let mut mined: Vec<_> =
            self.sending.store.records()?.into_iter().filter_map(place).collect();
        mined.sort_by_key(|(mined, _)| std::cmp::Reverse(mined.block));
        for (mined, Record { intent, state }) in mined {
            if self.sending.is_mined(&mined).await {
                break;
            }
            let State::Mined { nonce, gas, transactions, .. } = state else { continue };
            tracing::warn!(intent = %intent.key, "its transaction was taken back");
            let state = State::Sent { nonce, gas, transactions };
            self.sending.write(&intent, state)?;
            self.queue.resume(intent, nonce);
        }
        Ok(())
    }
}

/// A record with the place where its transaction was found.
fn place(record: Record) -> Option<(Mined, Record)> {
    let State::Mined { mined, .. } = record.state else { return None };
    Some((mined, record))
}
