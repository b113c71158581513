//! Answers: committed to while a claim is open, shown when the secret is public.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolError, SolEvent};
use opml_core::graph::{GraphState, GraphStatus};

use super::records::{Enrolment, Given, Registration, Summons};
use super::secrets::{public, require_reveal_time};
use super::{Answer, Refusal, require, summons, verifiers};
use crate::abi::IAttention::{
    AnswerStatus, Answered, BadCalldata, BadState, BadSteps, Committed, NotDrawn, NotInEpoch,
    StateRunning, StoodStillBefore, TooLate, WrongAnswerStatus, WrongCommitment, WrongHashes,
};
use crate::answer::Cuts;
use crate::{draw, ids};
use opml_host::host::{self, HostKeccak, now};
use opml_host::{Arguments, concat, emit, refusal, size, words};

/// What an answer is about.
pub struct Topic {
    pub registration_id: B256,
    pub registration: Registration,
    pub enrolment: Enrolment,
    pub claim_id: B256,
    pub summons: Summons,
}

impl Topic {
    /// Of a claim to which attention was summoned.
    pub fn load(registration_id: B256, registration: Registration, claim_id: B256) -> Answer<Self> {
        let enrolment_id = registration.record.get(Registration::ENROLMENT);
        let summons = summons::known(enrolment_id, claim_id)?;
        let enrolment = Enrolment::load(enrolment_id);
        Ok(Self { registration_id, registration, enrolment, claim_id, summons })
    }

    pub fn answer(&self) -> Given {
        Given::load(self.registration_id, self.claim_id)
    }

    /// The registration's secret of the claim's epoch, if it is public.
    pub fn secret(&self) -> Answer<B256> {
        public(self.registration_id, &self.registration, self.summons.epoch)
    }

    /// The secret that has drawn the registration.
    pub fn drawing_secret(&self) -> Answer<B256> {
        let secret = self.secret()?;
        let threshold = self.enrolment.threshold;
        let drawn = draw::is_drawn::<HostKeccak>(self.claim_id, secret, threshold);
        require!(drawn, NotDrawn, self.registration_id, self.claim_id);
        Ok(secret)
    }

    /// Refuses hashes that are not those committed to.
    pub fn require_committed(&self, secret: B256, steps: u64, hashes: &[u8]) -> Answer<()> {
        let (registration, claim) = (self.registration_id, self.claim_id);
        let shown = ids::Committed { registration, claim, secret, steps, hashes };
        let computed = ids::commitment::<HostKeccak>(&shown);
        let expected = self.answer().record.get(Given::COMMITMENT);
        require!(computed == expected, WrongCommitment, expected, computed);
        Ok(())
    }
}

pub fn commit(arguments: Arguments<'_>) -> Answer<()> {
    let (id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let commitment = arguments.word(2)?;
    let topic = Topic::load(id, verifiers::owned(id)?, claim_id)?;
    let (Registration { first, last, .. }, Summons { epoch, window_end, .. }) =
        (topic.registration, topic.summons);
    require!(first <= epoch && epoch <= last, NotInEpoch, id, epoch);
    require!(now() < window_end, TooLate, window_end);
    let mut answer = topic.answer();
    answer.status = AnswerStatus::Committed;
    answer.save();
    answer.record.set(Given::COMMITMENT, commitment);
    emit!(Committed [id, claim_id], commitment);
    Ok(())
}

pub fn answer(arguments: Arguments<'_>) -> Answer<()> {
    let (id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let steps = arguments.number::<u64>(2)?;
    let (state, hashes) = (arguments.bytes(3)?, hashes(arguments, 4)?);
    let topic = Topic::load(id, verifiers::open(id)?, claim_id)?;
    require_reveal_time(topic.summons.epoch)?;
    let secret = topic.drawing_secret()?;
    let mut answer = topic.answer();
    require!(answer.status == AnswerStatus::Committed, WrongAnswerStatus, answer.status as u8);
    topic.require_committed(secret, steps, hashes)?;
    let drawn = draw::step::<HostKeccak>(claim_id, secret, steps);
    require_form(&topic, (drawn, steps), state, hashes)?;
    answer.status = AnswerStatus::Given;
    answer.steps = steps;
    answer.save();
    let mut summons = topic.summons;
    summons.answers = summons.answers.saturating_add(1);
    summons.save();
    let topics = words![Answered::SIGNATURE_HASH, id, claim_id];
    host::log(&topics, &given(&words![drawn, steps], hashes));
    Ok(())
}

/// Refuses an answer that is wrong on its face; whether the states are the trace's is for a game to say.
fn require_form(
    topic: &Topic,
    (drawn, steps): (u64, u64),
    state: &[u8],
    hashes: &[u8],
) -> Answer<()> {
    // At most 2^62.
    let most = 1_u64.checked_shl(topic.enrolment.steps_log2.into()).unwrap_or_default();
    let cuts = Cuts::new(drawn, steps).filter(|_| steps <= most);
    require!(cuts.is_some(), BadSteps, steps);
    let (hashes, _) = hashes.as_chunks::<32>();
    let (expected, actual) = (cuts.map_or(0, |cuts| cuts.count()), hashes.len());
    require!(usize::try_from(expected) == Ok(actual), WrongHashes, expected, count(actual));
    let Ok(state) = GraphState::decode(state) else { return Err(bad_state()) };
    let (last, earlier) = hashes
        .split_last()
        .map_or((B256::ZERO, hashes), |(last, earlier)| (B256::from(*last), earlier));
    require!(state.hash::<HostKeccak>() == last, BadState);
    if state.status == GraphStatus::Running {
        require!(steps == most, StateRunning);
        return Ok(());
    }
    let start = topic.summons.record.get(Summons::START);
    let before = earlier.last().map_or(start, |hash| B256::from(*hash));
    require!(before != last, StoodStillBefore);
    Ok(())
}

fn bad_state() -> Refusal {
    refusal(BadState::SELECTOR, &[])
}

/// The array of words whose offset is the word at `index`, its words one behind the other.
pub fn hashes(arguments: Arguments<'_>, index: usize) -> Answer<&[u8]> {
    let offset = arguments.number::<u32>(index)?;
    let Arguments(all) = arguments;
    let array = usize::try_from(offset).ok().and_then(|offset| all.get(offset..));
    let array = array.unwrap_or_default();
    let bytes = Arguments(array).number::<u32>(0)?.checked_mul(32);
    let end = bytes.and_then(|bytes| usize::try_from(bytes).ok()?.checked_add(32));
    let words = end.and_then(|end| array.get(32..end));
    require!(words.is_some(), BadCalldata);
    Ok(words.unwrap_or_default())
}

/// The data of the event: words and an array of words.
fn given(words: &[B256], array: &[u8]) -> Vec<u8> {
    let mut data = concat(words);
    data.extend(size(words.len().saturating_add(1).saturating_mul(32)));
    data.extend(size(array.as_chunks::<32>().0.len()));
    data.extend(array);
    data
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
