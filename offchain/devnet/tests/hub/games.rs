//! The stakes of games, with the verdicts of the game contract.

use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolInterface, SolValue};

use crate::answer::Answer;
use crate::world::{
    CAROL, CHALLENGER_BOND, CHALLENGER_BOND_BURN, CLOCK, DAVE, GAS_STAKE, IGame, IHub, RIVAL,
    SERVER, SERVER_BOND, SERVER_BOND_BURN, WINDOW, World, refused,
};

/// A request with a live claim of the server's, which has credit for two stakes.
fn claimed() -> (World, B256) {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    world.deposit(SERVER, 2 * GAS_STAKE);
    (world, claim)
}

fn status(world: &World, game: B256) -> IHub::GameStatus {
    world.view(IHub::getGameCall { gameId: game }).status
}

#[test]
fn a_challenge_opens_a_game_about_what_the_hub_derived() {
    let (mut world, claim) = claimed();
    let games = [world.challenge(CAROL, claim), world.challenge(CAROL, claim)];
    for (number, game) in [0_u64, 1].into_iter().zip(games) {
        let tag = B256::right_padding_from(b"opml.game.v1");
        assert_eq!(game, keccak256((tag, claim, CAROL, U256::from(number)).abi_encode()));
        let kept = world.view(IHub::getGameCall { gameId: game });
        let wanted = IHub::Game {
            claimId: claim,
            challenger: CAROL,
            status: IHub::GameStatus::Open,
            stakeLocked: false,
        };
        assert_eq!(kept, wanted);
        let played = world.play(CAROL, IGame::getGameCall { gameId: game }).unwrap();
        assert_eq!((played.server, played.challenger), (SERVER, CAROL));
    }
    let kept = world.view(IHub::getClaimCall { claimId: claim });
    assert_eq!((kept.openGames, kept.games), (2, 2));
}

#[test]
fn a_first_move_that_the_game_refuses_costs_nothing() {
    let (mut world, claimId) = claimed();
    // The claimed end itself is no other end.
    let end = world.view(IHub::getClaimCall { claimId }).finalHash;
    let ends = vec![end; 32];
    let arguments = (U256::ZERO, ends).abi_encode_params();
    let selector = IGame::dissectCall::SELECTOR;
    let same: Vec<u8> = [selector.as_slice(), &arguments].concat();
    for firstMove in [Vec::new(), same] {
        let call = IHub::challengeCall { claimId, firstMove: firstMove.into() };
        let refusal = world.pay(CAROL, CHALLENGER_BOND, call).unwrap_err();
        let error = IGame::IGameErrors::abi_decode(&refusal);
        assert!(error.is_ok(), "not an error of the game contract: {refusal}");
    }
    assert_eq!(world.view(IHub::getClaimCall { claimId }).games, 0);
}

#[test]
fn a_challenge_costs_the_bond() {
    let (mut world, claimId) = claimed();
    let firstMove = crate::world::first_move();
    let (have, want) = (U256::from(CHALLENGER_BOND - 1), U256::from(CHALLENGER_BOND));
    let refusal = IHub::InsufficientFunds { account: CAROL, have, want };
    let call = IHub::challengeCall { claimId, firstMove };
    refused(world.pay(CAROL, CHALLENGER_BOND - 1, call), refusal);
}

#[test]
fn a_challenger_who_wins_voids_the_claim() {
    let (mut world, claim) = claimed();
    let game = world.challenge(CAROL, claim);
    world.reply(game).unwrap();
    assert!(world.view(IHub::getGameCall { gameId: game }).stakeLocked);
    assert_eq!(world.credit(SERVER), GAS_STAKE);
    world.answer(game);
    world.time_out(game);
    assert_eq!(status(&world, game), IHub::GameStatus::ChallengerWon);
    let kept = world.view(IHub::getClaimCall { claimId: claim });
    assert_eq!((kept.status, kept.openGames), (IHub::ClaimStatus::Void, 0));
    let won = CHALLENGER_BOND + SERVER_BOND - SERVER_BOND_BURN + GAS_STAKE;
    assert_eq!(world.credit(CAROL), won);
    assert_eq!(world.credit(SERVER), GAS_STAKE);
    assert_eq!(world.burned(), SERVER_BOND_BURN);
}

