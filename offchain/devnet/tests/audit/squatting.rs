//! The right state, claimed by somebody who means to lose.

use alloy_primitives::Address;

use crate::answer::Answer;
use crate::world::{CAROL, CLOCK, DAVE, IGame, IHub, RIVAL, SERVER, WINDOW, World};

/// The copyist's claim, lost to its accomplice as late as can be: no reply for a whole clock, and the verdict and the
/// next identity's claim in one transaction, here one behind the other with nothing between.
fn lose(world: &mut World, claim: alloy_primitives::B256) {
    world.pass(WINDOW - 1);
    let game = world.challenge(CAROL, claim);
    world.pass(u64::from(CLOCK));
    world.play(DAVE, IGame::timeoutCall { gameId: game }).unwrap();
}

#[test]
fn who_copies_the_right_state_and_loses_on_purpose_does_not_keep_it_out() {
    let mut world = World::new();
    let request = world.infer();
    let right = Answer::halted(b"because", 1);
    let copyists: [Address; 3] = [SERVER, DAVE, SERVER];
    let mut squat = world.claim(copyists[0], request, &right);
    for next in &copyists[1..] {
        let honest = world.try_claim(RIVAL, request, &right);
        if honest.is_ok() {
            return;
        }
        lose(&mut world, squat);
        squat = world.claim(*next, request, &right);
        let reclaim = world.ask(CAROL, IHub::reclaimCall { requestId: request });
        assert!(reclaim.is_err(), "the requester waits as well");
    }
    let age = world.now() - crate::chain_support::START;
    panic!("the right answer waits for {age} s, however often its server tries");
}
