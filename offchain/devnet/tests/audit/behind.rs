//! A lie behind a right claim.

use crate::answer::Answer;
use crate::world::{
    CAROL, CHALLENGER_BOND, CLOCK, DAVE, IGame, IHub, RIVAL, SERVER, SERVER_BOND, SERVER_BOND_BURN,
    WINDOW, World,
};

#[test]
fn a_lie_that_is_caught_costs_its_bond_wherever_it_stands() {
    let mut world = World::new();
    let request = world.infer();
    let right = world.claim(RIVAL, request, &Answer::halted(b"right", 1));
    // It must be challenged while it can be: the right one before it could still be lost on purpose.
    world.pass(WINDOW - 1);
    let wrong = world.claim(SERVER, request, &Answer::halted(b"wrong", 2));
    let game = world.challenge(CAROL, wrong);
    world.pass(1);
    world.finalize(right).unwrap();
    // The liar never answers, and takes its bond out in the second in which it has lost the game.
    world.pass(u64::from(CLOCK) - 1);
    let _ = world.ask(SERVER, IHub::releaseCall { claimId: wrong });
    world.play(DAVE, IGame::timeoutCall { gameId: game }).unwrap();
    assert_eq!(world.credit(SERVER), 0, "the liar has its whole bond back");
    assert_eq!(world.credit(CAROL), CHALLENGER_BOND + SERVER_BOND - SERVER_BOND_BURN);
}
