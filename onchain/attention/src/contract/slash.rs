//! The loss of a stake.

use alloy_primitives::{Address, B256};

use super::answers::Topic;
use super::records::{self, Registration};
use super::{Answer, money, require, verifiers};
use crate::abi::IAttention::{
    AnswerStatus, NothingToReveal, Offence, RegistrationStatus, Slashed, TooEarly, TooLate,
    WrongAnswerStatus,
};
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::{now, sender};

pub fn silent(id: B256) -> Answer<()> {
    let registration = verifiers::open(id)?;
    require!(registration.next <= registration.last, NothingToReveal, id);
    let from = records::times(registration.next).accuse_from;
    require!(now() >= from, TooEarly, from);
    let (winner, offence, claim_id) = (sender(), Offence::Silent, B256::ZERO);
    slash(id, registration, Verdict { winner, offence, claim_id });
    Ok(())
}

pub fn missing(arguments: Arguments<'_>) -> Answer<()> {
    let (id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let topic = Topic::load(id, verifiers::open(id)?, claim_id)?;
    let times = records::times(topic.summons.epoch);
    require!(now() >= times.accuse_from, TooEarly, times.accuse_from);
    require!(now() < times.settle_from, TooLate, times.settle_from);
    topic.drawing_secret()?;
    let status = topic.answer().status;
    let missing = matches!(status, AnswerStatus::None | AnswerStatus::Committed);
    require!(missing, WrongAnswerStatus, status as u8);
    let (winner, offence) = (sender(), Offence::Missing);
    slash(id, topic.registration, Verdict { winner, offence, claim_id });
    Ok(())
}

/// Who gets what is not burned of a stake, and for what.
pub struct Verdict {
    pub winner: Address,
    pub offence: Offence,
    pub claim_id: B256,
}

/// Takes the stake of a registration.
pub fn slash(id: B256, mut registration: Registration, verdict: Verdict) {
    let Verdict { winner, offence, claim_id } = verdict;
    registration.status = RegistrationStatus::Slashed;
    registration.save();
    money::forfeit(records::parameters().stake, winner);
    emit!(Slashed [id, winner], offence as u8, claim_id);
}
