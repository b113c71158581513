//! Reading requests, claims, games and results.

use alloc::vec::Vec;

use alloy_primitives::B256;
use opml_host::{concat, with_bytes, words};

use super::records::{Claim, Game, Request};
use super::{Answer, claims, games, requests};
use crate::abi::IHub::{RequestStatus, ResultStatus};

pub fn request(id: B256) -> Answer<Vec<u8>> {
    let request = requests::known(id)?;
    let acceptance = request.acceptance();
    Ok(concat(&words![
        request.record.get(Request::MODEL),
        request.record.get(Request::START),
        request.requester,
        request.status as u8,
        request.deadline,
        request.attempts,
        request.record.get(Request::HEAD),
        request.record.get(Request::TAIL),
        request.iterations,
        acceptance.server,
        acceptance.status as u8,
        acceptance.until,
    ]))
}

pub fn claim(id: B256) -> Answer<Vec<u8>> {
    let claim = claims::known(id)?;
    let (open_games, games) = claim.games();
    Ok(concat(&words![
        claim.record.get(Claim::REQUEST),
        claim.record.get(Claim::FINAL_HASH),
        claim.server,
        claim.status as u8,
        claim.failed,
        claim.window_end,
        open_games,
        games,
        claim.record.get(Claim::NEXT),
        claim.record.get(Claim::PREV),
        claim.output_length,
        claim.record.get(Claim::OUTPUT_ROOT),
    ]))
}

pub fn game(id: B256) -> Answer<Vec<u8>> {
    let game = games::known(id)?;
    Ok(concat(&words![
        game.record.get(Game::CLAIM),
        game.challenger,
        game.status as u8,
        game.stake_locked,
    ]))
}

/// The result of a request: a structure with a byte string in it, so its offset comes first.
pub fn result(id: B256) -> Answer<Vec<u8>> {
    let request = requests::known(id)?;
    let head = request.record.get(Request::HEAD);
    let status = match request.status {
        RequestStatus::Final => ResultStatus::Final,
        RequestStatus::Open if !head.is_zero() => ResultStatus::Provisional,
        _ => ResultStatus::None,
    };
    // The record behind the zero id is empty, as the answer then is.
    let claim = Claim::load(head);
    let words = words![
        status as u8,
        claim.failed,
        head,
        claim.output_length,
        claim.record.get(Claim::OUTPUT_ROOT),
    ];
    let mut data = concat(&words![32_u8]);
    data.extend(with_bytes(&words, &claims::inline_output(&claim)));
    Ok(data)
}
