//! Asking, cancelling, reclaiming.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue;
use opml_core::graph::{Request, initial_state};
use opml_core::keccak::AlloyKeccak;

use crate::answer::Answer;
use crate::world::{
    BASE_FEE, CAROL, IHub, ITERATION_FEE, MAX_ITERATIONS, PATIENCE, PRICE, REQUESTER, SERVER,
    SERVER_BOND, WORK_BURN, World, model, refused, request, request_for,
};

#[test]
fn a_request_commits_to_who_asked_what_and_when() {
    let mut world = World::new();
    let ids = [world.infer(), world.infer()];
    let bytes = request(b"why?");
    let asked = Request::decode(&bytes).unwrap();
    let start = initial_state::<AlloyKeccak>(&model().weightsRoot, &asked).hash::<AlloyKeccak>();
    for (nonce, id) in [0_u64, 1].into_iter().zip(ids) {
        let tag = B256::right_padding_from(b"opml.request.v1");
        let chain = U256::from(world.chain.chain_id());
        let root = asked.region_root::<AlloyKeccak>();
        let parts = (tag, chain, world.hub, REQUESTER, U256::from(nonce), world.model, root);
        assert_eq!(id, keccak256(parts.abi_encode()));
        let kept = world.view(IHub::getRequestCall { requestId: id });
        let wanted = IHub::Request {
            modelId: world.model,
            start,
            requester: REQUESTER,
            status: IHub::RequestStatus::Open,
            deadline: world.now() + PATIENCE,
            attempts: 0,
            head: B256::ZERO,
            tail: B256::ZERO,
            iterations: MAX_ITERATIONS,
            acceptedBy: Address::ZERO,
            acceptance: IHub::AcceptanceStatus::None,
            acceptedUntil: 0,
        };
        assert_eq!(kept, wanted);
    }
    assert_eq!(world.view(IHub::nonceOfCall { requester: REQUESTER }), 2);
}

#[test]
fn too_little_is_refused_and_what_is_too_much_is_credited() {
    let mut world = World::new();
    let call = IHub::inferCall { modelId: world.model, request: request(b"why?") };
    let have = U256::from(PRICE - 1);
    let refusal = IHub::InsufficientFunds { account: REQUESTER, have, want: U256::from(PRICE) };
    refused(world.pay(REQUESTER, PRICE - 1, call.clone()), refusal);
    let id = world.pay(REQUESTER, PRICE + 5, call.clone()).unwrap();
    world.requests.push(id);
    assert_eq!(world.credit(REQUESTER), 5);
    // What is credited pays too.
    let id = world.pay(REQUESTER, PRICE - 5, call).unwrap();
    world.requests.push(id);
    assert_eq!(world.credit(REQUESTER), 0);
    world.assert_balanced();
}

#[test]
fn bytes_that_are_no_request_and_long_inputs_are_refused() {
    let mut world = World::new();
    let mut infer = |bytes: Vec<u8>| {
        let call = IHub::inferCall { modelId: world.model, request: bytes.into() };
        world.pay(REQUESTER, PRICE, call)
    };
    let bad = |length: u64| IHub::BadRequest { length: U256::from(length) };
    refused(infer(vec![0; 127]), bad(127));
    refused(infer(vec![0; 129]), bad(129));
    let mut reserved = vec![0; 128];
    reserved[4] = 1;
    refused(infer(reserved), bad(128));
    let long = request(&[b'x'; 65]).to_vec();
    refused(infer(long), IHub::InputTooLong { length: U256::from(65), maxInput: 64 });
    assert!(infer(request(&[b'x'; 64]).to_vec()).is_ok());
}

