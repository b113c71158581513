//! The holes of earlier systems, one test each, named after the hole.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolError, sol};
use opml_core::game::{Move, Phase, SegmentIndex, Side};
use opml_core::keccak::AlloyKeccak;
use opml_solver::machines::Evidence;
use opml_solver::{Computation as _, Trace as _};

use crate::abi::IHub;
use crate::chain_support::deploy_evm;
use crate::chain_support::relay;
use crate::court::{
    CHALLENGER, CHALLENGER_BOND, CHALLENGER_BOND_BURN, CLOCK, Court, FEE, GAS_STAKE, MALLORY,
    OWNER, PATIENCE, PEOPLE, REQUESTER, SECOND, SERVER, SERVER_BOND, STRANGER, WINDOW, refused,
};
use crate::encoding::IGame;
use crate::liar::GELU;
use crate::model::{Answer, Model};
use crate::player::{Dispute, Player as _, Rest, Silent, challenge_by, open};

sol!("../../sol/IStepVerifier.sol");

use IStepVerifier as step;

/// A lying server has just to hand over: single graph steps lie before it.
fn before_handover() -> (Court, Model, Dispute) {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let lie = court.claim(SERVER, request, &model.answer(GELU(|_| 0).settings()));
    court.deposit(SERVER, GAS_STAKE);
    let dispute = open(&mut court, (CHALLENGER, lie), &mut model.machines()).unwrap();
    (court, model, dispute)
}

/// Once a party chose where the run of the second phase starts. Here the start follows from the state that both
/// have agreed on, and the party only says where it ends.
#[test]
fn caller_supplied_sub_game_states() {
    let (mut court, model, mut dispute) = before_handover();
    let (mut liar, mut truth) = (model.liar(GELU(|_| 0)), model.machines());
    let (mv, good) = liar.reply(&dispute.position, Side::Server).unwrap();
    let Evidence::Descend { state, last, end, .. } = good.clone() else { panic!("{mv:?}") };
    let number = mv.segment().get();
    // Another state of the true trace, with its own witness.
    let other = Move::Descend { segment: SegmentIndex::new(usize::from(number) - 1).unwrap() };
    let Evidence::Descend { state: earlier, begin: earlier_begin, .. } =
        truth.evidence(&dispute.position, &other).unwrap()
    else {
        panic!()
    };
    let shown = |state, begin: &[u8]| {
        let (begin, end) = (begin.to_vec(), end.clone());
        Evidence::Descend { state, begin, last: last.clone(), end }
    };
    let data = dispute.show(&mut court, (&mv, &shown(earlier, &earlier_begin))).unwrap_err();
    let error = step::GraphStateNotAgreed::abi_decode_validate(&data).unwrap();
    assert_eq!(error.computed, earlier.hash::<AlloyKeccak>());
    // The agreed state with another operator: a run of one's own choice.
    let data = dispute.show(&mut court, (&mv, &shown(state, &earlier_begin))).unwrap_err();
    step::HandoverWrongRoot::abi_decode_validate(&data).unwrap();
    // Another kernel image.
    let program = dispute.program;
    dispute.program.image_root = B256::repeat_byte(7);
    let data = dispute.show(&mut court, (&mv, &good)).unwrap_err();
    IGame::WrongProgram::abi_decode_validate(&data).unwrap();
    dispute.program = program;

    dispute.show(&mut court, (&mv, &good)).unwrap();
    let Phase::Run { graph_step } = dispute.position.phase() else { panic!() };
    assert_eq!(graph_step, u64::from(number));
    let run = truth.run(graph_step).unwrap().unwrap();
    assert_eq!(dispute.position.segments().start, run.state_hash(0).unwrap());
    assert_eq!(dispute.position.segments().ends.last(), last.hash::<AlloyKeccak>());
}

