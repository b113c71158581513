//! From a request to its result, and several answers side by side.

use alloy_primitives::B256;

use crate::answer::Answer;
use crate::world::{
    CAROL, FEE, IHub, REQUESTER, RIVAL, SERVER, SERVER_BOND, WINDOW, WORK_BURN, World, refused,
};

/// Answers a request and ends it.
pub fn finish(world: &mut World, request: B256) -> B256 {
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    world.pass(WINDOW);
    world.finalize(claim).unwrap();
    claim
}

fn result(world: &World, request: B256) -> IHub::Outcome {
    world.view(IHub::resultCall { requestId: request })
}

#[test]
fn an_unchallenged_answer_is_provisional_then_final_and_paid() {
    let mut world = World::new();
    let request = world.infer();
    assert_eq!(result(&world, request).status, IHub::ResultStatus::None);
    let answer = Answer::halted(b"because", 1);
    let claim = world.claim(SERVER, request, &answer);
    let mut wanted = IHub::Outcome {
        status: IHub::ResultStatus::Provisional,
        failed: false,
        claimId: claim,
        outputLength: 7,
        outputRoot: answer.root(),
        output: b"because".into(),
    };
    assert_eq!(result(&world, request), wanted);
    world.pass(WINDOW);
    world.finalize(claim).unwrap();
    wanted.status = IHub::ResultStatus::Final;
    assert_eq!(result(&world, request), wanted);
    assert_eq!(world.credit(SERVER), FEE + SERVER_BOND);
    assert_eq!(world.burned(), WORK_BURN);
    assert_eq!(world.credit(REQUESTER), 0);
    // Both are for good.
    let status = IHub::ClaimStatus::Final;
    refused(world.finalize(claim), IHub::ClaimClosed { claimId: claim, status });
    let status = IHub::RequestStatus::Final;
    let closed = IHub::RequestClosed { requestId: request, status };
    let other = Answer::halted(b"other", 2);
    refused(world.try_claim(RIVAL, request, &other), closed.clone());
    refused(world.ask(CAROL, IHub::reclaimCall { requestId: request }), closed);
}

#[test]
fn a_claim_is_final_from_the_end_of_its_window_on() {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    let windowEnd = world.now() + WINDOW;
    world.set_time(windowEnd - 1);
    refused(world.finalize(claim), IHub::WindowOpen { windowEnd });
    world.set_time(windowEnd);
    let late = IHub::WindowOver { windowEnd };
    refused(world.try_challenge(CAROL, claim), late);
    world.finalize(claim).unwrap();
}

#[test]
fn a_challenge_in_the_last_second_holds_the_claim_up() {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    world.pass(WINDOW - 1);
    let game = world.challenge(CAROL, claim);
    world.pass(1);
    refused(world.finalize(claim), IHub::GamesOpen { openGames: 1 });
    world.deposit(SERVER, crate::world::GAS_STAKE);
    world.reply(game).unwrap();
    world.time_out(game);
    world.finalize(claim).unwrap();
}

#[test]
fn a_failed_trace_is_a_result_for_a_part_of_the_fee() {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.claim(SERVER, request, &Answer::failed(3));
    world.pass(WINDOW);
    world.finalize(claim).unwrap();
    let outcome = result(&world, request);
    assert!(outcome.failed && outcome.output.is_empty());
    assert_eq!((outcome.outputLength, outcome.outputRoot), (0, B256::ZERO));
    let earned = FEE.div_ceil(4);
    assert_eq!(world.credit(SERVER), earned + SERVER_BOND);
    assert_eq!(world.credit(REQUESTER), FEE - earned);
}

