//! A schedule, performed on the contracts and on the specification side by side.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes};
use opml_devnet::chain::SnapshotId;

use crate::action::Action;
use crate::compare::{self, Difference};
use crate::moves::Whim;
use crate::people::HONEST;
use crate::record;
use crate::scene::Scene;
use crate::spec::call::{Call, Refused, Sent};
use crate::spec::game::Stage;
use crate::spec::{Moment, Spec};
use crate::tally::Tally;
use crate::world::{World, WorldError};

/// Seconds of activation below which no more time passes: what is begun must be able to end here too.
const LAST_ACTIVATION: u64 = 30_000;

/// Why a schedule has ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The chain has failed, not a contract.
    #[error(transparent)]
    World(#[from] Box<WorldError>),
    /// Contracts and specification differ.
    #[error("action {at}, `{action}`: {difference}")]
    Differs {
        /// Number of the action, from 0.
        at: usize,
        /// The action.
        action: String,
        /// What differs.
        difference: Box<Difference>,
    },
}

/// A schedule under way.
pub struct Run<'a> {
    pub(crate) world: &'a mut World,
    /// Where the specification says that things stand.
    pub spec: Spec,
    marks: Vec<(SnapshotId, Spec, usize)>,
    /// Seconds of outages.
    silent: u64,
    /// Games as they were played, one call a line.
    pub record: Vec<String>,
    /// What has been done.
    pub tally: Tally,
    /// Deliberate faults of the specification, to see that they are found.
    pub sabotage: Option<fn(&mut Spec)>,
}

impl From<WorldError> for RunError {
    fn from(error: WorldError) -> Self {
        Self::World(Box::new(error))
    }
}

impl<'a> Run<'a> {
    /// Begins where the world's set-up has ended.
    pub fn new(world: &'a mut World) -> Self {
        let spec = world.first.clone();
        Self {
            world,
            spec,
            marks: Vec::new(),
            silent: 0,
            record: Vec::new(),
            tally: Tally::default(),
            sabotage: None,
        }
    }

    /// Performs all actions, then brings everything to its end and compares every view. The world is as before afterwards.
    ///
    /// # Errors
    /// [`RunError`] at the first difference.
    pub fn schedule(self, actions: &[Action]) -> Result<Tally, RunError> {
        self.recorded(actions).map(|(tally, _)| tally)
    }

    /// The same, with all games of it, one call a line.
    ///
    /// # Errors
    /// As [`Self::schedule`].
    pub fn recorded(mut self, actions: &[Action]) -> Result<(Tally, Vec<String>), RunError> {
        let (begin, price) = (self.world.mark()?, self.world.chain.gas_price());
        let outcome = self.all(actions);
        self.world.back(begin)?;
        self.world.chain.set_base_fee(price);
        outcome.map(|()| (self.tally, self.record))
    }

    fn all(&mut self, actions: &[Action]) -> Result<(), RunError> {
        let differs = |at: usize, action: String| {
            move |fault| match fault {
                Fault::World(error) => RunError::World(error),
                Fault::Differs(difference) => RunError::Differs { at, action, difference },
            }
        };
        for (at, action) in actions.iter().enumerate() {
            self.perform(*action).map_err(differs(at, action.to_string()))?;
            self.tally.actions += 1;
        }
        self.finish().map_err(differs(actions.len(), "(the end)".into()))
    }

