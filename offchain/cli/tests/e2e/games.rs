//! Without a lie, and with one.

use alloy_primitives::B256;
use opml_client::contracts::{IGame, IHub};
use opml_node::config::Roles;

use crate::daemon::Daemon;
use crate::liar::{ONE_TILE, RANDOM};
use crate::money::{Books, assert_no_waste, assert_settled, fee, kept};
use crate::world::{SERVER, SETTLER, VERIFIER, World, account};

/// What a server that has lied loses, and who has won against it and then answered wins.
pub async fn assert_caught(world: &World, changes: &[i128]) {
    let terms = world.hub_terms();
    let (bond, stake) = (terms.server_bond.0, terms.gas_stake.0);
    let lost = i128::try_from(bond + stake).unwrap();
    let won = kept(terms, bond) + i128::try_from(stake).unwrap() + fee(world).await;
    assert_eq!(changes, [-lost, won]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_checked_and_settled() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2, 3]).await;
    let server = world.start(1, SERVER);
    let others = [world.start(2, VERIFIER), world.start(3, SETTLER)];
    let request = world.request(3).await;
    world.claim(request).await;
    world.idle(&[&server, &others[0], &others[1]]).await;
    world.finality(request, &[&server, &others[0], &others[1]]).await;
    assert_eq!(books.changes(&world).await, [fee(&world).await, 0, 0]);
    assert!(world.events::<IHub::Challenged>().await.is_empty());
    assert_no_waste(&world, &[1, 2, 3]).await;
    assert_settled(&world, &[0, 1, 2, 3]).await;
    for node in others.into_iter().chain([server]) {
        node.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_at_a_random_step_tile_and_instruction_is_caught() {
    const REQUESTS: u64 = 20;
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let liar = world.start_liar(1, SERVER, RANDOM);
    let mut requests = Vec::new();
    for seed in 0..REQUESTS {
        requests.push(world.request(seed).await);
    }
    let lies = world.count::<IHub::Claimed>(requests.len()).await;
    let lies: Vec<B256> = lies.iter().map(|claim| claim.claimId).collect();
    let node = world.start(2, Roles::ALL);
    let games = world.count::<IHub::Challenged>(lies.len()).await;
    world.verdicts(games.len(), &[&liar, &node]).await;
    liar.kill();
    world.settled(&[&node]).await;
    let voided = world.events::<IHub::Voided>().await;
    assert!(lies.iter().all(|lie| voided.iter().any(|voided| voided.claimId == *lie)));
    for over in world.events::<IGame::Over>().await {
        assert_eq!(over.winner, IGame::Side::Challenger);
    }
    for request in &requests {
        assert!(world.is_final(*request).await);
        assert!(!lies.contains(&world.request_of(*request).await.head));
    }
    assert_no_waste(&world, &[2]).await;
    let [lost, won] = books.changes(&world).await[..] else { panic!("two accounts") };
    let terms = world.hub_terms();
    let stakes = terms.gas_stake.0 * world.events::<IHub::StakeLocked>().await.len() as u128;
    // What it has claimed last may have come too late for anybody to dispute it, or to release it.
    let claims = world.events::<IHub::Claimed>().await;
    let claims = claims.iter().filter(|claim| claim.server == account(1)).count();
    let put_in = claims as u128 * terms.server_bond.0 + stakes;
    assert_eq!(-lost, i128::try_from(put_in).unwrap());
    let bonds = voided.len() as u128 * terms.server_bond.0;
    let fees = i128::from(REQUESTS) * fee(&world).await;
    assert_eq!(won, kept(terms, bonds) + i128::try_from(stakes).unwrap() + fees);
    node.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_challengers_play_and_none_loses_anything() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2, 3]).await;
    let liar = world.start_liar(1, SERVER, ONE_TILE);
    let request = world.request(3).await;
    let lie = world.claim(request).await;
    let nodes = [world.start(2, VERIFIER), world.start(3, VERIFIER), world.start(4, SETTLER)];
    world.count::<IHub::Challenged>(2).await;
    let all: Vec<&Daemon> = nodes.iter().chain([&liar]).collect();
    world
        .meanwhile("the end of both games", &all, async |world| {
            (world.events::<IHub::GameClosed>().await.len() >= 2).then_some(())
        })
        .await;
    let claim = world.deployment.hub(&world.connection).getClaim(lie).call().await.unwrap();
    assert_eq!((claim.status, claim.openGames, claim.games), (IHub::ClaimStatus::Void, 0, 2));
    // The liar may have lied again meanwhile.
    liar.kill();
    let nodes: Vec<&Daemon> = nodes.iter().collect();
    let (voids, games) = world
        .meanwhile("the end of all games", &nodes, async |world| {
            let voids = world.events::<IHub::Voided>().await.len();
            let games = world.events::<IHub::GameClosed>().await.len();
            let over = voids == world.events::<IHub::Claimed>().await.len()
                && games == world.events::<IHub::Challenged>().await.len();
            over.then_some((voids, games))
        })
        .await;
    assert!(games >= voids);
    assert_no_waste(&world, &[2, 3, 4]).await;
    let [lost, first, second] = books.changes(&world).await[..] else { panic!("three accounts") };
    let terms = world.hub_terms();
    let bonds = voids as u128 * terms.server_bond.0;
    let stakes = terms.gas_stake.0 * world.events::<IHub::StakeLocked>().await.len() as u128;
    let stakes = i128::try_from(stakes).unwrap();
    assert_eq!(-lost, i128::try_from(bonds).unwrap() + stakes);
    assert_eq!(first + second, kept(terms, bonds) + stakes);
    assert!(first >= 0 && second >= 0, "{first}, {second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_challenger_loses_its_bond() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let server = world.start(1, Roles::ALL);
    let request = world.request(3).await;
    let claim = world.claim(request).await;
    let liar = world.start_liar(2, VERIFIER, ONE_TILE);
    world.count::<IHub::Challenged>(1).await;
    world.verdicts(1, &[&server, &liar]).await;
    liar.kill();
    world.finality(request, &[&server]).await;
    assert_eq!(world.request_of(request).await.head, claim);
    let games = world.events::<IHub::Challenged>().await.len() as u128;
    let over = world.events::<IGame::Over>().await;
    assert!(over.iter().all(|over| over.winner == IGame::Side::Server));
    assert_no_waste(&world, &[1]).await;
    let terms = world.hub_terms();
    let bonds = games * terms.challenger_bond.0;
    let won = kept(terms, bonds) + fee(&world).await;
    assert_eq!(books.changes(&world).await, [won, -i128::try_from(bonds).unwrap()]);
    assert_settled(&world, &[0, 1, 2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_loses_by_its_clock() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let liar = world.start_liar(1, SERVER, ONE_TILE);
    let request = world.request(3).await;
    let lie = world.claim(request).await;
    liar.kill();
    let node = world.start(2, Roles::ALL);
    world.finality(request, &[&node]).await;
    let over = world.events::<IGame::Over>().await;
    assert_eq!((over[0].winner, over[0].cause), (IGame::Side::Challenger, IGame::Cause::Timeout));
    assert_eq!(world.events::<IHub::Voided>().await[0].claimId, lie);
    let terms = world.hub_terms();
    // It never replied: its gas stake is still its own.
    let lost = i128::try_from(terms.server_bond.0).unwrap();
    let won = kept(terms, terms.server_bond.0) + fee(&world).await;
    assert_eq!(books.changes(&world).await, [-lost, won]);
    assert_no_waste(&world, &[1, 2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_challenger_loses_by_its_clock() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let server = world.start(1, Roles::ALL);
    let request = world.request(3).await;
    let claim = world.claim(request).await;
    let liar = world.start_liar(2, VERIFIER, ONE_TILE);
    world.count::<IGame::Moved>(1).await;
    liar.kill();
    world.finality(request, &[&server]).await;
    let over = world.events::<IGame::Over>().await;
    assert_eq!((over[0].winner, over[0].cause), (IGame::Side::Server, IGame::Cause::Timeout));
    assert_eq!(world.request_of(request).await.head, claim);
    let terms = world.hub_terms();
    let bond = terms.challenger_bond.0;
    let won = kept(terms, bond) + fee(&world).await;
    assert_eq!(books.changes(&world).await, [won, -i128::try_from(bond).unwrap()]);
    assert_no_waste(&world, &[1, 2]).await;
    assert_eq!(account(1), server_of(&world, claim).await);
}

async fn server_of(world: &World, claim: B256) -> alloy_primitives::Address {
    world.deployment.hub(&world.connection).getClaim(claim).call().await.unwrap().server
}
