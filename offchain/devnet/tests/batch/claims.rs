//! Items of a batch are claims like others.

use alloy_primitives::B256;
use alloy_sol_types::{SolError, SolEvent};

use crate::answer::Answer;
use crate::counter::{Counter, IBatch, item, root};
use crate::world::{
    ACCEPT_BOND, CAROL, DAVE, FEE, IGame, IHub, RIVAL, SERVER, SERVER_BOND, WINDOW, refused,
};

fn status(counter: &Counter, claimId: B256) -> IHub::ClaimStatus {
    counter.world.view(IHub::getClaimCall { claimId }).status
}

#[test]
fn each_item_is_a_claim_of_the_senders() {
    let mut counter = Counter::new();
    let requests = counter.requests(3);
    let answers = [Answer::halted(b"because", 1), Answer::failed(2), Answer::halted(&[7; 1025], 3)];
    let items: Vec<IBatch::Item> =
        requests.iter().zip(&answers).map(|(request, answer)| item(*request, answer)).collect();
    let (batch_root, claims) = counter.try_claim(SERVER, items.clone()).unwrap();
    assert_eq!(batch_root, root(&items));
    let logs = counter.world.last.as_ref().unwrap().logs();
    let log = logs.iter().find(|log| log.address() == counter.batch).unwrap();
    let event = IBatch::Batched::decode_log_data(log.data()).unwrap();
    let wanted = IBatch::Batched { root: batch_root, server: SERVER, claimIds: claims.clone() };
    assert_eq!(event, wanted);
    for ((claimId, request), answer) in claims.iter().zip(&requests).zip(&answers) {
        let claim = counter.world.view(IHub::getClaimCall { claimId: *claimId });
        assert_eq!((claim.requestId, claim.server), (*request, SERVER));
        assert_eq!(claim.finalHash, answer.hash());
        assert_eq!(claim.windowEnd, counter.world.now() + WINDOW);
        let head = counter.world.view(IHub::getRequestCall { requestId: *request }).head;
        assert_eq!(head, *claimId);
    }
    assert_eq!((counter.balance(), counter.world.credit(counter.batch)), (0, 0));
}

#[test]
fn two_lies_in_a_batch_void_these_two_only() {
    let mut counter = Counter::new();
    let requests = counter.requests(5);
    let items =
        (1..).zip(&requests).map(|(pc, id)| item(*id, &Answer::halted(b"because", pc))).collect();
    let (_, claims) = counter.try_claim(SERVER, items).unwrap();
    let (lies, truths) = ([claims[1], claims[3]], [claims[0], claims[2], claims[4]]);
    let games = lies.map(|lie| counter.world.challenge(CAROL, lie));
    counter.world.pass(WINDOW);
    for truth in truths {
        counter.world.finalize(truth).unwrap();
    }
    counter.world.time_out(games[0]);
    counter.world.play(DAVE, IGame::timeoutCall { gameId: games[1] }).unwrap();
    for lie in lies {
        assert_eq!(status(&counter, lie), IHub::ClaimStatus::Void);
        let void = IHub::ClaimClosed { claimId: lie, status: IHub::ClaimStatus::Void };
        refused(counter.world.finalize(lie), void);
    }
    for truth in truths {
        assert_eq!(status(&counter, truth), IHub::ClaimStatus::Final);
    }
    assert_eq!(counter.world.credit(SERVER), 3 * (FEE + SERVER_BOND));
    // The two requests are open, and others answer them.
    let right = counter.world.claim(RIVAL, requests[1], &Answer::halted(b"right", 9));
    counter.world.pass(WINDOW);
    counter.world.finalize(right).unwrap();
}

#[test]
fn the_same_request_twice_in_a_batch_is_two_claims_side_by_side() {
    let mut counter = Counter::new();
    let request = counter.world.infer();
    let items = vec![
        item(request, &Answer::halted(b"first", 1)),
        item(request, &Answer::halted(b"second", 2)),
    ];
    let (_, claims) = counter.try_claim(SERVER, items).unwrap();
    let kept = counter.world.view(IHub::getRequestCall { requestId: request });
    assert_eq!((kept.head, kept.tail, kept.attempts), (claims[0], claims[1], 2));
}

#[test]
fn an_accepted_request_is_claimed_in_a_batch_by_its_server_only() {
    let mut counter = Counter::new();
    let requests = counter.requests(2);
    counter.world.accept(SERVER, requests[1]).unwrap();
    let items = || {
        let items = requests.iter().map(|id| item(*id, &Answer::halted(b"because", 1)));
        items.collect::<Vec<_>>()
    };
    let until = counter.world.view(IHub::getRequestCall { requestId: requests[1] }).acceptedUntil;
    let reason = IHub::ExclusiveTo { server: SERVER, until }.abi_encode().into();
    let refusal = IBatch::BadItem { index: alloy_primitives::U256::ONE, reason };
    refused(counter.try_claim(RIVAL, items()), refusal);
    counter.try_claim(SERVER, items()).unwrap();
    assert_eq!(counter.world.credit(SERVER), ACCEPT_BOND);
}