    fn perform(&mut self, action: Action) -> Result<(), Fault> {
        match action {
            Action::Duel { game, plies, truth, seed } => self.duel(game, plies, (truth, seed)),
            Action::Duty { side } => self.duty(side),
            Action::Pass { kind, place, offset } => {
                let time = self.later(kind, (place, offset));
                self.pass(time)
            }
            Action::Lapse { rarely: 1.., .. } => Ok(()),
            Action::Lapse { call, offset, .. } => {
                let terms = &self.spec.terms;
                let extra = [terms.patience, terms.exclusivity, 0];
                let needed = extra
                    .get(call as usize)
                    .map_or(terms.runway() - terms.window, |extra| terms.runway() + extra);
                let now = self.world.now();
                let left = self.world.activation(now);
                self.pass((now + left + u64::from(offset)).saturating_sub(needed + 1))
            }
            Action::Price { level } => {
                let prices = [0, 1, 7, 100_000_000, 1_000_000_000_000, 1_000_000_000_000_000];
                let price = prices.get(level as usize).copied().unwrap_or_default();
                self.world.chain.set_base_fee(price);
                self.tally.prices += 1;
                Ok(())
            }
            Action::Outage { seconds } => self.outage(seconds.into()),
            Action::Mark {} => {
                let mark = self.world.mark()?;
                self.marks.push((mark, self.spec.clone(), self.record.len()));
                Ok(())
            }
            Action::Reorg {} => {
                let Some((mark, spec, lines)) = self.marks.pop() else { return Ok(()) };
                self.record.truncate(lines);
                self.world.back(mark)?;
                self.spec = spec;
                self.tally.reorganizations += 1;
                self.compare()
            }
            call => match self.spec.direct(call) {
                Some(sent) => self.send(&sent).map(|_| ()),
                None => Ok(()),
            },
        }
    }

