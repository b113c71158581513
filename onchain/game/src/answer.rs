//! Moves of an open game.

use alloy_primitives::{Address, B256};
use opml_core::game::{Answer, Game, Side, Turn};

use crate::abi::IGame::{GameOver, NoSuchGame, NotAParty};
use crate::abi::IGameHub::lockStakeCall;
use crate::errors;
use crate::finish::{announce_moved, end, tell_hub};
use crate::host::Host;
use crate::moves::{Kind, Transaction};
use crate::record::{Record, Slots, Stage};
use crate::revert::Revert;
use crate::verifier::Verifier;

/// Moves before the server's first reply.
const OPENED: u32 = 1;

/// `dissect(..)`, `conclude(..)`, `descend(..)`, `prove(..)`.
pub fn answer<H: Host>(kind: Kind, params: &[u8], host: &mut H) -> Result<(), Revert> {
    let Transaction { game_id, position, played } = Transaction::read(kind, params)?;
    let slots = Slots::of::<H>(&game_id);
    let record = slots.record(host);
    let on_turn = side_on_turn(&game_id, &record)?;
    let side = sender_side(host, slots, (record.server, on_turn))?;
    let game = Game { position: slots.position(host), on_turn, clock: record.clock };

    let program = slots.program(host);
    let mut steps = Verifier { host: &*host, program, shown: &played.shown };
    let (now, mv) = (host.now(), &played.mv);
    let answer = Answer { game_id: &game_id, side, now, position: &position, mv };
    match game.answer::<H, _>(&answer, &mut steps).map_err(errors::answer)? {
        Turn::Next { game: Game { position: hash, on_turn, clock }, position: next } => {
            slots.set_record(host, &Record { stage: Stage::Turn(on_turn), clock, ..record });
            slots.set_position(host, hash);
            announce_moved(host, &game_id, &next, &clock);
            if position.moves() == OPENED {
                tell_hub(host, &lockStakeCall { gameId: game_id })?;
            }
            Ok(())
        }
        Turn::Over(verdict) => end(host, &game_id, &record, verdict),
    }
}

/// The side that an open game waits for.
pub fn side_on_turn(game_id: &B256, record: &Record) -> Result<Side, Revert> {
    match record.stage {
        Stage::Turn(side) => Ok(side),
        Stage::None => Err(NoSuchGame { gameId: *game_id }.into()),
        Stage::Unsettled | Stage::Won(_) => {
            Err(GameOver { gameId: *game_id, status: record.stage.status() }.into())
        }
    }
}

/// The side that the sender is. Who is both is the one on turn.
fn sender_side<H: Host>(
    host: &H,
    slots: Slots,
    (server, on_turn): (Address, Side),
) -> Result<Side, Revert> {
    let caller = host.sender();
    if caller == server && on_turn == Side::Server {
        return Ok(Side::Server);
    }
    if caller == slots.challenger(host) {
        return Ok(Side::Challenger);
    }
    if caller == server {
        return Ok(Side::Server);
    }
    Err(NotAParty { caller }.into())
}
