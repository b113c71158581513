//! What is said in one place counts in no other: games, chains, and a parent chain that changes its mind.

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::{SolCall, SolError};
use opml_core::game::Side;
use opml_core::keccak::AlloyKeccak;
use opml_devnet::chain::ChainConfig;

use crate::abi::IHub;
use crate::chain_support::{START, deploy_wasm};
use crate::court::{
    CHALLENGER, CHALLENGER_BOND, CLOCK, Court, GAS_STAKE, MALLORY, SERVER, SERVER_BOND, STRANGER,
    contract, refused,
};
use crate::encoding::{IGame, answer};
use crate::liar::{GELU, MATMUL};
use crate::model::{Answer, Model};
use crate::player::{Player as _, open};

fn claim_call(request: B256, answer: &Answer) -> IHub::claimCall {
    IHub::claimCall {
        requestId: request,
        finalState: answer.state.encode().into(),
        output: answer.output.clone().into(),
        path: answer.path.clone().into(),
    }
}

#[test]
fn a_move_counts_in_its_game_alone() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, 2 * GAS_STAKE);
    let mut first = open(&mut court, (MALLORY, claim), &mut model.liar(GELU(|_| 0))).unwrap();
    let second = open(&mut court, (MALLORY, claim), &mut model.liar(MATMUL(|_| 0))).unwrap();
    let (mv, evidence) = model.machines().reply(&first.position, Side::Server).unwrap();
    let here = answer(first.id, &first.position, &first.program, (&mv, &evidence));
    let there = answer(second.id, &first.position, &first.program, (&mv, &evidence));
    let game = court.game;
    let expected = court.game_of(second.id).positionHash;
    let computed = first.position.hash::<AlloyKeccak>(&second.id);
    let wrong = IGame::WrongPosition { expected, computed };
    refused(court.send_to(SERVER, game, there), wrong);
    let none = B256::repeat_byte(9);
    let nowhere = answer(none, &first.position, &first.program, (&mv, &evidence));
    refused(court.send_to(SERVER, game, nowhere), IGame::NoSuchGame { gameId: none });
    let done = court.send_to(SERVER, game, here.clone()).unwrap();
    first.position = crate::player::published(&done).unwrap();
    // The same transaction once more.
    let again = court.send_to(SERVER, game, here).unwrap_err();
    IGame::WrongPosition::abi_decode_validate(&again).unwrap();
}

/// The same people do the same on two chains: nothing that names something on the one names it on the other.
#[test]
fn ids_and_moves_of_one_chain_mean_nothing_on_another() {
    let model = Model::toy(6);
    let scene = |chain_id| {
        let config = ChainConfig { chain_id, ..ChainConfig::fixed_time(START) };
        let mut court = Court::on(config);
        let request = court.asked(&model);
        let claim = court.claim(SERVER, request, &model.truth());
        court.deposit(SERVER, GAS_STAKE);
        let dispute = open(&mut court, (MALLORY, claim), &mut model.liar(GELU(|_| 0))).unwrap();
        (court, request, claim, dispute)
    };
    let (mut here, request, claim, dispute) = scene(412_346);
    let (there, other_request, other_claim, other) = scene(42_161);
    assert_eq!((here.hub, here.game), (there.hub, there.game));
    assert_ne!((request, claim), (other_request, other_claim));
    assert_eq!(dispute.position, other.position);
    let (mv, evidence) = model.machines().reply(&other.position, Side::Server).unwrap();
    let foreign = answer(other.id, &other.position, &other.program, (&mv, &evidence));
    let game = here.game;
    refused(here.send_to(SERVER, game, foreign), IGame::NoSuchGame { gameId: other.id });
    let call = claim_call(other_request, &model.truth());
    let unknown = IHub::UnknownRequest { requestId: other_request };
    refused(here.ask(SERVER, SERVER_BOND, call), unknown);
}

