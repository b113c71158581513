//! Who may do what, and what each end of a game counts for.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use opml_core::game::{Ends, Move, Outcome, Position, SegmentIndex, Side, play};
use opml_solver::machines::{Evidence, Judge};

use crate::abi::IHub;
use crate::chain_support::deploy_evm;
use crate::chain_support::relay::{self, Kind, Script};
use crate::court::{
    CHALLENGER, CHALLENGER_BOND, CLOCK, Court, GAS_STAKE, MALLORY, OWNER, SECOND, SERVER,
    SERVER_BOND, SERVER_BOND_BURN, STRANGER, refused,
};
use crate::encoding::{IGame, answer, first};
use crate::liar::GELU;
use crate::model::{Answer, Model};
use crate::player::{Player as _, Silent, challenge_by, claimed, noise, open};

/// Whoever sends a side's own, right move is not that side.
#[test]
fn nobody_moves_for_a_side() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, GAS_STAKE);
    let dispute = open(&mut court, (MALLORY, claim), &mut model.liar(GELU(|_| 0))).unwrap();
    let (mv, evidence) = model.machines().reply(&dispute.position, Side::Server).unwrap();
    let data = answer(dispute.id, &dispute.position, &dispute.program, (&mv, &evidence));
    let game = court.game;
    for caller in [STRANGER, CHALLENGER, OWNER] {
        refused(court.send_to(caller, game, data.clone()), IGame::NotAParty { caller });
    }
    // Not through a contract either: who calls is who is judged.
    let relay = deploy_evm(&mut court.chain, &relay::evm());
    let script = Script::new().call(Kind::Call, game, &Script(data.clone()));
    let refusal = IGame::NotAParty { caller: relay };
    refused(court.send_to(SERVER, relay, script.0), refusal);
    let other = IGame::NotOnTurn { onTurn: IGame::Side::Server };
    refused(court.send_to(MALLORY, game, data.clone()), other);
    court.send_to(SERVER, game, data).unwrap();
    // Nor does anybody lock a stake, or say who has won, but the game contract.
    let verdict = IHub::verdictCall { gameId: dispute.id, challengerWon: true };
    for sender in [SERVER, MALLORY, STRANGER] {
        refused(court.ask(sender, 0, verdict.clone()), IHub::NotGame { sender });
    }
}

/// A claim under five games that end in every way: lost, won, refunded, ended behind the void.
#[test]
fn each_closure_counts_once() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, 5 * GAS_STAKE);
    let mut liar = model.liar(GELU(|_| 0));
    let mut honest = model.machines();
    let mut games = [SECOND, CHALLENGER, MALLORY, STRANGER, SECOND]
        .map(|who| open(&mut court, (who, claim), &mut liar).unwrap());
    let open_games = |court: &Court| court.claim_of(claim).openGames;
    assert_eq!(open_games(&court), 5);
    // The server answers the first and the last; its clock ends in the others.
    for number in [0, 4] {
        games[number].turn(&mut court, &mut honest).unwrap().unwrap();
    }
    court.at(court.deadline(games[0].id));
    let ids = games.map(|game| game.id);
    let status = |court: &Court, number: usize| court.stakes_of(ids[number]).status;
    court.timeout(ids[0]).unwrap();
    assert_eq!((open_games(&court), status(&court, 0)), (4, IHub::GameStatus::ServerWon));
    court.timeout(ids[0]).unwrap_err();
    court.refund_game(ids[0]).unwrap_err();
    assert_eq!(open_games(&court), 4);
    court.timeout(ids[1]).unwrap();
    assert_eq!((open_games(&court), status(&court, 1)), (3, IHub::GameStatus::ChallengerWon));
    assert_eq!(court.claim_of(claim).status, IHub::ClaimStatus::Void);
    // Refunded, then ended in the game contract; the other way round; and by a verdict for the server.
    court.refund_game(ids[2]).unwrap();
    assert_eq!((open_games(&court), status(&court, 2)), (2, IHub::GameStatus::Cancelled));
    court.timeout(ids[2]).unwrap();
    assert_eq!(open_games(&court), 2);
    court.timeout(ids[3]).unwrap();
    assert_eq!((open_games(&court), status(&court, 3)), (1, IHub::GameStatus::Cancelled));
    court.refund_game(ids[3]).unwrap_err();
    court.timeout(ids[4]).unwrap();
    assert_eq!((open_games(&court), status(&court, 4)), (0, IHub::GameStatus::Cancelled));
    for id in ids {
        court.timeout(id).unwrap_err();
        court.settle(id).unwrap_err();
        court.refund_game(id).unwrap_err();
    }
    let kept = court.claim_of(claim);
    assert_eq!((kept.openGames, kept.games), (0, 5));
    // The last one was answered: its gas is the found-out server's to pay.
    assert_eq!(court.credit(SECOND), CHALLENGER_BOND + GAS_STAKE);
    assert_eq!(court.credit(STRANGER), CHALLENGER_BOND);
    court.ask(STRANGER, 0, IHub::reclaimCall { requestId: request }).unwrap();
    court.assert_nothing_left();
}

