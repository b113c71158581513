//! What is looked after now and then: activations and files, and the alarms about them.

use alloy_primitives::{Address, B256};
use opml_client::Severity;

use super::knowledge::Knowledge;
use crate::alarm::{Alarm, activations, clocks};
use crate::chain::{Activation, ChainError, Reader};
use crate::error::NodeError;
use crate::models::Library;
use crate::state::{ClaimStatus, World};

/// Seconds between looks at activations.
const PAUSE: u64 = 600;

/// What was found, and when to look again.
#[derive(Debug)]
pub(super) struct Care {
    /// Activations with less seconds left raise an alarm.
    margin: u64,
    activations: Vec<Activation>,
    /// Second of the next look.
    next: u64,
    /// Alarms that were told.
    told: Vec<Alarm>,
}

impl Care {
    pub(super) const fn new(margin: u64) -> Self {
        Self { margin, activations: Vec::new(), next: 0, told: Vec::new() }
    }

    pub(super) fn activations(&self) -> &[Activation] {
        &self.activations
    }

    /// Looks at the activations if it is time; an endpoint that is away is asked again later.
    pub(super) async fn look(
        &mut self,
        reader: &Reader,
        payer: Address,
        now: u64,
    ) -> Result<(), NodeError> {
        if now < self.next {
            return Ok(());
        }
        match reader.activations(payer).await {
            Ok(found) => self.activations = found,
            Err(error) if error.severity() == Severity::Retry => return Err(error.into()),
            Err(ChainError::Client(error)) => tracing::warn!(%error, "activations are not known"),
            Err(error) => return Err(error.into()),
        }
        self.next = now.saturating_add(PAUSE);
        Ok(())
    }

    /// All alarms; new ones are told in the log.
    pub(super) fn alarms(
        &mut self,
        world: &World,
        library: &Library,
        knowledge: &Knowledge,
        account: Address,
        now: u64,
    ) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = clocks(world, account, now).collect();
        alarms.extend(activations(&self.activations, self.margin));
        alarms.extend(library.missing().into_iter().map(|path| Alarm::Weights { path }));
        alarms.extend(undisputed(world, knowledge, now));
        let count = knowledge.results.failed.len();
        alarms.extend((count > 0).then_some(Alarm::Uncomputed { count }));
        let known = |alarm: &Alarm| self.told.iter().any(|told| same(told, alarm));
        for alarm in alarms.iter().filter(|alarm| !known(alarm)) {
            tracing::error!(?alarm, "look after this");
        }
        self.told.clone_from(&alarms);
        alarms
    }
}

/// Whether two alarms are about the same, however much time is left.
fn same(first: &Alarm, second: &Alarm) -> bool {
    match (first, second) {
        (Alarm::Clock { game: first, .. }, Alarm::Clock { game: second, .. }) => first == second,
        (Alarm::Activation { contract: first, .. }, Alarm::Activation { contract: second, .. }) => {
            first == second
        }
        (first, second) => first == second,
    }
}

/// Wrong claims that are left alone for what it would cost.
fn undisputed(world: &World, knowledge: &Knowledge, now: u64) -> impl Iterator<Item = Alarm> {
    let wrong = move |(id, claim): (&B256, &crate::state::Claim)| {
        let answer = knowledge.results.answers.get(&claim.request)?;
        let alone = claim.status == ClaimStatus::Live
            && now < claim.window_end
            && answer.hash != claim.final_hash
            && knowledge.denied.contains(&("challenge", *id));
        alone.then_some(Alarm::Undisputed { claim: *id })
    };
    world.claims.iter().filter_map(wrong)
}
