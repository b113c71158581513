//! Claims in the name of somebody who does not know of them.

use crate::answer::Answer;
use crate::world::{RIVAL, SERVER, World};

#[test]
fn a_stranger_does_not_claim_in_anothers_name() {
    let mut world = World::new();
    let request = world.infer();
    // Whoever is named is taken for the one who stands by it: it does not challenge its own claims, and nobody else
    // defends or watches them.
    let wrong = Answer::halted(b"wrong", 1);
    let claimed = world.try_claim_for([RIVAL, SERVER], request, &wrong);
    claimed.expect_err("a lie stands in the name of a server that has never agreed");
}

#[test]
fn a_stranger_does_not_end_an_acceptance() {
    let mut world = World::new();
    let request = world.infer();
    world.accept(SERVER, request).unwrap();
    let _ = world.try_claim_for([RIVAL, SERVER], request, &Answer::halted(b"wrong", 1));
    let copied = world.try_claim(RIVAL, request, &Answer::halted(b"copied", 2));
    copied.expect_err("the request was the acceptor's alone");
}