/// Two requests change places in a re-organization. What was said about one of them says nothing about what now
/// stands in its place.
#[test]
fn a_re_organized_parent_moves_no_claim_and_no_challenge() {
    let model = Model::toy(6);
    let other = Model { input: crate::common::input(9), ..Model::toy(6) };
    let (truth, lie) = (model.truth(), other.answer(GELU(|_| 0).settings()));
    let mut court = Court::new();
    let id = court.register(&model);
    let (first, second, claim, wrong, challenge) = court.what_if(|court| {
        let first = court.infer(id, model.request());
        let second = court.infer(id, other.request());
        let claim = court.claim(SERVER, first, &truth);
        // A wrong claim by another, which a challenger has seen.
        let wrong = court.claim(MALLORY, second, &lie);
        let (position, program) = crate::player::claimed(court, wrong);
        let (mv, evidence) = other.machines().reply(&position, Side::Challenger).unwrap();
        let firstMove: Bytes = crate::encoding::first(&program, (&mv, &evidence)).into();
        let challenge = IHub::challengeCall { claimId: wrong, firstMove };
        (first, second, claim, wrong, challenge)
    });

    let swapped = [court.infer(id, other.request()), court.infer(id, model.request())];
    for id in [first, second] {
        assert!(!swapped.contains(&id));
    }
    // The transactions come again, as they were signed.
    let call = claim_call(first, &truth);
    let unknown = IHub::UnknownRequest { requestId: first };
    refused(court.ask(SERVER, SERVER_BOND, call), unknown);
    let unknown = IHub::UnknownClaim { claimId: wrong };
    refused(court.ask(CHALLENGER, CHALLENGER_BOND, challenge.clone()), unknown);
    // Claims made anew have other names, too: neither the challenge nor a finalization fits them.
    let right = court.claim(SERVER, swapped[1], &truth);
    let now_wrong = court.claim(MALLORY, swapped[0], &lie);
    assert!(right != claim && now_wrong != wrong);
    let unknown = IHub::UnknownClaim { claimId: wrong };
    refused(court.ask(CHALLENGER, CHALLENGER_BOND, challenge), unknown);
    court.pass(CLOCK);
    refused(court.finalize(claim), IHub::UnknownClaim { claimId: claim });
}

/// A request in the same place, from the same requester, for the same model, but with other bytes is another request;
/// one with the same bytes is the same, and so is its claim.
#[test]
fn a_claim_survives_a_re_organization_that_changes_nothing() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let id = court.register(&model);
    let mut seen = Vec::new();
    let mut other_seed = model.request().to_vec();
    other_seed[8] ^= 1;
    for bytes in [model.request(), model.request(), other_seed.into()] {
        seen.push(court.what_if(|court| {
            let request = court.infer(id, bytes);
            (request, court.claim(SERVER, request, &model.truth()))
        }));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0].0, seen[2].0);
    assert_ne!(seen[0].1, seen[2].1);
}

/// A second game contract with the same configuration, and forged names of games.
#[test]
fn a_game_contract_of_ones_own_is_not_heard() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    let (hub, step) = (court.hub, court.step);
    // Its code is active already: programs are activated by their code's hash.
    let mine = deploy_wasm(&mut court.chain, &contract("game"));
    let clock = u32::try_from(CLOCK).unwrap();
    let call = IGame::initializeCall { hub, step, clock }.abi_encode();
    court.send_to(MALLORY, mine, call).unwrap();
    let open = IGame::openCall { gameId: claim, ..IGame::openCall::default() }.abi_encode();
    let refusal = IGame::NotHub { caller: MALLORY };
    refused(court.send_to(MALLORY, mine, open), refusal);
    let forged = B256::repeat_byte(0x77);
    for gameId in [claim, forged] {
        let verdict = IHub::verdictCall { gameId, challengerWon: true };
        let refusal = IHub::NotGame { sender: STRANGER };
        refused(court.ask(STRANGER, 0, verdict), refusal);
        refused(court.refund_game(gameId), IHub::UnknownGame { gameId });
        refused(court.timeout(gameId), IGame::NoSuchGame { gameId });
        refused(court.settle(gameId), IGame::NoSuchGame { gameId });
    }
}
