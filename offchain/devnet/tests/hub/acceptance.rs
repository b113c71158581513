//! A request that a server has taken for itself.

use alloy_primitives::{Address, B256, Bytes, U256};

use crate::answer::Answer;
use crate::world::{
    ACCEPT_BOND, CAROL, EXCLUSIVITY, IHub, PATIENCE, PRICE, REQUESTER, RIVAL, SERVER, World,
    refused,
};

fn acceptance(world: &World, request: B256) -> (Address, IHub::AcceptanceStatus, u64) {
    let request = world.view(IHub::getRequestCall { requestId: request });
    (request.acceptedBy, request.acceptance, request.acceptedUntil)
}

fn cancel(world: &mut World, request: B256) -> Result<(), Bytes> {
    world.ask(REQUESTER, IHub::cancelCall { requestId: request }).map(|_| ())
}

#[test]
fn an_accepted_request_is_its_servers_alone_until_it_has_claimed() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    let until = world.now() + EXCLUSIVITY;
    assert_eq!(acceptance(&world, request), (SERVER, IHub::AcceptanceStatus::Held, until));
    world.set_time(until - 1);
    // Whoever has copied the answer cannot claim it first, not even for a third.
    let answer = Answer::halted(b"because", 1);
    let exclusive = IHub::ExclusiveTo { server: SERVER, until };
    refused(world.try_claim(RIVAL, request, &answer), exclusive.clone());
    world.ask(RIVAL, IHub::allowPayerCall { payer: SERVER, allowed: true }).unwrap();
    refused(world.try_claim_for([SERVER, RIVAL], request, &answer), exclusive);
    world.claim(SERVER, request, &answer);
    assert_eq!(world.credit(SERVER), ACCEPT_BOND);
    assert_eq!(acceptance(&world, request), (SERVER, IHub::AcceptanceStatus::Returned, until));
    // It is nobody's alone any more, in the same second.
    world.claim(RIVAL, request, &Answer::halted(b"other", 2));
    world.claim(SERVER, request, &Answer::halted(b"third", 3));
    assert_eq!((world.credit(SERVER), world.burned()), (ACCEPT_BOND, 0));
}

#[test]
fn a_claim_for_the_acceptor_is_its_claim() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    let answer = Answer::halted(b"because", 1);
    // Nobody ends it in a name that is not its own.
    let refusal = IHub::PayerNotAllowed { server: SERVER, payer: CAROL };
    refused(world.try_claim_for([CAROL, SERVER], request, &answer), refusal);
    world.ask(SERVER, IHub::allowPayerCall { payer: CAROL, allowed: true }).unwrap();
    world.try_claim_for([CAROL, SERVER], request, &answer).unwrap();
    assert_eq!((world.credit(SERVER), world.credit(CAROL)), (ACCEPT_BOND, 0));
}

#[test]
fn a_lapsed_acceptance_is_burned_once() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    world.pass(EXCLUSIVITY);
    let status = |world: &World| acceptance(world, request).1;
    assert_eq!(status(&world), IHub::AcceptanceStatus::Held);
    world.claim(RIVAL, request, &Answer::halted(b"because", 1));
    assert_eq!((status(&world), world.burned()), (IHub::AcceptanceStatus::Burned, ACCEPT_BOND));
    world.claim(SERVER, request, &Answer::halted(b"late", 2));
    assert_eq!((world.credit(SERVER), world.burned()), (0, ACCEPT_BOND));
}

#[test]
fn a_claim_of_the_acceptors_own_is_too_late_in_the_last_second() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    world.pass(EXCLUSIVITY);
    world.claim(SERVER, request, &Answer::halted(b"because", 1));
    assert_eq!((world.credit(SERVER), world.burned()), (0, ACCEPT_BOND));
}

#[test]
fn a_request_is_accepted_at_most_once() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    let again = IHub::AlreadyAccepted { server: SERVER };
    refused(world.accept(SERVER, request), again.clone());
    world.pass(EXCLUSIVITY);
    refused(world.accept(RIVAL, request), again.clone());
    world.claim(RIVAL, request, &Answer::halted(b"because", 1));
    refused(world.accept(RIVAL, request), IHub::HasClaims { attempts: 1 });
}

#[test]
fn what_takes_no_claims_or_has_one_is_not_accepted() {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.voided(SERVER, request, &Answer::halted(b"wrong", 1));
    assert!(!claim.is_zero());
    refused(world.accept(SERVER, request), IHub::HasClaims { attempts: 1 });
    let request = world.infer();
    cancel(&mut world, request).unwrap();
    let status = IHub::RequestStatus::Refunded;
    refused(world.accept(SERVER, request), IHub::RequestClosed { requestId: request, status });
    let requestId = B256::repeat_byte(7);
    refused(world.accept(SERVER, requestId), IHub::UnknownRequest { requestId });
}

#[test]
fn an_acceptance_holds_no_deadline_up() {
    let mut world = World::new();
    let request = world.infer();
    let deadline = world.now() + PATIENCE;
    world.set_time(deadline - EXCLUSIVITY + 1);
    refused(world.accept(SERVER, request), IHub::TooLateToAccept { deadline });
    let request = world.infer();
    world.pass(PATIENCE - EXCLUSIVITY);
    world.accept(SERVER, request).unwrap();
    world.pass(EXCLUSIVITY);
    world.ask(CAROL, IHub::reclaimCall { requestId: request }).unwrap();
    assert_eq!((world.credit(REQUESTER), world.burned()), (PRICE, ACCEPT_BOND));
}

#[test]
fn the_requester_cannot_cancel_while_somebody_works_for_it() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    let until = world.now() + EXCLUSIVITY;
    world.set_time(until - 1);
    refused(cancel(&mut world, request), IHub::ExclusiveTo { server: SERVER, until });
    world.set_time(until);
    cancel(&mut world, request).unwrap();
    assert_eq!((world.credit(REQUESTER), world.burned()), (PRICE, ACCEPT_BOND));
    assert_eq!(acceptance(&world, request).1, IHub::AcceptanceStatus::Burned);
    // Not even one that has accepted its own request.
    let request = world.infer();
    world.accept(REQUESTER, request).unwrap();
    let until = world.now() + EXCLUSIVITY;
    refused(cancel(&mut world, request), IHub::ExclusiveTo { server: REQUESTER, until });
}

#[test]
fn an_acceptance_costs_its_bond() {
    let mut world = World::new();
    let requestId = world.infer();
    let call = IHub::acceptCall { requestId };
    let (have, want) = (U256::from(ACCEPT_BOND - 1), U256::from(ACCEPT_BOND));
    let refusal = IHub::InsufficientFunds { account: SERVER, have, want };
    refused(world.pay(SERVER, ACCEPT_BOND - 1, call.clone()), refusal);
    world.pay(SERVER, ACCEPT_BOND + 5, call).unwrap();
    assert_eq!(world.credit(SERVER), 5);
}