/// Who is found out voids its own claim in one transaction, playing both sides, before the honest challenger can
/// win: it gets its own game's share of its own bond back, and still loses the burn and the honest game's stake.
#[test]
fn an_atomic_self_void_pays_the_honest_challenger_and_burns_half() {
    let model = Model { steps_log2: 6, ..Model::empty() };
    let truth = model.truth();
    let lie = Answer { state: opml_core::graph::GraphState { pc: 1, ..truth.state }, ..truth };
    let mut court = Court::new();
    let request = court.asked(&model);
    // A contract that plays by script is the server, and pays out of its credit.
    let cheat = deploy_evm(&mut court.chain, &relay::evm());
    court.ledger.accounts.insert(cheat);
    let paid = SERVER_BOND + 2 * GAS_STAKE + CHALLENGER_BOND;
    let deposit = Script(IHub::depositCall {}.abi_encode());
    let script = Script::new().call(Kind::Call, court.hub, &deposit).0;
    let request_of = |data, wei: u128| alloy_rpc_types_eth::TransactionRequest {
        from: Some(MALLORY),
        value: Some(U256::from(wei)),
        ..crate::chain_support::to(cheat, data)
    };
    court.send(request_of(script, paid)).unwrap();
    let claim_call = IHub::claimCall {
        requestId: request,
        finalState: lie.state.encode().into(),
        ..IHub::claimCall::default()
    };
    let run = |court: &mut Court, calls: &[(Address, Vec<u8>)]| {
        let script = calls.iter().fold(Script::new(), |script, (target, data)| {
            script.call(Kind::Call, *target, &Script(data.clone()))
        });
        court.send(request_of(script.0, 0))
    };
    let (hub, game) = (court.hub, court.game);
    run(&mut court, &[(hub, claim_call.abi_encode())]).unwrap();
    let claim = court.request(request).head;
    let mut honest = model.machines();
    let mut open_game = open(&mut court, (CHALLENGER, claim), &mut honest).unwrap();
    // It answers the honest challenger: its stake is in.
    let reply = garbage(&open_game.position, 0x51);
    let program = open_game.program;
    let data = answer(open_game.id, &open_game.position, &program, (&reply, &Evidence::Dissect));
    let done = run(&mut court, &[(game, data)]).unwrap();
    open_game.position = crate::player::published(&done).unwrap();
    assert_eq!(court.credit(cheat), GAS_STAKE + CHALLENGER_BOND);

    // All in one: a challenge of its own, an answer to it, and the conclusion against the answer.
    let (position, _) = claimed(&court, claim);
    let opening = garbage(&position, 0x52);
    let tag = B256::right_padding_from(b"opml.game.v1");
    let id = keccak256((tag, claim, cheat, U256::from(1)).abi_encode());
    let dissect = |position: &Position, mv: &Move| {
        let mut judge = Judge { program, evidence: &Evidence::Dissect };
        let Outcome::Next(next) = play(position, mv, &mut judge).unwrap() else { panic!() };
        next
    };
    let second = dissect(&position, &opening);
    let reply = garbage(&second, 0x53);
    let third = dissect(&second, &reply);
    let (last, evidence) = honest.reply(&third, Side::Challenger).unwrap();
    assert!(matches!(last, Move::Conclude { .. }));
    let firstMove = first(&program, (&opening, &Evidence::Dissect)).into();
    let calls = [
        (hub, IHub::challengeCall { claimId: claim, firstMove }.abi_encode()),
        (game, answer(id, &second, &program, (&reply, &Evidence::Dissect))),
        (game, answer(id, &third, &program, (&last, &evidence))),
    ];
    run(&mut court, &calls).unwrap();

    assert_eq!(court.claim_of(claim).status, IHub::ClaimStatus::Void);
    let back = CHALLENGER_BOND + GAS_STAKE + SERVER_BOND - SERVER_BOND_BURN;
    assert_eq!((court.credit(cheat), court.burned()), (back, SERVER_BOND_BURN));
    // The honest challenger plays on for nothing, or takes its bond and the other's stake at once.
    court.refund_game(open_game.id).unwrap();
    assert_eq!(court.credit(CHALLENGER), CHALLENGER_BOND + GAS_STAKE);
    assert_eq!(paid - court.credit(cheat), SERVER_BOND_BURN + GAS_STAKE);
    let rest = open_game.play_on(&mut court, (&mut Silent, &mut honest));
    assert_eq!(rest.winner(), Side::Challenger);
    assert_eq!(court.credit(CHALLENGER), CHALLENGER_BOND + GAS_STAKE);
    assert_eq!(court.credit(cheat), back);
}