#[test]
fn the_requester_cancels_before_any_claim() {
    let mut world = World::new();
    let requestId = world.infer();
    let cancel = IHub::cancelCall { requestId };
    let refusal = IHub::NotRequester { sender: CAROL, requester: REQUESTER };
    refused(world.ask(CAROL, cancel.clone()), refusal);
    world.ask(REQUESTER, cancel.clone()).unwrap();
    assert_eq!(world.credit(REQUESTER), PRICE);
    let status = IHub::RequestStatus::Refunded;
    refused(world.ask(REQUESTER, cancel.clone()), IHub::RequestClosed { requestId, status });
    let answer = Answer::halted(b"because", 1);
    refused(world.try_claim(SERVER, requestId, &answer), IHub::RequestClosed { requestId, status });
    let requestId = B256::repeat_byte(9);
    let unknown = IHub::UnknownRequest { requestId };
    refused(world.ask(REQUESTER, IHub::cancelCall { requestId }), unknown.clone());
    refused(world.ask(REQUESTER, IHub::reclaimCall { requestId }), unknown.clone());
    refused(world.try_claim(SERVER, requestId, &answer), unknown);
}

#[test]
fn a_fee_is_reclaimed_from_the_deadline_on_and_not_during_a_claim() {
    let mut world = World::new();
    let requestId = world.infer();
    let deadline = world.now() + PATIENCE;
    let reclaim = IHub::reclaimCall { requestId };
    world.set_time(deadline - 1);
    let early = IHub::DeadlineNotReached { deadline };
    refused(world.ask(CAROL, reclaim.clone()), early);
    let claim = world.claim(SERVER, requestId, &Answer::halted(b"because", 1));
    world.set_time(deadline);
    refused(world.ask(CAROL, reclaim.clone()), IHub::ClaimLive { claimId: claim });
    let has = IHub::HasClaims { attempts: 1 };
    refused(world.ask(REQUESTER, IHub::cancelCall { requestId }), has);
    let game = world.challenge(CAROL, claim);
    world.time_out(game);
    world.ask(CAROL, reclaim.clone()).unwrap();
    assert_eq!(world.credit(REQUESTER), PRICE);
    let status = IHub::RequestStatus::Refunded;
    refused(world.ask(CAROL, reclaim), IHub::RequestClosed { requestId, status });
}

#[test]
fn a_request_pays_for_the_iterations_that_it_asks_for() {
    let mut world = World::new();
    let modelId = world.model;
    let refusal = IHub::TooManyIterations { asked: 101, maxIterations: MAX_ITERATIONS };
    refused(world.ask(CAROL, IHub::quoteCall { modelId, iterations: 101 }), refusal.clone());
    let call = IHub::inferCall { modelId, request: request_for(101, b"why?") };
    refused(world.pay(REQUESTER, PRICE, call), refusal);
    let fee = BASE_FEE + 7 * ITERATION_FEE;
    let quote = world.view(IHub::quoteCall { modelId, iterations: 7 });
    assert_eq!((quote.fee, quote.workBurn), (U256::from(fee), U256::from(WORK_BURN)));
    // Answered, the server gets so much.
    let answered = world.infer_for(7);
    let kept = world.view(IHub::getRequestCall { requestId: answered });
    assert_eq!(kept.iterations, 7);
    crate::lifecycle::finish(&mut world, answered);
    assert_eq!(world.credit(SERVER), fee + SERVER_BOND);
    // Cancelled, the requester gets all of it back.
    let cancelled = world.infer_for(7);
    world.ask(REQUESTER, IHub::cancelCall { requestId: cancelled }).unwrap();
    assert_eq!(world.credit(REQUESTER), fee + WORK_BURN);
    // All of them, by number or by none, cost the same.
    let all = world.view(IHub::quoteCall { modelId, iterations: MAX_ITERATIONS });
    assert_eq!(all.fee, world.view(IHub::quoteCall { modelId, iterations: 0 }).fee);
}

#[test]
fn an_answer_that_cannot_be_given_leaves_the_fee_to_its_requester() {
    let mut world = World::new();
    // A region of 32 bytes holds a length and no output: only a failed trace can be claimed.
    let mut model = model();
    model.outputLog2 = 5;
    let call = IHub::registerModelCall { model, uri: String::new() };
    world.model = world.ask(REQUESTER, call).unwrap();
    let request = world.infer();
    let answer = Answer::halted(b"because", 1);
    refused(world.try_claim(SERVER, request, &answer), IHub::OutputNotProven {});
    world.pass(PATIENCE);
    world.ask(CAROL, IHub::reclaimCall { requestId: request }).unwrap();
    assert_eq!(world.credit(REQUESTER), PRICE);
}
