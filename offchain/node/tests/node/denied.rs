//! A node that takes a transaction and says that it does not.

use alloy_sol_types::SolCall;
use opml_client::contracts::hub::IHub;
use opml_devnet::chain::Mining;
use opml_node::Node;
use opml_node::config::Config;

use crate::lies::SERVER;
use crate::pool::Pool;
use crate::setup::{call, send};
use crate::world::{REQUESTER, World, picture, price, request};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_believed_refused_and_was_taken_is_done_once() {
    let world = World::new().await;
    let rpc = Pool::denying(world.rpc.address()).await.url();
    let node = Node::start(Config { rpc, ..world.config(1, SERVER) }).await.unwrap();
    let (model, hub) = (world.model, world.deployment.hub.address);
    let data = IHub::inferCall { modelId: model, request: request(&picture(3)) }.abi_encode();
    // The last block that comes by itself is that of the request.
    let asked = world.chain(|chain| {
        let receipt = send(chain, call(REQUESTER, hub, price(), data));
        chain.set_mining(Mining::OnDemand).unwrap();
        receipt.logs()[0].topics()[1]
    });
    world.until_is("the claim", |world| world.chain(|chain| !chain.pool().is_empty())).await;
    // Time enough to give it up and to sign it again, more than once.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    world.chain(|chain| {
        chain.mine().unwrap();
        chain.set_mining(Mining::Instant).unwrap();
    });
    world.idle(&node).await;
    assert_eq!(world.events::<IHub::Claimed>().len(), 1);
    assert_eq!(world.request_of(asked).attempts, 1);
    world.assert_no_waste();
    node.stop().await.unwrap();
}
