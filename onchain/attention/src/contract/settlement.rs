//! Where the pots go.

use super::answers::Topic;
use super::records::{self, Enrolment};
use super::{Answer, money, require, summons, verifiers};
use crate::abi::IAttention::{
    AnswerStatus, GamesOpen, PotNotReturnable, PotReturned, RegistrationStatus, Settled, TooEarly,
    WrongAnswerStatus,
};
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::now;

pub fn settle(arguments: Arguments<'_>) -> Answer<()> {
    let (id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let Topic { registration, enrolment, mut summons, .. } =
        Topic::load(id, verifiers::known(id)?, claim_id)?;
    let mut answer = records::Given::load(id, claim_id);
    require!(answer.status == AnswerStatus::Given, WrongAnswerStatus, answer.status as u8);
    let from = records::times(summons.epoch).settle_from;
    require!(now() >= from, TooEarly, from);
    let slashed = registration.status == RegistrationStatus::Slashed;
    let open = registration.open_games;
    require!(slashed || open == 0, GamesOpen, open);
    answer.status = AnswerStatus::Settled;
    answer.save();
    // Each takes its part of what is left, so that all of the pot goes.
    let share = summons.pot.checked_div(summons.answers.into()).unwrap_or_default();
    summons.pot = summons.pot.saturating_sub(share);
    summons.answers = summons.answers.saturating_sub(1);
    summons.save();
    if slashed {
        enrolment.put_back(share);
    } else {
        money::credit(registration.verifier, share);
    }
    emit!(Settled [id, claim_id], share, !slashed);
    Ok(())
}

pub fn return_pot(arguments: Arguments<'_>) -> Answer<()> {
    let (enrolment_id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let mut summons = summons::known(enrolment_id, claim_id)?;
    let from = records::times(summons.epoch).accuse_from;
    require!(now() >= from, TooEarly, from);
    let (answers, pot) = (summons.answers, summons.pot);
    require!(answers == 0 && pot != 0, PotNotReturnable, answers, pot);
    summons.pot = 0;
    summons.save();
    Enrolment::load(enrolment_id).put_back(pot);
    emit!(PotReturned [enrolment_id, claim_id], pot);
    Ok(())
}
