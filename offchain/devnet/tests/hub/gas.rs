//! What the calls cost; `--nocapture` prints it.

use alloy_primitives::B256;

use crate::answer::Answer;
use crate::world::{CAROL, DAVE, GAS_STAKE, IHub, SERVER, WINDOW, World};

fn spent(world: &World) -> u64 {
    world.last.as_ref().unwrap().gas_used
}

/// Gas of each call of a claim's life, in order.
fn calls(world: &mut World) -> Vec<(&'static str, u64)> {
    let mut table = Vec::new();
    let request = world.infer();
    table.push(("infer", spent(world)));
    let accepted = world.infer();
    world.accept(SERVER, accepted).unwrap();
    table.push(("accept", spent(world)));
    let claim = world.claim(SERVER, request, &Answer::halted(b"forty-two", 1));
    table.push(("claim, 9 bytes of output", spent(world)));
    world.deposit(SERVER, GAS_STAKE);
    table.push(("deposit", spent(world)));
    let game = world.challenge(CAROL, claim);
    table.push(("challenge, a dissection", spent(world)));
    world.reply(game).unwrap();
    table.push(("reply, with the stake", spent(world)));
    world.time_out(game);
    table.push(("timeout, with the verdict", spent(world)));
    world.finalize(claim).unwrap();
    table.push(("finalize", spent(world)));
    let amount = alloy_primitives::U256::from(GAS_STAKE);
    world.ask(SERVER, IHub::withdrawCall { to: DAVE, amount }).unwrap();
    table.push(("withdraw", spent(world)));
    table
}

#[test]
fn each_call_costs_little() {
    let mut world = World::new();
    for (name, gas) in calls(&mut world) {
        println!("{name}: {gas} gas");
        assert!(gas < 800_000, "{name}: {gas}");
    }
    let request = world.infer();
    world.claim(SERVER, request, &Answer::halted(&[7; 1024], 1));
    println!("claim, 1024 bytes of output: {} gas", spent(&world));
    let long = Answer::halted(&[7; 4_000], 1);
    for (shown, answer) in [("", long.clone()), (" by its root", long.by_root())] {
        let request = world.infer();
        world.claim(SERVER, request, &answer);
        println!("claim, 4000 bytes of output{shown}: {} gas", spent(&world));
    }
}

#[test]
fn many_challengers_make_no_call_dearer() {
    let mut world = World::new();
    let request = world.infer();
    let claim = world.claim(SERVER, request, &Answer::halted(b"because", 1));
    let mut costs = Vec::new();
    let mut games: Vec<B256> = Vec::new();
    for _ in 0..40 {
        games.push(world.challenge(CAROL, claim));
        costs.push(spent(&world));
    }
    let (least, most) = (costs[1..].iter().min().unwrap(), costs[1..].iter().max().unwrap());
    assert!(most - least < 2_000, "{least} to {most}");
    world.pass(WINDOW);
    world.time_out(games[20]);
    let first = spent(&world);
    assert!(first < 400_000, "{first}");
}