#[test]
fn a_server_who_wins_keeps_the_claim() {
    let (mut world, claim) = claimed();
    let game = world.challenge(CAROL, claim);
    world.reply(game).unwrap();
    world.time_out(game);
    assert_eq!(status(&world, game), IHub::GameStatus::ServerWon);
    let kept = world.view(IHub::getClaimCall { claimId: claim });
    assert_eq!((kept.status, kept.openGames), (IHub::ClaimStatus::Live, 0));
    let won = CHALLENGER_BOND - CHALLENGER_BOND_BURN;
    assert_eq!(world.credit(SERVER), 2 * GAS_STAKE + won);
    assert_eq!((world.credit(CAROL), world.burned()), (0, CHALLENGER_BOND_BURN));
    world.finalize(claim).unwrap();
}

#[test]
fn a_server_without_credit_cannot_reply() {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    let game = world.challenge(CAROL, claim);
    world.deposit(SERVER, GAS_STAKE - 1);
    let (have, want) = (U256::from(GAS_STAKE - 1), U256::from(GAS_STAKE));
    refused(world.reply(game), IHub::InsufficientFunds { account: SERVER, have, want });
    world.deposit(SERVER, 1);
    world.reply(game).unwrap();
}

#[test]
fn one_win_cancels_the_other_games_with_full_refunds_once() {
    let (mut world, claim) = claimed();
    let [lost, won, idle] = [RIVAL, CAROL, DAVE].map(|who| world.challenge(who, claim));
    world.reply(lost).unwrap();
    refused(
        world.ask(DAVE, IHub::refundGameCall { gameId: idle }),
        IHub::ClaimLive { claimId: claim },
    );
    // The server never answers the second; its challenger's clock runs in the first.
    world.time_out(won);
    assert_eq!(world.credit(CAROL), CHALLENGER_BOND + SERVER_BOND - SERVER_BOND_BURN);
    // The first ends in the game contract, after the void: whoever lost it there, the stakes go back, and
    // the server, found out, pays the gas of the challenger that it answered.
    world.play(DAVE, IGame::timeoutCall { gameId: lost }).unwrap();
    assert_eq!(status(&world, lost), IHub::GameStatus::Cancelled);
    assert_eq!(world.credit(RIVAL), CHALLENGER_BOND + GAS_STAKE);
    // The third is refunded before it ends there, and not again when it does.
    world.ask(CAROL, IHub::refundGameCall { gameId: idle }).unwrap();
    assert_eq!(world.credit(DAVE), CHALLENGER_BOND);
    let closed = IHub::GameStatus::Cancelled;
    let again = IHub::refundGameCall { gameId: idle };
    refused(world.ask(CAROL, again), IHub::GameNotOpen { gameId: idle, status: closed });
    world.play(CAROL, IGame::timeoutCall { gameId: idle }).unwrap();
    assert_eq!(world.credit(DAVE), CHALLENGER_BOND);
    let kept = world.view(IHub::getClaimCall { claimId: claim });
    assert_eq!((kept.openGames, kept.games), (0, 3));
}

fn goes_on(server_wins: bool) {
    let mut world = World::new();
    let request = world.infer();
    let right = world.claim(RIVAL, request, &Answer::halted(b"right", 1));
    let other = world.claim(SERVER, request, &Answer::halted(b"other", 2));
    world.deposit(SERVER, GAS_STAKE);
    let game = world.challenge(CAROL, other);
    world.reply(game).unwrap();
    world.pass(WINDOW);
    world.finalize(right).unwrap();
    let status = IHub::RequestStatus::Final;
    let late = IHub::RequestClosed { requestId: request, status };
    refused(world.try_challenge(DAVE, other), late);
    let release = IHub::releaseCall { claimId: other };
    refused(world.ask(DAVE, release.clone()), IHub::GamesOpen { openGames: 1 });
    let refund = IHub::refundGameCall { gameId: game };
    refused(world.ask(DAVE, refund), IHub::ClaimLive { claimId: other });
    // The game goes on; who is right in it gets what it always gets.
    if server_wins {
        world.time_out(game);
        world.ask(DAVE, release).unwrap();
        let won = CHALLENGER_BOND - CHALLENGER_BOND_BURN;
        assert_eq!(world.credit(SERVER), SERVER_BOND + GAS_STAKE + won);
    } else {
        world.answer(game);
        world.time_out(game);
        let closed = IHub::ClaimClosed { claimId: other, status: IHub::ClaimStatus::Void };
        refused(world.ask(DAVE, release), closed);
        assert_eq!(world.credit(SERVER), 0);
        let won = SERVER_BOND - SERVER_BOND_BURN;
        assert_eq!(world.credit(CAROL), CHALLENGER_BOND + GAS_STAKE + won);
    }
    // The result stands.
    let result = world.view(IHub::resultCall { requestId: request });
    assert_eq!((result.status, result.claimId), (IHub::ResultStatus::Final, right));
}

