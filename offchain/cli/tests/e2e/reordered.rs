//! Re-organizations that bring requests back in another order, under claims that wait for a block.

use alloy_primitives::B256;
use alloy_provider::Provider as _;
use opml_client::contracts::IHub;
use opml_client::{ConnectSettings, Connection, connect};
use opml_core::graph::{GraphStep, Request};
use opml_node::config::Roles;
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};
use opml_vm::keccak::FastKeccak;

use crate::money::{Books, assert_settled, fee};
use crate::waiting::Waiting;
use crate::world::{World, account, digits, question, signer};

/// Hash of the state that the model ends in.
fn truth(seed: u64) -> B256 {
    let bundle = Bundle::open(&digits()).unwrap();
    let question = question(seed);
    let request = Request::decode(&question).unwrap();
    let mut machine = Executor::new(&bundle, &request, Settings::default()).unwrap();
    while let GraphStep::Tile(_) = machine.next_step() {
        machine.step().unwrap();
    }
    machine.state().hash::<FastKeccak>()
}

/// Every claim there is: request and last state.
async fn claims(world: &World) -> Vec<(B256, B256)> {
    let mut claims = Vec::new();
    for claim in world.events::<IHub::Claimed>().await {
        let hub = world.deployment.hub(&world.connection);
        let found = hub.getClaim(claim.claimId).call().await.unwrap();
        claims.push((claim.requestId, found.finalHash));
    }
    claims.sort_unstable();
    claims
}

/// Makes two requests, waits until a claim on one of them waits for a block, and takes all of that back.
async fn take_back(world: &World, asked: [(&Connection, u64); 2]) -> Vec<B256> {
    let snapshot: serde_json::Value = world.tell("evm_snapshot", ()).await;
    let waiting = Waiting::begin(world).await;
    for (connection, seed) in asked {
        world.order(connection, seed).await;
    }
    let before = world.connection.get_block_number().await.unwrap();
    world.mine().await;
    let requests = world.events::<IHub::Requested>().await;
    assert_eq!(requests.len(), 2);
    world
        .until("a claim", async |world| {
            let all = waiting.look(world).await;
            all.iter().any(|sent| sent.from == account(1)).then_some(())
        })
        .await;
    assert_eq!(world.connection.get_block_number().await.unwrap(), before + 1);
    let back: bool = world.tell("evm_revert", (snapshot,)).await;
    assert!(back);
    waiting.end(world).await;
    requests.iter().map(|requested| requested.requestId).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_two_accounts_that_change_places_keep_their_claims() {
    let world = World::new().await;
    let books = Books::open(&world, &[1]).await;
    let other = connect(&world.url, Some(signer(6)), ConnectSettings::default()).await.unwrap();
    let node = world.start(1, Roles::ALL);
    let before = take_back(&world, [(&world.connection, 3), (&other, 4)]).await;
    let (second, first) = (world.ask(&other, 4).await, world.request(3).await);
    assert_eq!(before, [first, second], "an id is that of a request's content");
    world.settled(&[&node]).await;
    let mut expected = vec![(first, truth(3)), (second, truth(4))];
    expected.sort_unstable();
    assert_eq!(claims(&world).await, expected);
    assert_eq!(books.changes(&world).await, [2 * fee(&world).await]);
    assert_settled(&world, &[0, 1, 6]).await;
    node.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_one_account_that_change_places_are_others() {
    let world = World::new().await;
    let books = Books::open(&world, &[1]).await;
    let node = world.start(1, Roles::ALL);
    let gone = take_back(&world, [(&world.connection, 3), (&world.connection, 4)]).await;
    // The claim on what is gone may be sent again: it fits nothing.
    let (second, first) = (world.request(4).await, world.request(3).await);
    assert!(!gone.contains(&first) && !gone.contains(&second));
    world.settled(&[&node]).await;
    let mut expected = vec![(first, truth(3)), (second, truth(4))];
    expected.sort_unstable();
    assert_eq!(claims(&world).await, expected);
    assert_eq!(books.changes(&world).await, [2 * fee(&world).await]);
    assert_settled(&world, &[0, 1]).await;
    node.stop();
}
