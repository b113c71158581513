//! New heads come by subscription where the endpoint is a WebSocket.

use std::time::Duration;

use opml_node::Node;
use opml_node::config::{Api, Chain, Config};
use serde_json::Value;

use crate::lies::SERVER;
use crate::proxy::{Mood, Proxy};
use crate::watched::get;
use crate::world::World;

/// Without a subscription nothing would be seen within the test's patience.
const RARELY: u64 = 600_000;

#[tokio::test(flavor = "multi_thread")]
async fn heads_come_by_subscription_and_again_after_the_connection_was_lost() {
    let world = World::new().await;
    let proxy = Proxy::start(world.rpc.address()).await;
    let config = world.config(1, SERVER);
    let config = Config {
        rpc: proxy.url().replace("http", "ws"),
        chain: Chain { poll_ms: RARELY, ..config.chain },
        api: Some(Api { listen: "127.0.0.1:0".parse().unwrap() }),
        ..config
    };
    let node = Node::start(config).await.unwrap();
    world.until_is("the head", |_| node.status().borrow().ready).await;
    let (_, status) = get(node.api().unwrap(), "/v1/status").await;
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["subscribed"], true);
    let request = world.request(3);
    world.claim(request).await;

    proxy.set(Mood::Cut);
    world.until_is("a cut", |_| proxy.spoiled() > 0).await;
    proxy.set(Mood::Open);
    // The connection comes back after some seconds; the next head tells of what was missed.
    let request = world.request(4);
    let claimed = async { world.claim(request).await };
    let heads = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            world.chain(|chain| chain.mine().unwrap());
        }
    };
    tokio::select! {
        _ = claimed => {}
        () = heads => {}
    }
    node.stop().await.unwrap();
}
