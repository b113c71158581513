//! Several requests and claims side by side, over the real machines.

use crate::abi::IHub;
use crate::court::{
    CHALLENGER, CHALLENGER_BOND, CLOCK, Court, FEE, GAS_STAKE, MALLORY, REQUESTER, SECOND, SERVER,
    SERVER_BOND, SERVER_BOND_BURN, STRANGER, WINDOW, refused,
};
use crate::liar::GELU;
use crate::model::Model;
use crate::player::{Silent, open};

#[test]
fn two_identical_requests_have_claims_and_games_of_their_own() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let id = court.register(&model);
    let requests = [(); 2].map(|()| court.infer(id, model.request()));
    assert_ne!(requests[0], requests[1]);
    // The same trace: same first and last states.
    let starts = requests.map(|request| court.request(request).start);
    assert_eq!(starts[0], starts[1]);
    let truth = model.truth();
    let claims = requests.map(|request| court.claim(SERVER, request, &truth));
    assert_ne!(claims[0], claims[1]);
    court.deposit(SERVER, GAS_STAKE);
    let mut liar = model.liar(GELU(|_| 0));
    let games = claims.map(|claim| open(&mut court, (MALLORY, claim), &mut liar).unwrap());
    assert_ne!(games[0].id, games[1].id);
    // Silence in the first voids the first alone.
    let mut second = games[1].clone();
    second.turn(&mut court, &mut model.machines()).unwrap().unwrap();
    court.pass(CLOCK);
    court.timeout(games[0].id).unwrap();
    let status = |court: &Court, claim| court.claim_of(claim).status;
    assert_eq!(status(&court, claims[0]), IHub::ClaimStatus::Void);
    assert_eq!(status(&court, claims[1]), IHub::ClaimStatus::Live);
    assert_eq!(court.claim_of(claims[1]).openGames, 1);
    court.timeout(games[1].id).unwrap();
    court.finalize(claims[1]).unwrap();
    assert_eq!(court.request(requests[0]).status, IHub::RequestStatus::Open);
    court.ask(STRANGER, 0, IHub::reclaimCall { requestId: requests[0] }).unwrap();
    court.assert_nothing_left();
}

/// A server throws its own right claim to an accomplice, who takes a part of the bond; the same result by another
/// server is as good as ever.
#[test]
fn a_right_result_thrown_by_its_server_is_claimed_again_and_paid() {
    let model = Model::toy(6);
    let truth = model.truth();
    let mut court = Court::new();
    let request = court.asked(&model);
    let thrown = court.claim(SERVER, request, &truth);
    let mut liar = model.liar(GELU(|_| 0));
    let mut dispute = open(&mut court, (MALLORY, thrown), &mut liar).unwrap();
    let duplicate = IHub::DuplicateClaim { claimId: thrown };
    refused(court.try_claim(SERVER, request, &truth), duplicate);
    dispute.play_out(&mut court, (&mut Silent, &mut Silent));
    assert_eq!(court.claim_of(thrown).status, IHub::ClaimStatus::Void);
    let share = SERVER_BOND - SERVER_BOND_BURN;
    assert_eq!(court.credit(MALLORY), CHALLENGER_BOND + share);
    // The two together have lost the burn; they may throw it again, at the same price.
    let again = court.claim(SERVER, request, &truth);
    assert_ne!(again, thrown);
    let mut dispute = open(&mut court, (MALLORY, again), &mut liar).unwrap();
    dispute.play_out(&mut court, (&mut Silent, &mut Silent));
    assert_eq!(court.burned(), 2 * SERVER_BOND_BURN);
    let honest = court.claim(SECOND, request, &truth);
    court.deposit(SECOND, GAS_STAKE);
    let mut dispute = open(&mut court, (MALLORY, honest), &mut liar).unwrap();
    dispute.play_out(&mut court, (&mut model.machines(), &mut liar));
    court.pass(WINDOW);
    court.finalize(honest).unwrap();
    assert_eq!(court.result(request).claimId, honest);
    court.assert_nothing_left();
}

/// A lie first, the truth behind it, a lie about the same again: the truth is the result, and the liars pay.
#[test]
fn a_right_claim_behind_a_wrong_one_is_the_result() {
    let model = Model::toy(5);
    let (truth, lie) = (model.truth(), model.answer(GELU(|_| 0).settings()));
    let mut court = Court::new();
    let request = court.asked(&model);
    let wrong = court.claim(MALLORY, request, &lie);
    let right = court.claim(SERVER, request, &truth);
    assert_eq!(court.result(request).claimId, wrong);
    court.deposit(MALLORY, 2 * GAS_STAKE);
    let (mut liar, mut honest) = (model.liar(GELU(|_| 0)), model.machines());
    let mut dispute = open(&mut court, (CHALLENGER, wrong), &mut honest).unwrap();
    dispute.play_out(&mut court, (&mut liar, &mut honest));
    let provisional = court.result(request);
    assert_eq!((provisional.claimId, provisional.status), (right, IHub::ResultStatus::Provisional));
    // Its window may be over, but the fee is not to be had while a claim lives.
    court.pass(crate::court::PATIENCE);
    let reclaim = IHub::reclaimCall { requestId: request };
    refused(court.ask(REQUESTER, 0, reclaim), IHub::ClaimLive { claimId: right });
    // The rejected state again, behind the right claim: it changes nothing and gets its bond back, for
    // nobody has to pay for a game about a claim that cannot become the result.
    let again = court.claim(MALLORY, request, &lie);
    court.finalize(right).unwrap();
    court.ask(STRANGER, 0, IHub::releaseCall { claimId: again }).unwrap();
    assert_eq!(court.credit(SERVER), FEE + SERVER_BOND);
    court.assert_nothing_left();
}
