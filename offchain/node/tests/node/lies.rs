//! A lie is found out, down to one instruction.

use std::sync::Arc;

use alloy_primitives::U256;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_core::graph::GraphStep;
use opml_node::config::Roles;
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::liar::Liars;
use crate::setup::{CHALLENGER_BOND, CLOCK, FEE, GAS_STAKE, SERVER_BOND, WINDOW, burned, digits};
use crate::world::{Wealth, World, account, picture, request, work_burn};

pub const SERVER: Roles = Roles { server: true, verifier: false, player: false, settler: false };
pub const VERIFIER: Roles = Roles { server: false, verifier: true, player: false, settler: false };
pub const SETTLER: Roles = Roles { server: false, verifier: false, player: false, settler: true };

pub const LIE: Liars = Liars { step: 3, from: 1000 };

fn total(wealth: Wealth) -> U256 {
    wealth.balance + wealth.credit
}

/// What accounts have, gas put back.
pub fn without_gas(world: &World, accounts: &[usize]) -> Vec<U256> {
    let accounts = accounts.iter().map(|number| account(*number));
    accounts.map(|account| total(world.wealth(account)) + world.gas_paid(account)).collect()
}

/// The hub has what it owes and what it burns, and no stakes.
pub fn assert_settled(world: &World, accounts: &[usize]) {
    let credits: U256 = accounts.iter().map(|number| world.wealth(account(*number)).credit).sum();
    let hub = world.wealth(world.deployment.hub.address).balance;
    assert_eq!(hub, credits + world.hub(IHub::burnedCall {}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_server_loses_and_the_request_is_answered_again() {
    Box::pin(lie_is_caught(LIE, 3)).await;
}

async fn lie_is_caught(lie: Liars, seed: u8) {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let lying = world.start_liar(1, lie).await;
    let request = world.request(seed);
    let wrong = world.claim(request).await;
    let node = world.start(2, Roles::ALL).await;
    world.verdicts(1, &[&lying, &node]).await;
    assert_eq!(world.events::<IGame::Over>()[0].winner, IGame::Side::Challenger);
    assert_eq!(world.events::<IHub::Voided>()[0].claimId, wrong);
    lying.stop().await.unwrap();
    world
        .until_is("another claim", |world| {
            let head = world.request_of(request).head;
            !head.is_zero() && head != wrong
        })
        .await;
    world.pass(WINDOW);
    world.finality(request).await;
    node.stop().await.unwrap();

    let after = without_gas(&world, &[1, 2]);
    assert_eq!(after[0], before[0] - U256::from(SERVER_BOND + GAS_STAKE));
    let won = SERVER_BOND - burned(SERVER_BOND) + GAS_STAKE + FEE;
    assert_eq!(after[1], before[1] + U256::from(won));
    assert_eq!(world.hub(IHub::burnedCall {}), U256::from(burned(SERVER_BOND) + work_burn()));
    assert_settled(&world, &[1, 2]);
    world.assert_no_waste();
}

/// Steps of the model's trace on an input.
fn steps(seed: u8) -> u64 {
    let bundle = Bundle::open(&digits()).unwrap();
    let bytes = request(&picture(seed));
    let request = opml_core::graph::Request::decode(&bytes).unwrap();
    let mut machine = Executor::new(&bundle, &request, Settings::default()).unwrap();
    while let GraphStep::Tile(_) = machine.next_step() {
        machine.step().unwrap();
    }
    machine.step_count()
}

/// One process lies in one tile at a time: the seeds follow one another.
#[tokio::test(flavor = "multi_thread")]
async fn a_lie_at_a_random_step_and_instruction_is_caught() {
    // Every other one: each has a picture of its own, for lies are told apart by their inputs.
    for seed in (0..40).step_by(2) {
        let mut random = StdRng::seed_from_u64(seed.into());
        let step = random.random_range(0..steps(seed));
        // Bounds are 2^25 at most; from a step behind the run's end on there is nothing to tell truly.
        let log2 = random.random_range(5..24);
        let from = random.random_range(0..1 << log2);
        let lie = Liars { step, from };
        eprintln!("seed {seed}: {lie:?}");
        Box::pin(lie_is_caught(lie, seed)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_challengers_play_and_the_second_is_refunded() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2, 3]);
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    let wrong = world.claim(request).await;
    let nodes = [world.start(2, VERIFIER).await, world.start(3, VERIFIER).await];
    let settler = world.start(4, SETTLER).await;
    world.until_is("two games", |world| world.events::<IHub::Challenged>().len() == 2).await;
    world.verdicts(1, &[&lying, &nodes[0], &nodes[1], &settler]).await;
    world.until_is("the end of both", |world| world.events::<IHub::GameClosed>().len() == 2).await;
    let claim = world.hub(IHub::getClaimCall { claimId: wrong });
    assert_eq!((claim.status, claim.openGames, claim.games), (IHub::ClaimStatus::Void, 0, 2));
    // Stakes that went in are the server's two, or the one that it replied with in time.
    let stakes = GAS_STAKE * world.events::<IHub::StakeLocked>().len() as u128;
    let after = without_gas(&world, &[1, 2, 3]);
    assert_eq!(after[0], before[0] - U256::from(SERVER_BOND + stakes));
    let won = SERVER_BOND - burned(SERVER_BOND) + stakes;
    assert_eq!(after[1] + after[2], before[1] + before[2] + U256::from(won));
    for (after, before) in after[1..].iter().zip(&before[1..]) {
        assert!(after >= before, "no challenger loses anything");
    }
    for node in [lying, settler].into_iter().chain(nodes) {
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_challenger_loses_its_bond() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let server = world.start(1, SERVER).await;
    let request = world.request(3);
    let claim = world.claim(request).await;
    let lying = world.start_with(2, VERIFIER, Arc::new(LIE)).await;
    world.verdicts(1, &[&server, &lying]).await;
    assert_eq!(world.events::<IGame::Over>()[0].winner, IGame::Side::Server);
    lying.stop().await.unwrap();
    // It may have begun another game: that one ends by its clock.
    world.idle(&server).await;
    world.pass(WINDOW.max(CLOCK.into()));
    world.finality(request).await;
    assert_eq!(world.request_of(request).head, claim);
    let games = world.events::<IHub::Challenged>().len() as u128;
    let after = without_gas(&world, &[1, 2]);
    let won = games * (CHALLENGER_BOND - burned(CHALLENGER_BOND));
    assert_eq!(after[0], before[0] + U256::from(FEE + won));
    assert_eq!(after[1], before[1] - U256::from(games * CHALLENGER_BOND));
    let burned = games * burned(CHALLENGER_BOND) + work_burn();
    assert_eq!(world.hub(IHub::burnedCall {}), U256::from(burned));
    assert_settled(&world, &[1, 2]);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_loses_by_its_clock() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    let wrong = world.claim(request).await;
    lying.stop().await.unwrap();
    let node = world.start(2, Roles::ALL).await;
    world.until_is("a game", |world| !world.events::<IHub::Challenged>().is_empty()).await;
    world.idle(&node).await;
    world.pass(u64::from(CLOCK) - 1);
    world.idle(&node).await;
    assert!(world.events::<IGame::Over>().is_empty(), "the last second is the server's");
    world.pass(1);
    world.until_is("the verdict", |world| !world.events::<IHub::Voided>().is_empty()).await;
    assert_eq!(world.events::<IGame::Over>()[0].cause, IGame::Cause::Timeout);
    assert_eq!(world.events::<IHub::Voided>()[0].claimId, wrong);
    world.finality(request).await;
    let after = without_gas(&world, &[1, 2]);
    // It never replied: its gas stake is still its own.
    assert_eq!(after[0], before[0] - U256::from(SERVER_BOND));
    let won = SERVER_BOND - burned(SERVER_BOND) + FEE;
    assert_eq!(after[1], before[1] + U256::from(won));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_challenger_loses_by_its_clock() {
    let world = World::new().await;
    let server = world.start(1, SERVER).await;
    let before = without_gas(&world, &[1, 2]);
    let request = world.request(3);
    world.claim(request).await;
    let lying = world.start_with(2, VERIFIER, Arc::new(LIE)).await;
    world.until_is("a game", |world| !world.events::<IHub::Challenged>().is_empty()).await;
    lying.stop().await.unwrap();
    world
        .until_is("the challenger's turn", |world| {
            let moves = world.events::<IGame::Moved>();
            moves.last().is_some_and(|moved| moved.header.0[7] % 2 == 0)
        })
        .await;
    world.idle(&server).await;
    world.pass(CLOCK.into());
    world.finality(request).await;
    let over = world.events::<IGame::Over>();
    assert_eq!((over[0].winner, over[0].cause), (IGame::Side::Server, IGame::Cause::Timeout));
    let after = without_gas(&world, &[1, 2]);
    let won = CHALLENGER_BOND - burned(CHALLENGER_BOND) + FEE;
    assert_eq!(after[0], before[0] + U256::from(won));
    assert_eq!(after[1], before[1] - U256::from(CHALLENGER_BOND));
    server.stop().await.unwrap();
}

/// The time from the block with the lie to the block with the verdict, no clock helped along.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: RUST_LOG=opml_node=info tells its parts"]
async fn time_of_a_dispute() {
    for _ in 0..5 {
        let world = World::new().await;
        let node = world.start(2, VERIFIER).await;
        let lying = world.start_liar(1, LIE).await;
        let request = world.request(3);
        world.claim(request).await;
        let started = std::time::Instant::now();
        world.until_is("a game", |world| !world.events::<IHub::Challenged>().is_empty()).await;
        let opened = started.elapsed();
        let stands = |world: &World| world.is_idle(&node) && world.is_idle(&lying);
        let over = |world: &World| !world.events::<IGame::Over>().is_empty();
        world.until_is("the last move", |world| over(world) || stands(world)).await;
        let moved = started.elapsed();
        let clock = !over(&world);
        world.verdicts(1, &[&lying, &node]).await;
        eprintln!(
            "game after {opened:?}, last move after {moved:?} ({} moves), verdict after {:?}{}",
            world.events::<IGame::Moved>().len(),
            started.elapsed(),
            if clock { ", by the clock" } else { "" }
        );
        node.stop().await.unwrap();
        lying.stop().await.unwrap();
    }
}
