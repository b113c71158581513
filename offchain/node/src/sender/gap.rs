//! Gaps before a nonce: a re-organization, or a node that has forgotten, can leave a nonce unused that comes
//! before one that is signed. What is behind the gap is taken by nodes and mined by none.

use std::time::{Duration, Instant};

use alloy_primitives::{Bytes, U256};

use super::{Problem, SenderError, Sending, Tick};
use crate::intent::{Call, Intent, Key, Urgency};
use crate::store::{Record, State};

/// A gap is left alone so long: a node that is behind shows one where there is none.
const PATIENCE: Duration = Duration::from_secs(3);

/// A gap that was seen, and since when.
#[derive(Debug, Default)]
pub(super) struct Gap(Option<(u64, Instant)>);

impl Gap {
    /// Takes in the account's next nonce; whether something must be done about it, because it has lain
    /// before `signed` for a while.
    pub(super) fn lasts(&mut self, next: u64, signed: u64) -> bool {
        if next >= signed {
            self.0 = None;
            return false;
        }
        match self.0 {
            Some((seen, since)) if seen == next => since.elapsed() >= PATIENCE,
            _ => {
                self.0 = Some((next, Instant::now()));
                false
            }
        }
    }

    pub(super) const fn closed(&mut self) {
        self.0 = None;
    }
}

impl Sending {
    /// Uses `nonce` up: by what was signed with it before, or else by a transfer of nothing to oneself. An
    /// intent that lost this nonce has to take a later one.
    pub(super) async fn fill(&self, nonce: u64, tick: Tick) -> Result<(), Problem> {
        let filling = self.filling(nonce);
        let turn = self.signing.turn().await;
        let sent = match self.sent_with(nonce)? {
            Some(Record { intent, state: State::Sent { transactions, .. } })
                if intent.key != filling.key =>
            {
                return self.broadcast(&intent, &transactions).await.map(drop);
            }
            Some(Record { state: State::Sent { gas, transactions, .. }, .. }) => {
                (nonce, gas, transactions)
            }
            _ => {
                tracing::warn!(nonce, "nothing is signed with this nonce: it is used up");
                self.sign_with(&filling, nonce).await?
            }
        };
        drop(turn);
        Box::pin(self.follow(&filling, sent, tick)).await.map(drop)
    }

    fn filling(&self, nonce: u64) -> Intent {
        Intent {
            key: Key::fill(nonce),
            kind: "fill".to_owned(),
            call: Call { to: self.signer.address(), value: U256::ZERO, data: Bytes::new() },
            // Whatever waits behind it may be urgent.
            urgency: Urgency::Before(0),
            repeats: true,
        }
    }

    /// The record of what is signed with a nonce and not known to be mined.
    fn sent_with(&self, wanted: u64) -> Result<Option<Record>, SenderError> {
        let mut records = self.store.records()?.into_iter();
        Ok(records
            .find(|record| matches!(record.state, State::Sent { nonce, .. } if nonce == wanted)))
    }
}
