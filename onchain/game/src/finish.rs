//! How games end, what is announced, and what the hub is told.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolEvent};
use opml_core::game::{Clock, Position, Side, Verdict};

use crate::abi::IGame::{Moved, NoSuchGame, NotUnsettled, Over};
use crate::abi::IGameHub::verdictCall;
use crate::answer::side_on_turn;
use crate::calldata::Reader;
use crate::encode::{Tail, encode, number};
use crate::errors;
use crate::host::Host;
use crate::record::{Record, Slots, Stage};
use crate::revert::Revert;
use crate::settings::Opening;

/// `timeout(bytes32)`.
pub fn timeout<H: Host>(params: &[u8], host: &mut H) -> Result<(), Revert> {
    let game_id = game_id(params)?;
    let record = Slots::of::<H>(&game_id).record(host);
    let on_turn = side_on_turn(&game_id, &record)?;
    let verdict = record.clock.timeout(on_turn, host.now()).map_err(errors::early)?;
    end(host, &game_id, &record, verdict)
}

/// `settle(bytes32)`.
pub fn settle<H: Host>(params: &[u8], host: &mut H) -> Result<(), Revert> {
    let game_id = game_id(params)?;
    let slots = Slots::of::<H>(&game_id);
    let record = slots.record(host);
    match record.stage {
        Stage::Unsettled => deliver(host, &game_id, &record, Side::Challenger),
        Stage::None => Err(NoSuchGame { gameId: game_id }.into()),
        stage => Err(NotUnsettled { gameId: game_id, status: stage.status() }.into()),
    }
}

/// Ends an open game: the storage first, then the hub.
pub fn end<H: Host>(
    host: &mut H,
    game_id: &B256,
    record: &Record,
    verdict: Verdict,
) -> Result<(), Revert> {
    let slots = Slots::of::<H>(game_id);
    slots.set_position(host, B256::ZERO);
    slots.set_program(host, B256::ZERO);
    announce_over(host, game_id, verdict);
    deliver(host, game_id, record, verdict.winner)
}

/// Stores who has won and tells the hub. Nothing leads out of what is stored here, so this is once a game.
fn deliver<H: Host>(
    host: &mut H,
    game_id: &B256,
    record: &Record,
    winner: Side,
) -> Result<(), Revert> {
    let slots = Slots::of::<H>(game_id);
    slots.set_record(host, &Record { stage: Stage::Won(winner), ..*record });
    let challenger_won = winner == Side::Challenger;
    tell_hub(host, &verdictCall { gameId: *game_id, challengerWon: challenger_won })
}

/// Calls the hub. It fails where the hub does.
pub fn tell_hub<H: Host, C: SolCall>(host: &mut H, call: &C) -> Result<(), Revert> {
    let hub = Opening::load(host).hub;
    host.call(hub, &call.abi_encode()).map_err(Revert)
}

pub fn announce_over<H: Host>(host: &mut H, game_id: &B256, verdict: Verdict) {
    let topics = [Over::SIGNATURE_HASH, *game_id, number(verdict.winner as u64)];
    host.log(&topics, number(verdict.cause as u64).as_slice());
}

pub fn announce_moved<H: Host>(host: &mut H, game_id: &B256, position: &Position, clock: &Clock) {
    let segments = position.segments();
    let hashes: Vec<B256> =
        core::iter::once(segments.start).chain(segments.ends.hashes().iter().copied()).collect();
    let words = [
        position.header().into(),
        number(clock.server),
        number(clock.challenger),
        number(clock.started),
    ];
    let topics = [Moved::SIGNATURE_HASH, *game_id];
    host.log(&topics, &encode(&[], &words, &[Tail::Words(&hashes)]));
}

/// The only argument.
pub fn game_id(params: &[u8]) -> Result<B256, Revert> {
    let mut reader = Reader::new(params, 1);
    let game_id = reader.word()?;
    reader.finish()?;
    Ok(game_id)
}
