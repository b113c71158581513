//! Disputes: games about segments of answers. Who wins is the game contract's to say.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;

use super::answers::Topic;
use super::records::{self, Enrolment, Game, Registration, Summons};
use super::slash::{Verdict, slash};
use super::{Answer, answers, money, require, verifiers};
use crate::abi::IAttention::{
    AnswerStatus, Disputed, GameClosed, GameNotOpen, GameStatus, NoSuchSegment, NotGame, Offence,
    TooLate, UnknownGame, WrongAnswerStatus,
};
use crate::abi::game::IGame::openCall;
use crate::answer::Cuts;
use crate::{draw, ids};
use opml_host::Arguments;
use opml_host::host::{self, HostKeccak, now, sender};
use opml_host::{emit, with_bytes, words};

/// A segment of an answer: a game's claim.
struct Segment {
    start: B256,
    end: B256,
    log2: u8,
}

pub fn dispute(arguments: Arguments<'_>) -> Answer<B256> {
    let (id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let (hashes, number) = (answers::hashes(arguments, 2)?, arguments.number::<u8>(3)?);
    let first_move = arguments.bytes(4)?;
    let mut topic = Topic::load(id, verifiers::open(id)?, claim_id)?;
    let until = records::times(topic.summons.epoch).settle_from;
    require!(now() < until, TooLate, until);
    let segment = segment(&topic, hashes, number)?;
    money::collect(records::parameters().bond)?;
    let (game_id, disputer) = (next_id(&mut topic), sender());
    let record = records::record(records::Kind::Game, game_id);
    Game { record, disputer, status: GameStatus::Open }.save();
    record.set(Game::REGISTRATION, id);
    record.set(Game::CLAIM, claim_id);
    emit!(Disputed [game_id, id, disputer], claim_id, number);
    host::call(records::game_contract(), &opening(game_id, &topic, &segment, first_move))?;
    Ok(game_id)
}

/// The segment of an answer that was given.
fn segment(topic: &Topic, hashes: &[u8], number: u8) -> Answer<Segment> {
    let answer = topic.answer();
    require!(answer.status == AnswerStatus::Given, WrongAnswerStatus, answer.status as u8);
    let secret = topic.secret()?;
    topic.require_committed(secret, answer.steps, hashes)?;
    let drawn = draw::step::<HostKeccak>(topic.claim_id, secret, answer.steps);
    let cuts = Cuts::new(drawn, answer.steps);
    let (hashes, _) = hashes.as_chunks::<32>();
    let place = usize::from(number);
    let (length, end) = (cuts.and_then(|cuts| cuts.segment(number.into())), hashes.get(place));
    let segments = u64::try_from(hashes.len()).unwrap_or(u64::MAX);
    require!(length.is_some() && end.is_some(), NoSuchSegment, number, segments);
    let before = place.checked_sub(1).and_then(|place| hashes.get(place));
    let start =
        before.map_or_else(|| topic.summons.record.get(Summons::START), |hash| B256::from(*hash));
    let log2 = length.map_or(0, |(_, log2)| log2);
    Ok(Segment { start, end: end.map_or(B256::ZERO, |hash| B256::from(*hash)), log2 })
}

/// The next game against a registration, which it counts.
fn next_id(topic: &mut Topic) -> B256 {
    let registration = &mut topic.registration;
    let games = registration.games;
    registration.games = games.saturating_add(1);
    registration.open_games = registration.open_games.saturating_add(1);
    registration.save();
    ids::game::<HostKeccak>(topic.registration_id, topic.claim_id, sender(), games)
}

/// The call that tells the game contract what it has to know.
fn opening(id: B256, topic: &Topic, segment: &Segment, first_move: &[u8]) -> Vec<u8> {
    let words = words![
        id,
        topic.registration.verifier,
        sender(),
        topic.enrolment.record.get(Enrolment::PROGRAM_ROOT),
        topic.enrolment.record.get(Enrolment::IMAGE_ROOT),
        segment.start,
        segment.end,
        segment.log2,
    ];
    let mut calldata = openCall::SELECTOR.to_vec();
    calldata.extend(with_bytes(&words, first_move));
    calldata
}

pub fn verdict(arguments: Arguments<'_>) -> Answer<()> {
    let (id, disputer_won) = (arguments.word(0)?, arguments.number::<u8>(1)? != 0);
    require_game_contract()?;
    let mut game = known(id)?;
    require!(game.status == GameStatus::Open, GameNotOpen, id, game.status as u8);
    let registration_id = game.record.get(Game::REGISTRATION);
    let mut registration = Registration::load(registration_id);
    registration.open_games = registration.open_games.saturating_sub(1);
    registration.save();
    let bond = records::parameters().bond;
    game.status = if !registration.is_open() {
        money::credit(game.disputer, bond);
        GameStatus::Cancelled
    } else if disputer_won {
        money::credit(game.disputer, bond);
        let (winner, offence) = (game.disputer, Offence::Wrong);
        let claim_id = game.record.get(Game::CLAIM);
        slash(registration_id, registration, Verdict { winner, offence, claim_id });
        GameStatus::DisputerWon
    } else {
        money::forfeit(bond, registration.verifier);
        GameStatus::VerifierWon
    };
    game.save();
    emit!(GameClosed [id, registration_id], game.status as u8);
    Ok(())
}

/// The verifier's stake is in as long as it is registered.
pub fn lock_stake(id: B256) -> Answer<()> {
    require_game_contract()?;
    known(id).map(|_| ())
}

fn require_game_contract() -> Answer<()> {
    let sender = sender();
    require!(sender == records::game_contract(), NotGame, sender);
    Ok(())
}

pub fn known(id: B256) -> Answer<Game> {
    let game = Game::load(id);
    require!(game.status != GameStatus::None, UnknownGame, id);
    Ok(game)
}