/// Once a challenger won by showing the honest run of a step that nobody had lied about.
#[test]
fn honest_trace_beating_an_honest_proposer() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, GAS_STAKE);
    let (mut honest, mut truth) = (model.machines(), model.machines());
    let mut liar = model.liar(GELU(|_| 0));
    let mut dispute = open(&mut court, (MALLORY, claim), &mut liar).unwrap();
    dispute.turn(&mut court, &mut honest).unwrap().unwrap();
    // The server's dissection has single steps, and all of it is true.
    let segments = dispute.position.segments().clone();
    let mut runs = 0;
    for number in 0..segments.ends.degree() {
        let segment = SegmentIndex::new(number).unwrap();
        let mv = Move::Descend { segment };
        let Ok(evidence) = truth.evidence(&dispute.position, &mv) else { continue };
        let end = segments.cut(number + 1).unwrap();
        let outcome = dispute.show(&mut court, (&mv, &evidence));
        refused(outcome, IGame::SameEnd { end });
        runs += 1;
    }
    assert!(runs > 0);
    court.pass(CLOCK);
    court.timeout(dispute.id).unwrap();
    let won = CHALLENGER_BOND - CHALLENGER_BOND_BURN;
    assert_eq!((court.credit(SERVER), court.credit(MALLORY)), (GAS_STAKE + won, 0));
}

/// All that anybody might try on what there is; how much of it succeeded.
fn try_everything(court: &mut Court) -> usize {
    let ledger = court.ledger.clone();
    let mut calls: Vec<(Address, Vec<u8>)> = Vec::new();
    for requestId in ledger.requests.keys().copied() {
        calls.push((court.hub, IHub::cancelCall { requestId }.abi_encode()));
        calls.push((court.hub, IHub::reclaimCall { requestId }.abi_encode()));
    }
    for claimId in ledger.claims.iter().copied() {
        calls.push((court.hub, IHub::finalizeCall { claimId }.abi_encode()));
        calls.push((court.hub, IHub::releaseCall { claimId }.abi_encode()));
    }
    for gameId in ledger.games.iter().copied() {
        calls.push((court.game, IGame::timeoutCall { gameId }.abi_encode()));
        calls.push((court.game, IGame::settleCall { gameId }.abi_encode()));
        calls.push((court.hub, IHub::refundGameCall { gameId }.abi_encode()));
        calls.push((court.hub, IHub::lockStakeCall { gameId }.abi_encode()));
        for challengerWon in [true, false] {
            calls.push((court.hub, IHub::verdictCall { gameId, challengerWon }.abi_encode()));
        }
    }
    let mut done = 0;
    for (target, data) in calls {
        for from in PEOPLE {
            done += usize::from(court.send_to(from, target, data.clone()).is_ok());
        }
    }
    done
}

/// Once a bond was paid out as often as it was asked for.
#[test]
fn repeated_payout() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let id = court.register(&model);
    let [request, second] = [(); 2].map(|()| court.infer(id, model.request()));
    court.deposit(SERVER, 9 * GAS_STAKE);
    let (truth, lie) = (model.truth(), model.answer(GELU(|_| 0).settings()));
    let mut honest = model.machines();
    // A void claim with a won, a lost and two cancelled games; behind it the right one, and one to release.
    let wrong = court.claim(SERVER, request, &lie);
    let idle = [SECOND, STRANGER].map(|who| open(&mut court, (who, wrong), &mut honest).unwrap());
    let mut won = open(&mut court, (CHALLENGER, wrong), &mut honest).unwrap();
    let right = court.claim(SECOND, request, &truth);
    let failed = Answer { state: truth.state.failed(), output: Vec::new(), path: Vec::new() };
    court.claim(MALLORY, request, &failed);
    let mut liar = model.liar(GELU(|_| 0));
    won.play_on(&mut court, (&mut liar, &mut honest));
    court.pass(CLOCK);
    if court.game_of(won.id).status == IGame::Status::Open {
        court.timeout(won.id).unwrap();
    }
    court.refund_game(idle[0].id).unwrap();
    court.finalize(right).unwrap();
    // A request that is reclaimed, and one that is cancelled.
    court.ask(STRANGER, 0, IHub::reclaimCall { requestId: second }).unwrap();
    let third = court.infer(id, model.request());
    court.ask(REQUESTER, 0, IHub::cancelCall { requestId: third }).unwrap();

    let first = try_everything(&mut court);
    assert!(first > 0, "there was something left to do");
    let kept: Vec<u128> = PEOPLE.iter().map(|who| court.credit(*who)).collect();
    let burned = court.burned();
    assert_eq!(court.ledger.stakes(&court), 0);
    assert_eq!(try_everything(&mut court), 0);
    let after: Vec<u128> = PEOPLE.iter().map(|who| court.credit(*who)).collect();
    assert_eq!((after, court.burned()), (kept, burned));
    // Nor is credit paid out twice.
    let credit = court.credit(CHALLENGER);
    court.withdraw(CHALLENGER, credit).unwrap();
    let (have, want) = (U256::ZERO, U256::from(credit));
    let short = IHub::InsufficientFunds { account: CHALLENGER, have, want };
    refused(court.withdraw(CHALLENGER, credit), short);
    court.assert_nothing_left();
}

