//! Programs whose activation runs out: nothing is begun that could not end.

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall;
use opml_devnet::chain::precompiles::ARB_WASM;
use opml_devnet::chain::precompiles::abi::ArbWasm;

use crate::answer::Answer;
use crate::chain_support::{ETHER, activation, call, deploy_evm, send, sent, to};
use crate::world::{
    CAROL, CLOCK, DAVE, EXCLUSIVITY, GAS_STAKE, IHub, PATIENCE, PRICE, REQUESTER, SERVER, WINDOW,
    World, refused, request, runway,
};

const DAY: u64 = 86_400;

/// Seconds that a program is still active for.
fn left(world: &World, program: Address) -> u64 {
    let data = ArbWasm::programTimeLeftCall { program }.abi_encode();
    let answer = call(&world.chain, &to(ARB_WASM, data)).unwrap();
    ArbWasm::programTimeLeftCall::abi_decode_returns(&answer).unwrap()
}

/// Goes to the second in which a program has so many left.
fn go_to(world: &mut World, program: Address, seconds: u64) {
    world.pass(left(world, program) - seconds);
    // Views are of the last block's time.
    world.chain.mine().unwrap();
    assert_eq!(left(world, program), seconds);
}

fn renew(world: &mut World, program: Address) {
    let codehash: B256 = keccak256(world.chain.code(program, BlockId::latest()).unwrap());
    let data = ArbWasm::codehashKeepaliveCall { codehash }.abi_encode();
    let value = Some(U256::from(ETHER));
    sent(&mut world.chain, TransactionRequest { value, ..to(ARB_WASM, data) });
}

fn lapsing(world: &World, program: Address) -> IHub::ActivationLapsing {
    IHub::ActivationLapsing { program, secondsLeft: left(world, program) }
}

fn infer() -> Bytes {
    request(b"why?")
}

/// Each kind of beginning in the last second in which it is allowed, and in the next.
#[test]
fn what_could_not_end_is_not_begun() {
    let mut world = World::new();
    let hub = world.hub;
    go_to(&mut world, hub, runway() + PATIENCE);
    let requests = [(); 4].map(|()| world.infer());
    world.pass(1);
    world.chain.mine().unwrap();
    let call = IHub::inferCall { modelId: world.model, request: infer() };
    let refusal = lapsing(&world, hub);
    refused(world.pay(REQUESTER, PRICE, call), refusal);

    go_to(&mut world, hub, runway() + EXCLUSIVITY);
    world.accept(SERVER, requests[0]).unwrap();
    world.pass(1);
    world.chain.mine().unwrap();
    let refusal = lapsing(&world, hub);
    refused(world.accept(SERVER, requests[1]), refusal);

    go_to(&mut world, hub, runway());
    let answer = Answer::halted(b"because", 1);
    let claim = world.claim(SERVER, requests[1], &answer);
    world.pass(1);
    world.chain.mine().unwrap();
    let refusal = lapsing(&world, hub);
    refused(world.try_claim(SERVER, requests[2], &answer), refusal.clone());
    refused(world.try_claim_for([SERVER, SERVER], requests[2], &answer), refusal);

    // The last claim can be challenged to the end of its window, and all of it ends in time.
    world.pass(WINDOW - 2);
    let game = world.challenge(CAROL, claim);
    world.deposit(SERVER, GAS_STAKE);
    world.pass(u64::from(CLOCK) - 1);
    world.reply(game).unwrap();
    world.time_out(game);
    world.finalize(claim).unwrap();
    world.chain.mine().unwrap();
    assert!(left(&world, hub) >= DAY);
    for requestId in [requests[0], requests[2], requests[3]] {
        world.ask(DAVE, IHub::reclaimCall { requestId }).unwrap();
    }
}

/// An old claim, behind others that took long, is no way around.
#[test]
fn a_challenge_needs_its_clocks() {
    let mut world = World::new();
    let hub = world.hub;
    let request = world.infer();
    go_to(&mut world, hub, runway());
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    world.pass(WINDOW);
    let windowEnd = world.now();
    refused(world.try_challenge(CAROL, claim), IHub::WindowOver { windowEnd });
    world.finalize(claim).unwrap();
}

#[test]
fn each_of_the_three_programs_counts() {
    let mut world = World::new();
    let (hub, game) = (world.hub, world.game);
    let request = world.infer();
    go_to(&mut world, hub, runway() - 1);
    let answer = Answer::halted(b"because", 1);
    let refusal = lapsing(&world, hub);
    refused(world.try_claim(SERVER, request, &answer), refusal);
    renew(&mut world, hub);
    // The game contract is the step verifier here too.
    let refusal = lapsing(&world, game);
    refused(world.try_claim(SERVER, request, &answer), refusal);
    renew(&mut world, game);
    world.claim(SERVER, request, &answer);
}

#[test]
fn a_lapsed_hub_keeps_its_money_until_it_is_activated_again() {
    let mut world = World::new();
    world.deposit(CAROL, 100);
    world.pass(365 * DAY + 3600);
    let withdraw = IHub::withdrawCall { to: CAROL, amount: U256::from(100) };
    let hub = world.hub;
    let request = TransactionRequest { from: Some(CAROL), ..to(hub, withdraw.abi_encode()) };
    assert!(!send(&mut world.chain, request).status());
    sent(&mut world.chain, activation(world.hub));
    // Requests wait for the game contract; what is owed is paid.
    let refusal = IHub::ActivationLapsing { program: world.game, secondsLeft: 0 };
    let infer = IHub::inferCall { modelId: world.model, request: infer() };
    refused(world.pay(REQUESTER, PRICE, infer), refusal);
    world.ask(CAROL, withdraw).unwrap();
    sent(&mut world.chain, activation(world.game));
    world.infer();
}

#[test]
fn a_verifier_that_is_no_program_lets_nothing_begin() {
    // A contract, but none of Stylus.
    let mut world = World::with_step(|chain| deploy_evm(chain, &[0]));
    let step = world.view(IHub::parametersCall {}).step;
    assert_ne!(step, world.game);
    let refusal = IHub::ActivationLapsing { program: step, secondsLeft: 0 };
    let infer = IHub::inferCall { modelId: world.model, request: infer() };
    refused(world.pay(REQUESTER, PRICE, infer), refusal);
}