/// The first segment cut anew, by hashes of nothing.
fn garbage(position: &Position, seed: u8) -> Move {
    let log2 = position.segment(SegmentIndex::FIRST).unwrap().log2_length;
    let ends: Vec<B256> = (0..1_u8 << log2.min(5)).map(|end| keccak256([seed, end])).collect();
    Move::Dissect { segment: SegmentIndex::FIRST, ends: Ends::new(&ends).unwrap() }
}

/// Whoever challenges itself loses money, however it ends; what others do cannot make it a gain.
#[test]
fn a_challenge_of_ones_own_claim_loses_money_however_it_ends() {
    let model = Model::toy(6);
    for (server_wins, honest_too) in [(true, false), (false, false), (false, true), (true, true)] {
        let mut court = Court::new();
        let request = court.asked(&model);
        let claim = court.claim(SERVER, request, &model.answer(GELU(|_| 0).settings()));
        court.deposit(SERVER, 2 * GAS_STAKE);
        let paid = SERVER_BOND + CHALLENGER_BOND + 2 * GAS_STAKE;
        let own = crate::court::id(challenge_by(&mut court, (SERVER, claim), noise(1)).unwrap());
        let mut honest = model.machines();
        let other = honest_too.then(|| open(&mut court, (CHALLENGER, claim), &mut honest).unwrap());
        if server_wins {
            let (position, program) = claimed(&court, claim);
            let mv = garbage(&position, 1);
            let Move::Dissect { ends, .. } = &mv else { panic!() };
            assert_eq!(ends.degree(), 32);
            let mut judge = Judge { program, evidence: &Evidence::Dissect };
            // The opening by `noise` is the same dissection.
            let Outcome::Next(next) = play(&position, &mv, &mut judge).unwrap() else { panic!() };
            let reply = garbage(&next, 2);
            let data = answer(own, &next, &program, (&reply, &Evidence::Dissect));
            let game = court.game;
            court.send_to(SERVER, game, data).unwrap();
        }
        court.pass(CLOCK);
        court.timeout(own).unwrap();
        if let Some(other) = other {
            court.timeout(other.id).unwrap();
            let kept = court.claim_of(claim);
            assert_eq!((kept.status, kept.openGames), (IHub::ClaimStatus::Void, 0));
        }
        let bond =
            if court.claim_of(claim).status == IHub::ClaimStatus::Live { SERVER_BOND } else { 0 };
        let lost = paid - court.credit(SERVER) - bond;
        let least = if server_wins { CHALLENGER_BOND / 2 } else { SERVER_BOND / 2 };
        assert!(lost >= least, "{lost} of {paid} lost");
        assert!(court.credit(CHALLENGER) == 0 || court.credit(CHALLENGER) >= CHALLENGER_BOND);
    }
}
