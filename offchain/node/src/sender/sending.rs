//! What sending needs, and how often it is tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy_primitives::U256;
use alloy_signer_local::PrivateKeySigner;
use opml_client::Connection;

use super::{Attempt, Outcome, Problem, SenderError, Tick, UnderWay};
use crate::config;
use crate::error::is_refusal;
use crate::intent::Intent;
use crate::store::{State, Store};

/// Pause before another try while the endpoint is away; doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Tries of an intent of which nothing is signed, before others have their turn.
const TRIES: u32 = 4;

/// Everything that sending needs.
#[derive(Clone)]
pub struct Sending {
    /// The endpoint.
    pub connection: Connection,
    /// The key.
    pub signer: PrivateKeySigner,
    /// The chain that transactions are for.
    pub chain_id: u64,
    /// What transactions may cost.
    pub gas: config::Gas,
    /// Between questions for a receipt.
    pub poll: Duration,
    /// The database.
    pub store: Arc<Store>,
    /// What the driver has handed over.
    pub under_way: UnderWay,
    /// Something urgent waits behind what is being sent.
    pub pressed: Pressed,
    /// Whose turn it is to sign.
    pub signing: Signing,
}

/// A nonce is looked for, signed with and written down by one at a time.
#[derive(Clone, Debug, Default)]
pub struct Signing(Arc<tokio::sync::Mutex<()>>);

impl Signing {
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.lock().await
    }
}

/// Whether something urgent waits behind what is being sent.
#[derive(Clone, Debug, Default)]
pub struct Pressed(Arc<AtomicBool>);

impl Pressed {
    pub(super) fn set(&self, pressed: bool) {
        self.0.store(pressed, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Sending {
    /// Does an intent. What is signed is followed through any loss of the endpoint; what is not is given up
    /// after some tries, so that nothing waits for it.
    pub(crate) async fn attempt(
        &self,
        intent: &Intent,
        tick: Tick,
    ) -> Result<Attempt, SenderError> {
        let (mut pause, mut tries) = (PAUSE, 0);
        let outcome = |state, gas| {
            let (key, kind) = (intent.key.clone(), intent.kind.clone());
            Attempt::Settled(Outcome { key, kind, state, gas })
        };
        loop {
            let problem = match self.perform(intent, tick).await {
                Ok(Some((state, gas))) => return Ok(outcome(state, gas)),
                Ok(None) => return Ok(Attempt::Dear),
                Err(Problem::Fatal(error)) => return Err(error),
                Err(Problem::Client(error)) => error,
            };
            if !self.is_sent(intent)? {
                if is_refusal(&problem) {
                    let state = State::Refused { reason: problem.to_string() };
                    self.write(intent, state.clone())?;
                    return Ok(outcome(state, U256::ZERO));
                }
                tries += 1;
                if tries == TRIES || self.pressed.get() {
                    return Ok(Attempt::Unanswered);
                }
            }
            tracing::warn!(intent = %intent.key, error = %problem, "not sent yet");
            tokio::time::sleep(pause).await;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }
}