/// Once a server took its bond out while a game about it went on.
#[test]
fn withdrawal_mid_game() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, GAS_STAKE);
    let mut dispute = open(&mut court, (MALLORY, claim), &mut model.liar(GELU(|_| 0))).unwrap();
    dispute.turn(&mut court, &mut model.machines()).unwrap().unwrap();
    court.pass(WINDOW);
    for account in [SERVER, MALLORY, REQUESTER] {
        let (have, want) = (U256::ZERO, U256::from(1));
        let short = IHub::InsufficientFunds { account, have, want };
        refused(court.withdraw(account, 1), short);
    }
    refused(court.finalize(claim), IHub::GamesOpen { openGames: 1 });
    let release = IHub::releaseCall { claimId: claim };
    refused(court.ask(SERVER, 0, release), IHub::RequestNotFinal { requestId: request });
    refused(court.refund_game(dispute.id), IHub::ClaimLive { claimId: claim });
    court.pass(PATIENCE);
    let reclaim = IHub::reclaimCall { requestId: request };
    refused(court.ask(REQUESTER, 0, reclaim), IHub::ClaimLive { claimId: claim });
    assert_eq!(court.credit(SERVER), 0);
    court.at(court.deadline(dispute.id));
    court.timeout(dispute.id).unwrap();
    court.finalize(claim).unwrap();
    let won = CHALLENGER_BOND - CHALLENGER_BOND_BURN + GAS_STAKE;
    court.withdraw(SERVER, FEE + SERVER_BOND + won).unwrap();
}

/// Once a party that said nothing could not lose.
#[test]
fn no_clock() {
    let model = Model::toy(6);
    for silent in [Side::Server, Side::Challenger] {
        let mut court = Court::new();
        let request = court.asked(&model);
        let claim = court.claim(SERVER, request, &model.truth());
        court.deposit(SERVER, GAS_STAKE);
        let mut liar = model.liar(GELU(|_| 0));
        let mut dispute = open(&mut court, (MALLORY, claim), &mut liar).unwrap();
        if silent == Side::Challenger {
            dispute.turn(&mut court, &mut model.machines()).unwrap().unwrap();
        }
        // Nothing that is refused, and nobody else, moves the deadline.
        let deadline = court.deadline(dispute.id);
        assert_eq!(deadline, court.now() + CLOCK);
        for passed in [1, CLOCK / 2, CLOCK - 1] {
            court.at(deadline - CLOCK + passed);
            let play = IGame::dissectCall { gameId: dispute.id, ..IGame::dissectCall::default() };
            for from in [SERVER, MALLORY, STRANGER] {
                court.play(from, play.clone()).unwrap_err();
            }
            court.timeout(dispute.id).unwrap_err();
            assert_eq!(court.deadline(dispute.id), deadline);
        }
        court.at(deadline);
        let rest = dispute.play_on(&mut court, (&mut Silent, &mut Silent));
        assert!(matches!(rest, Rest::Speechless(side) if side == silent));
        court.timeout(dispute.id).unwrap();
        let status = court.claim_of(claim).status;
        let alive = silent == Side::Challenger;
        assert_eq!(status, if alive { IHub::ClaimStatus::Live } else { IHub::ClaimStatus::Void });
    }
}