    /// Moves of both sides in one second, until one of them is refused.
    fn duel(&mut self, game: u32, plies: u32, (truth, seed): (u32, u32)) -> Result<(), Fault> {
        let Some(id) = self.spec.game_number(game) else { return Ok(()) };
        for ply in 0..=plies {
            let Some(one) = self.spec.games.get(&id).filter(|one| one.stage == Stage::Open) else {
                return Ok(());
            };
            let side = one.on_turn();
            let from = one.parties[side];
            if from == HONEST {
                self.duty(1)?;
                continue;
            }
            let (claim, position) =
                (&self.spec.claims[&self.spec.stakes[&id].claim], one.position());
            let scene = Scene::new(&self.spec, &self.spec.requests[&claim.request]);
            let kind = if truth as usize == side { 0 } else { 16 };
            let made = scene.whim(position, Whim { kind, segment: seed + ply, seed: seed + ply });
            let (header, hashes) = (position.header(), position.hashes.clone());
            if position.moves == 1 {
                let value = self.spec.terms.gas_stake;
                self.send(&Sent { from, value, call: Call::Deposit })?;
            }
            if !self.try_call(from, Call::Move { game: id, header, hashes, made })? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn later(&self, kind: u32, (place, offset): (u32, u32)) -> u64 {
        let now = self.world.now();
        let place = place as usize;
        match kind {
            0 => now + 1 + place as u64,
            1 => now + self.spec.terms.clock,
            _ => {
                let dates = self.spec.dates(now);
                // Mostly one of the next, so that not everything is over at once.
                let near = if place < 48 { dates.len().min(3) } else { dates.len() };
                let date = dates.get(place % near.max(1)).copied();
                date.map_or(now, |date| (date + u64::from(offset)).saturating_sub(1))
            }
        }
    }

    /// Lets time pass; who is honest does its duty before.
    pub(crate) fn pass(&mut self, time: u64) -> Result<(), Fault> {
        if time <= self.world.now() || self.world.activation(time) < LAST_ACTIVATION {
            return Ok(());
        }
        self.duty(1)?;
        self.world.chain.set_time(time).map_err(WorldError::from)?;
        self.tally.jumps += 1;
        Ok(())
    }

    /// Lets time pass in which nobody acts. The window and the clock of who is honest have room for outages of less than a
    /// window in all: whatever was claimed in front of them can still be challenged behind.
    fn outage(&mut self, seconds: u64) -> Result<(), Fault> {
        let time = self.world.now() + seconds;
        let silent = self.silent + seconds;
        if silent + 1 >= self.spec.terms.window || self.world.activation(time) < LAST_ACTIVATION {
            return Ok(());
        }
        self.silent = silent;
        self.world.chain.set_time(time).map_err(WorldError::from)?;
        self.tally.outages += 1;
        Ok(())
    }

    /// Makes a call on both sides and compares everything. Whether it was taken.
    pub(crate) fn send(&mut self, sent: &Sent) -> Result<bool, Fault> {
        let now = self.world.now();
        let moment = Moment { now, activation: self.world.activation(now) };
        let expected = self.spec.apply(moment, sent);
        if let Some(sabotage) = self.sabotage {
            sabotage(&mut self.spec);
        }
        let outcome = self.world.send(sent)?;
        let payer = self.spec.ether.entry(sent.from).or_default();
        *payer = payer.saturating_sub(outcome.gas);
        self.tally.note(sent, outcome.refused.is_none());
        self.record.extend(record::line(&self.spec, (sent, now), &outcome));
        match (&expected, &outcome.refused) {
            (Ok(()), None) => {}
            (Err(refused), Some(data)) => self.refused(refused, data)?,
            (expected, refused) => {
                let (expected, refused) = (expected.clone(), refused.clone());
                return Err(Difference::Taken { sent: summary(sent), expected, refused }.into());
            }
        }
        self.compare()?;
        Ok(expected.is_ok())
    }

    /// The error must be one of those that the call deserves.
    fn refused(&mut self, expected: &Refused, data: &Bytes) -> Result<(), Fault> {
        let names = compare::error_names(data);
        for name in &names {
            *self.tally.errors.entry(*name).or_default() += 1;
        }
        let is_step = names.iter().any(|name| compare::is_of_step(name));
        let is_named = names.iter().any(|name| expected.0.contains(name));
        if is_named || (is_step && expected.0.contains(&"*")) {
            return Ok(());
        }
        let (expected, data) = (expected.clone(), data.clone());
        Err(Difference::Error { expected, found: names, data }.into())
    }

    /// Storage and ether, word by word.
    pub(crate) fn compare(&mut self) -> Result<(), Fault> {
        for known in self.spec.storage() {
            let found = self.world.word(known.contract, known.slot)?;
            self.tally.words += 1;
            if found != known.word {
                return Err(Difference::Word { known: Box::new(known), found }.into());
            }
        }
        let found: BTreeMap<Address, u128> = self.world.balances()?;
        for (account, found) in found {
            let expected = self.spec.ether.get(&account).copied().unwrap_or_default();
            if found != expected {
                return Err(Difference::Ether { account, expected, found }.into());
            }
        }
        let (expected, hub) = (self.spec.held(), self.spec.terms.hub);
        let found = self.spec.ether.get(&hub).copied().unwrap_or_default();
        if expected == found { Ok(()) } else { Err(Difference::Sum { expected, found }.into()) }
    }
}

fn summary(sent: &Sent) -> String {
    let mut text = format!("{sent:?}");
    // A call can have kilobytes.
    if text.len() > 600 {
        let end = (0..=600).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// Why an action was not performed as it should be.
#[derive(Debug)]
pub enum Fault {
    /// The chain has failed.
    World(Box<WorldError>),
    /// Contracts and specification differ.
    Differs(Box<Difference>),
}

impl From<WorldError> for Fault {
    fn from(error: WorldError) -> Self {
        Self::World(Box::new(error))
    }
}

impl From<Difference> for Fault {
    fn from(difference: Difference) -> Self {
        Self::Differs(Box::new(difference))
    }
}

impl Run<'_> {
    /// Sends a call of the honest party's that must be taken.
    pub(crate) fn owe(&mut self, sent: &Sent) -> Result<(), Fault> {
        if self.send(sent)? {
            return Ok(());
        }
        Err(Difference::Honest { what: format!("was refused: {}", summary(sent)) }.into())
    }

    /// A call that anybody may try.
    pub(crate) fn try_call(&mut self, from: Address, call: Call) -> Result<bool, Fault> {
        self.send(&Sent { from, value: 0, call })
    }
}
