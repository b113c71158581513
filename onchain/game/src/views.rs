//! What can be read.

use alloc::string::ToString;
use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use opml_core::game::{Clock, Side};

use crate::abi::IGame::versionCall;
use crate::answer::side_on_turn;
use crate::calldata::Reader;
use crate::encode::{encode, number};
use crate::finish::game_id;
use crate::host::Host;
use crate::record::{Slots, Stage};
use crate::revert::Revert;
use crate::settings::{Opening, step_contract};

/// `getGame(bytes32)`.
pub fn get_game<H: Host>(params: &[u8], host: &H) -> Result<Vec<u8>, Revert> {
    let slots = Slots::of::<H>(&game_id(params)?);
    let record = slots.record(host);
    let Clock { server, challenger, started } = record.clock;
    let on_turn = match record.stage {
        Stage::Turn(side) => side,
        Stage::None | Stage::Unsettled | Stage::Won(_) => Side::Server,
    };
    let words = [
        number(record.stage.status() as u64),
        number(on_turn as u64),
        record.server.into_word(),
        slots.challenger(host).into_word(),
        number(server),
        number(challenger),
        number(started),
        slots.position(host),
        slots.program(host),
    ];
    Ok(encode(&[], &words, &[]))
}

/// `positionHash(bytes32)`.
pub fn position_hash<H: Host>(params: &[u8], host: &H) -> Result<Vec<u8>, Revert> {
    Ok(Slots::of::<H>(&game_id(params)?).position(host).to_vec())
}

/// `deadline(bytes32)`.
pub fn deadline<H: Host>(params: &[u8], host: &H) -> Result<Vec<u8>, Revert> {
    let game_id: B256 = game_id(params)?;
    let record = Slots::of::<H>(&game_id).record(host);
    let on_turn = side_on_turn(&game_id, &record)?;
    Ok(number(record.clock.deadline(on_turn)).to_vec())
}

/// `configuration()`.
pub fn configuration<H: Host>(params: &[u8], host: &H) -> Result<Vec<u8>, Revert> {
    Reader::new(params, 0).finish()?;
    let Opening { hub, clock } = Opening::load(host);
    let words = [hub.into_word(), step_contract(host).into_word(), number(clock.into())];
    Ok(encode(&[], &words, &[]))
}

/// `version()`.
pub fn version(params: &[u8]) -> Result<Vec<u8>, Revert> {
    Reader::new(params, 0).finish()?;
    Ok(versionCall::abi_encode_returns(&env!("CARGO_PKG_VERSION").to_string()))
}
