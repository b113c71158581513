//! What was begun in the last second in which activations last long enough.

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use opml_devnet::chain::precompiles::ARB_WASM;
use opml_devnet::chain::precompiles::abi::ArbWasm;

use crate::answer::Answer;
use crate::chain_support::{call, to};
use crate::world::{
    ACCEPT_BOND, CAROL, EXCLUSIVITY, PATIENCE, RIVAL, SERVER, WINDOW, World, runway,
};

/// Seconds that a program is still active for.
fn left(world: &World, program: Address) -> u64 {
    let data = ArbWasm::programTimeLeftCall { program }.abi_encode();
    let answer = call(&world.chain, &to(ARB_WASM, data)).unwrap();
    ArbWasm::programTimeLeftCall::abi_decode_returns(&answer).unwrap()
}

/// Goes to the second in which the hub has so many left.
fn go_to(world: &mut World, seconds: u64) {
    world.chain.mine().unwrap();
    let hub = world.hub;
    let left = left(world, hub);
    world.pass(left - seconds);
}

#[test]
fn a_claim_that_was_taken_can_be_challenged_to_its_windows_end() {
    let mut world = World::new();
    go_to(&mut world, runway() + PATIENCE);
    let request = world.infer();
    go_to(&mut world, runway());
    let wrong = world.claim(RIVAL, request, &Answer::halted(b"wrong", 1));
    world.pass(WINDOW - 1);
    let challenged = world.try_challenge(CAROL, wrong);
    if challenged.is_err() {
        // The lie is final before anything lapses.
        world.pass(1);
        world.finalize(wrong).unwrap();
    }
    challenged.expect("nobody can challenge, and the wrong result is final");
}

#[test]
fn who_was_let_to_accept_is_let_to_claim() {
    let mut world = World::new();
    go_to(&mut world, runway() + PATIENCE);
    let request = world.infer();
    // The last second in which it is not too late, if it is not earlier.
    world.pass(PATIENCE - EXCLUSIVITY);
    world.accept(SERVER, request).unwrap();
    world.pass(EXCLUSIVITY - 1);
    let claimed = world.try_claim(SERVER, request, &Answer::halted(b"because", 1));
    claimed.expect("the acceptance bond is lost");
    assert_eq!(world.credit(SERVER), ACCEPT_BOND);
}