#[test]
fn a_game_against_a_claim_behind_the_final_one_goes_on() {
    for server_wins in [true, false] {
        goes_on(server_wins);
    }
}

#[test]
fn a_void_claim_cannot_be_challenged() {
    let (mut world, claim) = claimed();
    let game = world.challenge(CAROL, claim);
    world.time_out(game);
    let status = IHub::ClaimStatus::Void;
    let closed = IHub::ClaimClosed { claimId: claim, status };
    refused(world.try_challenge(DAVE, claim), closed.clone());
    refused(world.ask(DAVE, IHub::releaseCall { claimId: claim }), closed);
}

#[test]
fn a_server_found_out_locks_no_more_stakes() {
    let (mut world, claim) = claimed();
    let won = world.challenge(CAROL, claim);
    world.pass(300);
    let other = world.challenge(DAVE, claim);
    world.pass(u64::from(CLOCK) - 300);
    world.play(CAROL, IGame::timeoutCall { gameId: won }).unwrap();
    // Its clock in the other game still runs, but its reply needs a stake.
    let status = IHub::ClaimStatus::Void;
    refused(world.reply(other), IHub::ClaimClosed { claimId: claim, status });
    world.ask(CAROL, IHub::refundGameCall { gameId: other }).unwrap();
    assert_eq!((world.credit(DAVE), world.credit(SERVER)), (CHALLENGER_BOND, 2 * GAS_STAKE));
}

#[test]
fn only_the_game_contract_says_who_has_won() {
    let (mut world, claim) = claimed();
    let gameId = world.challenge(CAROL, claim);
    for sender in [CAROL, SERVER] {
        let verdict = IHub::verdictCall { gameId, challengerWon: true };
        refused(world.ask(sender, verdict), IHub::NotGame { sender });
        refused(world.ask(sender, IHub::lockStakeCall { gameId }), IHub::NotGame { sender });
    }
    // Even the game contract is refused what makes no sense: each game is settled once.
    let game = world.game;
    // An account without code may send; its address is what counts.
    world.chain.set_code(game, Bytes::new()).unwrap();
    world.chain.set_balance(game, U256::from(10_u128.pow(18))).unwrap();
    let forged = B256::repeat_byte(5);
    let unknown = IHub::UnknownGame { gameId: forged };
    let verdict = IHub::verdictCall { gameId: forged, challengerWon: true };
    refused(world.ask(game, verdict), unknown.clone());
    refused(world.ask(game, IHub::lockStakeCall { gameId: forged }), unknown.clone());
    refused(world.ask(game, IHub::refundGameCall { gameId: forged }), unknown);
    world.ask(game, IHub::lockStakeCall { gameId }).unwrap();
    let twice = IHub::StakeAlreadyLocked { gameId };
    refused(world.ask(game, IHub::lockStakeCall { gameId }), twice);
    let verdict = IHub::verdictCall { gameId, challengerWon: false };
    world.ask(game, verdict.clone()).unwrap();
    let status = IHub::GameStatus::ServerWon;
    let settled = IHub::GameNotOpen { gameId, status };
    refused(world.ask(game, verdict), settled.clone());
    refused(world.ask(game, IHub::lockStakeCall { gameId }), settled.clone());
    refused(world.ask(CAROL, IHub::refundGameCall { gameId }), settled);
}

#[test]
fn playing_against_oneself_loses_money() {
    for server_wins in [true, false] {
        let mut world = World::new();
        let request = world.infer();
        let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
        world.deposit(SERVER, GAS_STAKE);
        let paid = SERVER_BOND + CHALLENGER_BOND + GAS_STAKE;
        let game = world.challenge(SERVER, claim);
        let mut back = 0;
        if server_wins {
            world.reply(game).unwrap();
            back = SERVER_BOND;
        }
        world.time_out(game);
        let burned = paid - world.credit(SERVER) - back;
        let least = if server_wins { CHALLENGER_BOND / 2 } else { SERVER_BOND / 2 };
        assert!(burned >= least, "{burned} of {paid} lost");
        assert_eq!(burned, world.burned());
    }
}
