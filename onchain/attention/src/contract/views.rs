//! Reading what is kept.

use alloc::vec::Vec;

use alloy_primitives::B256;

use super::records::{Enrolment, Game, Given, Registration, Summons};
use super::secrets::public;
use super::{Answer, disputes, enrolments, verifiers};
use opml_host::Arguments;
use opml_host::{concat, words};

pub fn enrolment(id: B256) -> Answer<Vec<u8>> {
    let enrolment = enrolments::known(id)?;
    Ok(concat(&words![
        enrolment.record.get(Enrolment::MODEL),
        enrolment.owner,
        enrolment.steps_log2,
        enrolment.threshold,
        enrolment.pot,
        enrolment.summons_per_epoch,
        enrolment.fund,
        enrolment.record.get(Enrolment::PROGRAM_ROOT),
        enrolment.record.get(Enrolment::IMAGE_ROOT),
    ]))
}

pub fn registration(id: B256) -> Answer<Vec<u8>> {
    let registration = verifiers::known(id)?;
    Ok(concat(&words![
        registration.record.get(Registration::ENROLMENT),
        registration.verifier,
        registration.status as u8,
        registration.first,
        registration.next,
        registration.last,
        registration.open_games,
        registration.games,
        registration.record.get(Registration::ANCHOR),
    ]))
}

pub fn secret(arguments: Arguments<'_>) -> Answer<B256> {
    let (id, epoch) = (arguments.word(0)?, arguments.number(1)?);
    public(id, &verifiers::known(id)?, epoch)
}

pub fn summons(arguments: Arguments<'_>) -> Answer<Vec<u8>> {
    let summons = Summons::load(arguments.word(0)?, arguments.word(1)?);
    Ok(concat(&words![
        summons.epoch,
        summons.window_end,
        summons.answers,
        summons.pot,
        summons.record.get(Summons::START),
    ]))
}

pub fn answer(arguments: Arguments<'_>) -> Answer<Vec<u8>> {
    let answer = Given::load(arguments.word(0)?, arguments.word(1)?);
    let commitment = answer.record.get(Given::COMMITMENT);
    Ok(concat(&words![answer.status as u8, answer.steps, commitment]))
}

pub fn game(id: B256) -> Answer<Vec<u8>> {
    let game = disputes::known(id)?;
    Ok(concat(&words![
        game.record.get(Game::REGISTRATION),
        game.record.get(Game::CLAIM),
        game.disputer,
        game.status as u8,
    ]))
}
