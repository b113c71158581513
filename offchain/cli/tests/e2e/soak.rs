//! Many requests, some lies, four nodes, each a process: what they take of memory; and the time of one dispute.

use std::collections::HashSet;
use std::time::Instant;

use alloy_primitives::B256;
use opml_client::contracts::{IGame, IHub};

use crate::daemon::Daemon;
use crate::liar::{EVERY_TENTH, ONE_TILE};
use crate::money::{assert_no_waste, assert_settled};
use crate::world::{SERVER, SETTLER, VERIFIER, World, account};

const REQUESTS: u64 = 200;

/// Requests at a time.
const ROUND: u64 = 10;

/// Bytes that a node may grow by in the second half.
const GROWTH: u64 = 24 << 20;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: cargo nextest run --release -p opml --run-ignored only -E 'test(soak_)' --no-capture"]
async fn soak_two_hundred_requests_with_twenty_lies() {
    let world = World::new().await;
    let started = Instant::now();
    let liar = world.start_liar(1, SERVER, EVERY_TENTH);
    let others = [world.start(2, SERVER), world.start(3, VERIFIER), world.start(4, SETTLER)];
    let nodes: Vec<&Daemon> = [&liar].into_iter().chain(&others).collect();
    let mut lied = HashSet::new();
    let mut memory = vec![tell("at the start", started, &nodes)];
    for first in (0..REQUESTS).step_by(usize::try_from(ROUND).unwrap()) {
        for seed in first..first + ROUND {
            let request = world.request(seed).await;
            if seed.is_multiple_of(10) {
                lied.insert(request);
            }
        }
        world.settled(&nodes).await;
        let done = first + ROUND;
        if done.is_multiple_of(REQUESTS / 4) {
            memory.push(tell(&format!("{done} requests"), started, &nodes));
        }
    }
    let voided = world.events::<IHub::Voided>().await;
    let claims = world.events::<IHub::Claimed>().await;
    let false_claims: HashSet<B256> = claims
        .iter()
        .filter(|claim| claim.server == account(1) && lied.contains(&claim.requestId))
        .map(|claim| claim.claimId)
        .collect();
    let finals = world.events::<IHub::Finalized>().await;
    assert!(
        finals.iter().all(|settled| !false_claims.contains(&settled.claimId)),
        "a lie is final"
    );
    assert!(voided.iter().all(|voided| false_claims.contains(&voided.claimId)), "a truth is void");
    assert!(!voided.is_empty());
    let (games, moves) = (
        world.events::<IHub::Challenged>().await.len(),
        world.events::<IGame::Moved>().await.len(),
    );
    eprintln!(
        "{} claims, {games} games, {moves} moves, {} lies told, {} void, in {} s",
        claims.len(),
        false_claims.len(),
        voided.len(),
        started.elapsed().as_secs()
    );
    assert_no_waste(&world, &[2, 3, 4]).await;
    assert_settled(&world, &[0, 1, 2, 3, 4]).await;
    let [.., half, _, all] = &memory[..] else { panic!("five looks") };
    for (before, after) in half.iter().zip(all) {
        assert!(after.saturating_sub(*before) < GROWTH, "memory grows from {before} to {after}");
    }
    for node in others {
        node.stop();
    }
}

/// Memory of each node.
fn tell(when: &str, started: Instant, nodes: &[&Daemon]) -> Vec<u64> {
    let memory: Vec<u64> = nodes.iter().map(|node| node.process().memory()).collect();
    let text: Vec<String> = memory.iter().map(|bytes| (bytes / (1 << 20)).to_string()).collect();
    eprintln!(
        "{when}, {:.1} s: liar, server, verifier, settler have {} MiB",
        started.elapsed().as_secs_f64(),
        text.join(", ")
    );
    memory
}

/// The time from the block with the lie to the block with the verdict, no clock helped along.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: cargo nextest run --release -p opml --run-ignored only -E 'test(time_of)' --no-capture"]
async fn time_of_a_dispute() {
    for _ in 0..5 {
        let mut world = World::new().await;
        // So that it is the verifier who has to prove the instruction.
        world.register(|model| model.stepsLog2 = 6).await;
        let node = world.start(2, VERIFIER);
        let liar = world.start_liar(1, SERVER, ONE_TILE);
        let request = world.request(3).await;
        world.claim(request).await;
        let started = Instant::now();
        world.count::<IHub::Challenged>(1).await;
        let opened = started.elapsed();
        let over = world
            .until("the verdict", async |world| world.events::<IGame::Over>().await.pop())
            .await;
        assert_eq!(over.cause, IGame::Cause::Proven);
        let moves = world.events::<IGame::Moved>().await.len();
        eprintln!(
            "challenge after {} ms, verdict after {} ms, {moves} positions",
            opened.as_millis(),
            started.elapsed().as_millis()
        );
        drop((node, liar));
    }
}
