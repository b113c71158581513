//! Without a lie.

use alloy_primitives::U256;
use opml_client::contracts::hub::IHub;
use opml_node::{Config, Node};

use crate::lies::{SERVER, VERIFIER};
use crate::setup::{FEE, GAS_STAKE, SERVER_BOND, WINDOW};
use crate::world::{World, account, work_burn};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_checked_and_settled() {
    Box::pin(honest(World::url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_over_a_websocket() {
    Box::pin(honest(World::websocket)).await;
}

async fn honest(endpoint: fn(&World) -> String) {
    let world = World::new().await;
    let start = |number, roles| {
        let config = Config { rpc: endpoint(&world), ..world.config(number, roles) };
        async move { Node::start(config).await.unwrap() }
    };
    let (server, verifier) = (account(1), account(2));
    let before = [server, verifier].map(|account| world.wealth(account));
    let nodes = [start(1, SERVER).await, start(2, VERIFIER).await];
    let request = world.request(3);
    let claim = world.claim(request).await;
    assert_eq!(world.hub(IHub::getClaimCall { claimId: claim }).server, server);
    // The verifier has looked at it before the window ends.
    world.idle(&nodes[1]).await;
    world.pass(WINDOW);
    world.finality(request).await;

    let after = [server, verifier].map(|account| world.wealth(account));
    let gas = world.gas_paid(server);
    assert_eq!(after[0].credit, U256::from(SERVER_BOND + GAS_STAKE + FEE));
    assert_eq!(after[0].balance, before[0].balance - U256::from(SERVER_BOND + GAS_STAKE) - gas);
    assert_eq!(after[1], before[1]);
    assert_eq!(world.hub(IHub::burnedCall {}), U256::from(work_burn()));
    assert_eq!(world.receipts().iter().filter(|sent| sent.from == server).count(), 2);
    for node in nodes {
        node.stop().await.unwrap();
    }
}