#[test]
fn the_first_claim_wrong_the_second_right() {
    let mut world = World::new();
    let request = world.infer();
    let wrong = world.claim(SERVER, request, &Answer::halted(b"wrong", 1));
    let right = world.claim(RIVAL, request, &Answer::halted(b"right", 2));
    let third = world.claim(SERVER, request, &Answer::halted(b"third", 3));
    let links = |world: &World, id| {
        let claim = world.view(IHub::getClaimCall { claimId: id });
        (claim.prev, claim.next)
    };
    assert_eq!(links(&world, wrong), (B256::ZERO, right));
    assert_eq!(links(&world, right), (wrong, third));
    assert_eq!(links(&world, third), (right, B256::ZERO));
    let game = world.challenge(CAROL, wrong);
    world.pass(WINDOW);
    refused(world.finalize(right), IHub::NotFirst { head: wrong });
    refused(world.finalize(third), IHub::NotFirst { head: wrong });
    world.time_out(game);
    assert_eq!(links(&world, right), (B256::ZERO, third));
    assert_eq!(result(&world, request).claimId, right);
    refused(world.finalize(third), IHub::NotFirst { head: right });
    let release = IHub::releaseCall { claimId: third };
    let refusal = IHub::RequestNotFinal { requestId: request };
    refused(world.ask(CAROL, release.clone()), refusal);
    world.finalize(right).unwrap();
    assert_eq!(&result(&world, request).output[..], b"right");
    // The third gets its bond back, once.
    world.ask(CAROL, release.clone()).unwrap();
    assert_eq!(world.credit(SERVER), SERVER_BOND);
    let status = IHub::ClaimStatus::Released;
    refused(world.ask(CAROL, release), IHub::ClaimClosed { claimId: third, status });
}

#[test]
fn a_claim_in_the_middle_or_at_the_end_can_be_voided() {
    let mut world = World::new();
    let request = world.infer();
    let ids: Vec<B256> =
        (1..=4).map(|pc| world.claim(SERVER, request, &Answer::halted(b"because", pc))).collect();
    let games: Vec<B256> = [1, 3].map(|at| world.challenge(CAROL, ids[at])).into();
    world.time_out(games[0]);
    world.play(CAROL, crate::world::IGame::timeoutCall { gameId: games[1] }).unwrap();
    let kept = world.view(IHub::getRequestCall { requestId: request });
    assert_eq!((kept.head, kept.tail, kept.attempts), (ids[0], ids[2], 4));
    let first = world.view(IHub::getClaimCall { claimId: ids[0] });
    let last = world.view(IHub::getClaimCall { claimId: ids[2] });
    assert_eq!((first.next, last.prev, last.next), (ids[2], ids[0], B256::ZERO));
}

#[test]
fn the_same_answer_counts_again_after_a_void() {
    let mut world = World::new();
    let request = world.infer();
    let answer = Answer::halted(b"because", 1);
    let first = world.claim(SERVER, request, &answer);
    let duplicate = IHub::DuplicateClaim { claimId: first };
    refused(world.try_claim(SERVER, request, &answer), duplicate);
    let game = world.challenge(CAROL, first);
    world.time_out(game);
    assert_eq!(result(&world, request).status, IHub::ResultStatus::None);
    let second = world.claim(RIVAL, request, &answer);
    assert_ne!(first, second);
    world.pass(WINDOW);
    world.finalize(second).unwrap();
    assert_eq!(world.credit(RIVAL), FEE + SERVER_BOND);
    let status = IHub::ClaimStatus::Void;
    refused(world.finalize(first), IHub::ClaimClosed { claimId: first, status });
    // The same server may try again too, under another id; on two requests one answer is two claims.
    let request = world.infer();
    let once = world.voided(SERVER, request, &answer);
    assert_ne!(world.claim(SERVER, request, &answer), once);
}

/// Whoever copies the right answer first and loses on purpose keeps nobody out.
#[test]
fn the_same_answer_of_another_stands_in_for_a_void_one() {
    let mut world = World::new();
    let request = world.infer();
    let answer = Answer::halted(b"because", 1);
    let thief = world.claim(RIVAL, request, &answer);
    let honest = world.claim(SERVER, request, &answer);
    let game = world.challenge(CAROL, thief);
    world.time_out(game);
    let status = IHub::ClaimStatus::Void;
    refused(world.finalize(thief), IHub::ClaimClosed { claimId: thief, status });
    // The thief's next copy comes behind.
    let next = world.claim(RIVAL, request, &answer);
    refused(world.finalize(next), IHub::NotFirst { head: honest });
    world.finalize(honest).unwrap();
    assert_eq!(world.credit(SERVER), FEE + SERVER_BOND);
    world.ask(CAROL, IHub::releaseCall { claimId: next }).unwrap();
    assert_eq!(world.credit(RIVAL), SERVER_BOND);
}
