//! Many requests, some lies, four nodes.

use std::collections::HashSet;
use std::sync::Arc;

use alloy_primitives::U256;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_node::config::Roles;
use opml_node::jobs::{Honest, Prover, ProverError, Provers};
use opml_node::models::Served;

use crate::lies::{LIE, SERVER, SETTLER, VERIFIER};
use crate::world::{World, account, picture, request};

const REQUESTS: u64 = 200;
const LIES: u64 = 20;

/// Requests at a time.
const ROUND: u64 = 20;

/// Lies about requests whose seed is a multiple of [`REQUESTS`] / [`LIES`].
struct Sometimes;

fn is_lied_about(seed: u64) -> bool {
    seed.is_multiple_of(REQUESTS / LIES)
}

impl Provers for Sometimes {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        let seed = u64::from_le_bytes(request[8..16].try_into().unwrap());
        if is_lied_about(seed) {
            LIE.prover(model, request)
        } else {
            Honest { vm_bytes: 64 << 20 }.prover(model, request)
        }
    }
}

/// Bytes of memory of this process: the chain's and all nodes'.
fn memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: cargo nextest run -p opml-node --run-ignored only -E 'test(soak)'"]
async fn soak_two_hundred_requests_with_twenty_lies() {
    let world = World::new().await;
    let started = std::time::Instant::now();
    let liar = world.start_with(1, SERVER, Arc::new(Sometimes)).await;
    let server = world.start(2, SERVER).await;
    let verifier = world.start(3, VERIFIER).await;
    let settler = world.start(4, SETTLER).await;
    let nodes = [&liar, &server, &verifier, &settler];
    let mut early = 0;
    let mut lied = HashSet::new();
    for round in 0..REQUESTS / ROUND {
        let asked: Vec<_> = (0..ROUND)
            .map(|number| {
                let seed = round * ROUND + number;
                let mut bytes = request(&picture(u8::try_from(seed).unwrap())).to_vec();
                bytes[8..16].copy_from_slice(&seed.to_le_bytes());
                (seed, world.ask(bytes.into()))
            })
            .collect();
        lied.extend(asked.iter().filter(|(seed, _)| is_lied_about(*seed)).map(|(_, id)| *id));
        world
            .until_is("the end of a round", |world| {
                let open = asked
                    .iter()
                    .any(|(_, id)| world.request_of(*id).status != IHub::RequestStatus::Final);
                // Windows and the clocks of who has lost run only here.
                if open && nodes.iter().all(|node| world.is_idle(node)) {
                    world.pass(300);
                }
                !open
            })
            .await;
        if round == 2 {
            early = memory();
        }
        eprintln!("round {round}: {} s, {} MiB", started.elapsed().as_secs(), memory() >> 20);
    }
    let voided = world.events::<IHub::Voided>().len() as u64;
    // Where the honest answer is final before the liar's is there, the lie is not told.
    assert!((1..=LIES).contains(&voided), "{voided} claims were voided");
    let finals = world.events::<IHub::Finalized>();
    assert_eq!(finals.len() as u64, REQUESTS);
    // What became final is what an honest machine computes: no lie's state is among it.
    let claims = world.events::<IHub::Claimed>();
    let told: HashSet<_> = claims
        .iter()
        .filter(|claim| claim.server == account(1) && lied.contains(&claim.requestId))
        .map(|claim| claim.claimId)
        .collect();
    for settled in &finals {
        assert!(!told.contains(&settled.claimId), "a lie is final");
    }
    let others = claims.len() as u64 - voided - REQUESTS;
    world
        .until_is("every bond back", |world| {
            // Games against claims that were too late end by their clocks.
            if nodes.iter().all(|node| world.is_idle(node)) {
                world.pass(300);
            }
            releases(world) + (world.events::<IHub::Voided>().len() as u64 - voided) == others
        })
        .await;
    assert!(world.hub(IHub::burnedCall {}) > U256::ZERO);
    let (games, moves) =
        (world.events::<IHub::Challenged>().len(), world.events::<IGame::Moved>().len());
    eprintln!(
        "{} claims, {games} games, {moves} moves, {} lies told, {voided} voided: {} s",
        claims.len(),
        told.len(),
        started.elapsed().as_secs()
    );
    let grown = memory().saturating_sub(early);
    assert!(grown < 256 << 20, "memory has grown by {} MiB", grown >> 20);
    for node in [liar, server, verifier, settler] {
        node.stop().await.unwrap();
    }
}

fn releases(world: &World) -> u64 {
    world.events::<IHub::Released>().len() as u64
}

/// Four nodes in all roles are as good as one of each.
#[tokio::test(flavor = "multi_thread")]
async fn several_requests_at_once_are_answered_once_each() {
    let world = World::new().await;
    let nodes = [world.start(1, Roles::ALL).await, world.start(2, Roles::ALL).await];
    let requests: Vec<_> = (0..10).map(|seed| world.request(seed)).collect();
    for request in &requests {
        world.claim(*request).await;
    }
    for node in &nodes {
        world.idle(node).await;
    }
    world.pass(crate::setup::WINDOW);
    for request in &requests {
        world.finality(*request).await;
    }
    assert!(world.events::<IHub::Challenged>().is_empty());
    for node in nodes {
        node.stop().await.unwrap();
    }
}