/// Once an output was whatever its server said, beside a state that was right.
#[test]
fn output_not_bound_to_the_final_state() {
    let model = Model::digits(4);
    let mut court = Court::new();
    let request = court.asked(&model);
    let truth = model.truth();
    let with = |output: &[u8]| Answer { output: output.to_vec(), ..truth.clone() };
    let (whole, last) = (&truth.output[..], truth.output.len() - 1);
    let mut other = truth.output.clone();
    other[0] ^= 1;
    let zero = [whole, &[0]].concat();
    let mut elsewhere = truth.clone();
    elsewhere.path[31] ^= 1;
    let other_model = Model::toy(4).truth();
    let wrong = [
        with(&whole[..last]),
        with(&zero),
        with(&[]),
        with(&other),
        elsewhere,
        Answer { state: other_model.state, ..truth.clone() },
        Answer { state: truth.state, ..other_model },
        Answer { state: truth.state.failed(), ..truth.clone() },
    ];
    for answer in wrong {
        refused(court.try_claim(SERVER, request, &answer), IHub::OutputNotProven {});
    }
    court.claim(SERVER, request, &truth);
    let outcome = court.result(request);
    assert_eq!(outcome.output, Bytes::from(truth.output.clone()));
    assert_eq!(usize::try_from(outcome.outputLength).unwrap(), truth.output.len());
}

/// Once calldata of a caller's choice was sent in the contract's name to an address of its choice.
#[test]
fn arbitrary_external_call_as_the_contract() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    let (game, hub) = (court.game, court.hub);
    let dispute = open(&mut court, (CHALLENGER, claim), &mut model.liar(GELU(|_| 0))).unwrap();
    let before = court.game_of(dispute.id);
    // A first move names no function of the game contract but the three openings, and no other game.
    let clock = u32::try_from(CLOCK).unwrap();
    let calls: [Vec<u8>; 6] = [
        IGame::timeoutCall { gameId: dispute.id }.abi_encode(),
        IGame::settleCall { gameId: dispute.id }.abi_encode(),
        IGame::initializeCall { hub: MALLORY, step: MALLORY, clock }.abi_encode(),
        IGame::openCall { gameId: dispute.id, ..IGame::openCall::default() }.abi_encode(),
        IGame::proveCall { gameId: dispute.id, ..IGame::proveCall::default() }.abi_encode(),
        IHub::withdrawCall { to: MALLORY, amount: U256::from(1) }.abi_encode(),
    ];
    for data in calls {
        let selector = alloy_primitives::FixedBytes::from_slice(&data[..4]);
        let outcome = challenge_by(&mut court, (MALLORY, claim), data);
        refused(outcome, IGame::UnknownSelector { selector });
    }
    assert_eq!(court.game_of(dispute.id), before);
    // A payment carries no calldata: the relay does what its calldata says, and is told nothing.
    let payee = deploy_evm(&mut court.chain, &relay::evm());
    court.deposit(MALLORY, 9);
    let amount = U256::from(9);
    let done = court.ask(MALLORY, 0, IHub::withdrawCall { to: payee, amount }).unwrap();
    assert_eq!((court.balance(payee), done.receipt.logs().len()), (9, 1));
    // Neither hub, game nor verifier is a payee.
    court.deposit(MALLORY, 9);
    for to in [hub, game, court.step] {
        let refusal = IHub::PaymentRefused { to, amount };
        refused(court.ask(MALLORY, 0, IHub::withdrawCall { to, amount }), refusal);
    }
    // And whom the game contract calls is fixed.
    let again = IGame::initializeCall { hub: MALLORY, step: MALLORY, clock };
    refused(court.play(OWNER, again), IGame::Initialized {});
}
