//! The stakes of games. Who wins is the game contract's to say.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use opml_host::host::{self, HostKeccak, now, sender};
use opml_host::{Arguments, emit, with_bytes, words};

use super::activation::{self, Begun};
use super::records::{self, Claim, Game, Kind, Model, Request};
use super::{Answer, claims, money, requests, require};
use crate::abi::IHub::{
    Challenged, ClaimLive, ClaimStatus, GameClosed, GameNotOpen, GameStatus, NotGame,
    StakeAlreadyLocked, StakeLocked, UnknownGame, WindowOver,
};
use crate::abi::game::IGame::openCall;
use crate::ids;

pub fn challenge(arguments: Arguments<'_>) -> Answer<B256> {
    activation::require_time_for(Begun::Challenge)?;
    let (claim_id, first_move) = (arguments.word(0)?, arguments.bytes(1)?);
    let claim = claims::require_live(claim_id)?;
    let request = requests::open(claim.record.get(Claim::REQUEST))?;
    require!(now() < claim.window_end, WindowOver, claim.window_end);
    money::collect(records::parameters().challengerBond)?;
    let (open, all) = claim.games();
    claim.set_games(open.saturating_add(1), all.saturating_add(1));
    let challenger = sender();
    let id = ids::game::<HostKeccak>(claim_id, challenger, all);
    let record = Kind::Game.record(id);
    Game { record, challenger, status: GameStatus::Open, stake_locked: false }.save();
    record.set(Game::CLAIM, claim_id);
    emit!(Challenged [id, claim_id, challenger]);
    host::call(records::game_contract(), &opening(id, &claim, &request, first_move))?;
    Ok(id)
}

/// The call that tells the game contract what it has to know.
fn opening(id: B256, claim: &Claim, request: &Request, first_move: &[u8]) -> Vec<u8> {
    let model = requests::model_of(request);
    let words = words![
        id,
        claim.server,
        sender(),
        model.record.get(Model::PROGRAM_ROOT),
        model.record.get(Model::IMAGE_ROOT),
        request.record.get(Request::START),
        claim.record.get(Claim::FINAL_HASH),
        model.steps_log2,
    ];
    let mut calldata = openCall::SELECTOR.to_vec();
    calldata.extend(with_bytes(&words, first_move));
    calldata
}

pub fn verdict(arguments: Arguments<'_>) -> Answer<()> {
    let (id, challenger_won) = (arguments.word(0)?, arguments.number::<u8>(1)? != 0);
    require_game_contract()?;
    // A game that was cancelled here goes on there until it ends.
    if known(id)?.status == GameStatus::Cancelled {
        return Ok(());
    }
    let (game, claim_id) = open(id)?;
    let claim = Claim::load(claim_id);
    if claim.status != ClaimStatus::Live {
        cancel(id, game, &claim);
    } else if challenger_won {
        challenger_wins(id, game, claim_id);
    } else {
        server_wins(id, game, claim);
    }
    Ok(())
}

fn challenger_wins(id: B256, game: Game, claim_id: B256) {
    let parameters = records::parameters();
    let claim = Claim::load(claim_id);
    close(id, game, &claim, GameStatus::ChallengerWon);
    claims::void(claim_id, claim, id);
    money::credit(game.challenger, parameters.challengerBond);
    money::slash(parameters.serverBond, parameters.burnShare, game.challenger);
    pay_stake(&game, game.challenger);
}

fn server_wins(id: B256, game: Game, claim: Claim) {
    let parameters = records::parameters();
    close(id, game, &claim, GameStatus::ServerWon);
    money::slash(parameters.challengerBond, parameters.burnShare, claim.server);
    pay_stake(&game, claim.server);
}

/// Another game has voided the claim: with games open it ends in no other way. Its server pays for the games
/// of all its challengers.
fn cancel(id: B256, game: Game, claim: &Claim) {
    close(id, game, claim, GameStatus::Cancelled);
    money::credit(game.challenger, records::parameters().challengerBond);
    pay_stake(&game, game.challenger);
}

fn close(id: B256, mut game: Game, claim: &Claim, status: GameStatus) {
    game.status = status;
    game.save();
    let (open, all) = claim.games();
    claim.set_games(open.saturating_sub(1), all);
    emit!(GameClosed [id, game.record.get(Game::CLAIM)], status as u8);
}

/// Owes the server's gas stake, if it was in, to `receiver`.
fn pay_stake(game: &Game, receiver: Address) {
    if game.stake_locked {
        money::credit(receiver, records::parameters().gasStake);
    }
}

pub fn lock_stake(id: B256) -> Answer<()> {
    require_game_contract()?;
    let (mut game, claim_id) = open(id)?;
    let claim = claims::require_live(claim_id)?;
    require!(!game.stake_locked, StakeAlreadyLocked, id);
    money::debit(claim.server, records::parameters().gasStake)?;
    game.stake_locked = true;
    game.save();
    emit!(StakeLocked[id]);
    Ok(())
}

pub fn refund(id: B256) -> Answer<()> {
    let (game, claim_id) = open(id)?;
    let claim = Claim::load(claim_id);
    require!(claim.status != ClaimStatus::Live, ClaimLive, claim_id);
    cancel(id, game, &claim);
    Ok(())
}

fn require_game_contract() -> Answer<()> {
    let sender = sender();
    require!(sender == records::game_contract(), NotGame, sender);
    Ok(())
}

/// A game that is open, and the claim that it is against.
fn open(id: B256) -> Answer<(Game, B256)> {
    let game = known(id)?;
    require!(game.status == GameStatus::Open, GameNotOpen, id, game.status as u8);
    Ok((game, game.record.get(Game::CLAIM)))
}

pub fn known(id: B256) -> Answer<Game> {
    let game = Game::load(id);
    require!(game.status != GameStatus::None, UnknownGame, id);
    Ok(game)
}
