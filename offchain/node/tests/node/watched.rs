//! What an operator sees.

use opml_node::Node;
use opml_node::config::{Api, Roles};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::lies::SERVER;
use crate::world::World;

pub async fn get(address: std::net::SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn health_figures_and_views() {
    let world = World::new().await;
    let mut config = world.config(1, Roles { settler: true, ..SERVER });
    config.api = Some(Api { listen: "127.0.0.1:0".parse().unwrap() });
    let node = Node::start(config).await.unwrap();
    let address = node.api().unwrap();
    let request = world.request(3);
    let claim = world.claim(request).await;
    world.idle(&node).await;
    assert_eq!(get(address, "/healthz").await, (200, "ok".to_owned()));
    assert_eq!(get(address, "/readyz").await, (200, "ready".to_owned()));

    let json = |body: &str| serde_json::from_str::<Value>(body).unwrap();
    let (_, body) = get(address, "/v1/requests").await;
    assert_eq!(json(&body)[0]["id"], request.to_string());
    let (_, body) = get(address, &format!("/v1/claims/{claim}")).await;
    assert_eq!(
        (&json(&body)["request"], &json(&body)["status"]),
        (&request.to_string().into(), &"live".into())
    );
    assert_eq!(get(address, &format!("/v1/games/{claim}")).await.0, 404);
    assert_eq!(get(address, "/v1/games/nonsense").await.0, 400);
    let (_, body) = get(address, "/openapi.json").await;
    let paths = json(&body)["paths"].as_object().unwrap().len();
    assert_eq!(paths, 11);
    let (_, figures) = get(address, "/metrics").await;
    for line in [
        "opml_ready 1",
        "opml_claims_checked_total 1",
        "opml_disagreements_total 0",
        "opml_open{kind=\"own_claims\"} 1",
        "opml_intents_total{kind=\"claim\",outcome=\"done\"} 1",
        "opml_alarms{kind=\"activation\"} 0",
        "opml_clock_left_seconds -1",
    ] {
        assert!(figures.contains(line), "{line} is not in\n{figures}");
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn activations_are_kept_alive() {
    let world = World::new().await;
    let settler = Roles { settler: true, server: false, verifier: false, player: false };
    let node = world.start(1, settler).await;
    world.idle(&node).await;
    let left = |world: &World| {
        use alloy_sol_types::SolCall;
        let program = world.deployment.hub.address;
        let data = opml_client::contracts::arbitrum::ArbWasm::programTimeLeftCall { program };
        let request = crate::setup::call(
            crate::world::REQUESTER,
            opml_client::contracts::arbitrum::ARB_WASM,
            0,
            data.abi_encode(),
        );
        let answer = world.chain(|chain| {
            let latest = alloy_eips::BlockId::latest();
            chain.call(&request, latest, &opml_devnet::chain::Overrides::default()).unwrap()
        });
        u64::from_be_bytes(answer[24..].try_into().unwrap())
    };
    let year = left(&world);
    world.pass(330 * 24 * 3600);
    assert!(left(&world) < 45 * 24 * 3600);
    world.until_is("a renewal", |world| left(world) == year).await;
    node.stop().await.unwrap();
}
