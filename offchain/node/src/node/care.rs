//! What is looked after now and then: activations and files, and the alarms about them.

use alloy_primitives::{Address, B256};

use super::knowledge::Knowledge;
use crate::alarm::{Alarm, activations, clocks};
use crate::chain::{Activation, Reader};
use crate::models::Library;
use crate::state::{ClaimStatus, World};

/// Seconds between looks at activations.
const PAUSE: u64 = 600;

/// The same while one is to be renewed.
const SHORT_PAUSE: u64 = 60;

/// What the contracts say, to whom, and when.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) world: &'a World,
    pub(super) account: Address,
    pub(super) now: u64,
}

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

    /// Looks at the activations if it is time. Nothing else waits for an endpoint that does not know them.
    pub(super) async fn look(&mut self, reader: &Reader, payer: Address, now: u64) {
        if now < self.next {
            return;
        }
        match reader.activations(payer).await {
            Ok(found) => self.activations = found,
            Err(error) => tracing::warn!(%error, "activations are not known"),
        }
        let soon = self.activations.iter().any(|found| found.seconds_left < self.margin);
        self.next = now.saturating_add(if soon { SHORT_PAUSE } else { PAUSE });
    }

    /// Something suggests that an activation has ended: the next look is a look at them all.
    pub(super) const fn hasten(&mut self) {
        self.next = 0;
    }

    /// All alarms; new ones are told in the log.
    pub(super) fn alarms(
        &mut self,
        seen: &Seen<'_>,
        library: &Library,
        knowledge: &Knowledge,
    ) -> Vec<Alarm> {
        let Seen { world, account, now } = *seen;
        let mut alarms: Vec<Alarm> = clocks(world, account, now).collect();
        alarms.extend(activations(&self.activations, self.margin));
        alarms.extend(library.unsound().map(|path| Alarm::Weights { path }));
        alarms.extend(undisputed(world, knowledge, now));
        alarms.extend_from_slice(&knowledge.alarms);
        let count = knowledge.failures();
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
