//! Decisions about money that others can bring about.

use alloy_primitives::U256;

use super::{ME, OTHER, Scene, WINDOW_END, claim, game, id, request};
use crate::config::{Amount, Roles};
use crate::duties::Todo;
use crate::intent::Act;
use crate::jobs::{Rank, Task};
use crate::state::{RequestStatus, World};

#[test]
fn a_challenge_leaves_the_stake_of_an_open_game() {
    let mut world = World::default();
    (1..=2).for_each(|number| request(&mut world, number));
    claim(&mut world, 1, ME);
    claim(&mut world, 2, OTHER);
    game(&mut world, 1, OTHER);
    let mut scene = Scene::new(world, (1000, 30));
    scene.roles = Roles { verifier: true, ..Roles::default() };
    scene.computed(2);
    let value = scene.acts().into_iter().find_map(|act| match act {
        Act::Challenge { value, .. } => Some(value),
        _ => None,
    });
    // 30 of credit, of which the game needs 10.
    assert_eq!(value, Some(U256::from(30)));
}

/// They are sent at once: what counted on the same credit twice would fail in its block.
#[test]
fn no_credit_pays_two_bonds() {
    let mut world = World::default();
    (1..=3).for_each(|number| request(&mut world, number));
    (1..=3).for_each(|number| claim(&mut world, number, OTHER));
    let mut scene = Scene::new(world, (1000, 70));
    scene.roles = Roles { verifier: true, ..Roles::default() };
    (1..=3).for_each(|number| scene.computed(number));
    let values = |scene: &Scene| {
        let acts = scene.acts().into_iter();
        let values = acts.filter_map(|act| match act {
            Act::Challenge { value, .. } => Some(value.to::<u64>()),
            _ => None,
        });
        values.collect::<Vec<_>>()
    };
    // Bonds of 50.
    assert_eq!(values(&scene), [0, 30, 50]);
    scene.pending.credit = U256::from(60);
    assert_eq!(values(&scene), [40, 50, 50]);
}

#[test]
fn credit_comes_out_when_gas_runs_short_but_not_the_stakes() {
    let mut world = World::default();
    request(&mut world, 1);
    claim(&mut world, 1, ME);
    let withdrawn = |scene: &Scene| {
        scene.acts().into_iter().find_map(|act| match act {
            Act::Withdraw { amount, .. } => Some(amount),
            _ => None,
        })
    };
    // A claim, and one more: a reserve of 14.
    assert_eq!(withdrawn(&Scene::new(world.clone(), (14, 500))), None);
    assert_eq!(withdrawn(&Scene::new(world.clone(), (13, 500))), Some(U256::from(15)));
    game(&mut world, 1, OTHER);
    // A game more: 21. Of 12 of credit, 10 are its stake.
    assert_eq!(withdrawn(&Scene::new(world, (20, 12))), Some(U256::from(2)));
}

#[test]
fn a_flood_of_requests_is_not_accepted_at_once() {
    let mut world = World::default();
    (1..=9).for_each(|number| request(&mut world, number));
    let accepted =
        |scene: &Scene| scene.acts().iter().filter(|act| matches!(act, Act::Accept { .. })).count();
    let mut scene = Scene::new(world, (100_000, 0));
    assert_eq!(accepted(&scene), 0);
    scene.policy.accept = true;
    assert_eq!(accepted(&scene), 2);
    // For one there is money: bond, stake, acceptance and a game.
    scene.funds.balance = U256::from(200);
    assert_eq!(accepted(&scene), 1);
    scene.funds.balance = U256::from(121);
    assert_eq!(accepted(&scene), 0);
}

#[test]
fn what_nobody_needs_is_not_computed_and_what_is_urgent_ranks_first() {
    let mut world = World::default();
    (1..=3).for_each(|number| request(&mut world, number));
    claim(&mut world, 2, OTHER);
    claim(&mut world, 3, OTHER);
    game(&mut world, 3, ME);
    world.requests.entry(id(1)).and_modify(|gone| gone.status = RequestStatus::Refunded);
    let scene = Scene::new(world, (100_000, 0));
    let mut ranks: Vec<_> = scene
        .todo()
        .into_iter()
        .filter_map(|todo| match todo {
            Todo::Compute { task, rank } => Some((rank, task)),
            _ => None,
        })
        .collect();
    ranks.sort_unstable();
    assert!(matches!(ranks[0], (Rank::Move(_), Task::Reply { .. })), "{ranks:?}");
    assert!(matches!(ranks[1].0, Rank::Check(WINDOW_END)), "{ranks:?}");
    let about = |task: &Task| matches!(task, Task::Answer { request } if *request == id(1));
    assert!(!ranks.iter().any(|(_, task)| about(task)), "a refunded request");
}

/// The end of what is others' is left to others when gas is short; one's own is not.
#[test]
fn a_courtesy_does_not_take_the_gas_that_games_need() {
    let mut world = World::default();
    (1..=2).for_each(|number| request(&mut world, number));
    claim(&mut world, 1, ME);
    claim(&mut world, 2, OTHER);
    let finalized = |scene: &Scene| {
        let acts = scene.acts().into_iter();
        let claims = acts.filter_map(|act| match act {
            Act::Finalize { claim } => Some(claim),
            _ => None,
        });
        claims.collect::<Vec<_>>()
    };
    // A game's price for the live claim, and the gas of one courtesy at a price of one.
    let mut scene = Scene::new(world, (7 + 150_000, 0));
    scene.now = WINDOW_END;
    scene.roles = Roles { settler: true, ..Roles::default() };
    assert_eq!(finalized(&scene), [id(1), id(2)]);
    scene.funds.balance -= U256::from(1);
    assert_eq!(finalized(&scene), [id(1)]);
    scene.funds.balance += U256::from(1);
    scene.policy.max_gas_per_day = Amount(U256::from(1));
    assert_eq!(finalized(&scene), [id(1)], "half of the day's gas is for one's own");
}
