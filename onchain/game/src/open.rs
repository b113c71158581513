//! Opening a game: the challenger's first move, brought by the hub.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use opml_core::game::{Answer, Game, Position, Side, Turn};

use crate::abi::IGame::{GameExists, NotHub, Opened};
use crate::calldata::Reader;
use crate::encode::encode;
use crate::errors;
use crate::finish::{announce_moved, announce_over};
use crate::host::Host;
use crate::moves::{Played, first_move};
use crate::record::{Record, Slots, Stage};
use crate::revert::Revert;
use crate::settings::Opening;
use crate::verifier::{Verifier, program_hash};

/// Arguments of `open`.
const ARGUMENTS: u8 = 9;

/// A game to open.
struct Request<'a> {
    game_id: B256,
    server: Address,
    challenger: Address,
    program_root: B256,
    image_root: B256,
    claim: Position,
    first: Played<'a>,
}

impl<'a> Request<'a> {
    fn read(params: &'a [u8]) -> Result<Self, Revert> {
        let mut reader = Reader::new(params, ARGUMENTS);
        let game_id = reader.word()?;
        let (server, challenger) = (reader.address()?, reader.address()?);
        let (program_root, image_root) = (reader.word()?, reader.word()?);
        let (start, end) = (reader.word()?, reader.word()?);
        let steps_log2 = reader.number::<u8>()?;
        let first = first_move(reader.bytes()?)?;
        reader.finish()?;
        let claim = Position::claim(steps_log2, start, end).map_err(errors::position)?;
        Ok(Self { game_id, server, challenger, program_root, image_root, claim, first })
    }

    fn announce<H: Host>(&self, host: &mut H) {
        let Self { game_id, server, challenger, program_root, image_root, .. } = self;
        let topics = [Opened::SIGNATURE_HASH, *game_id, server.into_word(), challenger.into_word()];
        host.log(&topics, &encode(&[], &[*program_root, *image_root], &[]));
    }
}

/// `open(..)`: only the hub, which is called by nothing in here.
pub fn open<H: Host>(params: &[u8], host: &mut H) -> Result<(), Revert> {
    let Opening { hub, clock } = Opening::load(host);
    let caller = host.sender();
    if hub.is_zero() || caller != hub {
        return Err(NotHub { caller }.into());
    }
    let request = Request::read(params)?;
    let slots = Slots::of::<H>(&request.game_id);
    if slots.record(host).stage != Stage::None {
        return Err(GameExists { gameId: request.game_id }.into());
    }
    let (program, now) =
        (program_hash::<H>(&request.program_root, &request.image_root), host.now());
    let game = Game::open::<H>(&request.game_id, &request.claim, clock.into(), now);
    let answer = Answer {
        game_id: &request.game_id,
        side: Side::Challenger,
        now,
        position: &request.claim,
        mv: &request.first.mv,
    };
    let mut steps = Verifier { host: &*host, program, shown: &request.first.shown };
    let turn = game.answer::<H, _>(&answer, &mut steps).map_err(errors::answer)?;

    request.announce(host);
    slots.set_challenger(host, request.challenger);
    let server = request.server;
    match turn {
        Turn::Next { game: Game { position: hash, on_turn, clock }, position } => {
            slots.set_record(host, &Record { stage: Stage::Turn(on_turn), clock, server });
            slots.set_position(host, hash);
            slots.set_program(host, program);
            announce_moved(host, &request.game_id, &position, &clock);
        }
        Turn::Over(verdict) => {
            let clock = game.clock;
            slots.set_record(host, &Record { stage: Stage::Unsettled, clock, server });
            announce_over(host, &request.game_id, verdict);
        }
    }
    Ok(())
}
