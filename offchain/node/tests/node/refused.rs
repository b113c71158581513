//! What a node refuses to begin with, and what it leaves alone.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use opml_client::ClientError;
use opml_client::contracts::hub::IHub;
use opml_node::config::{self, Amount, Roles};
use opml_node::store::StoreError;
use opml_node::{Node, NodeError};

use crate::lies::{SERVER, VERIFIER};
use crate::setup::{call, record, register, send};
use crate::world::{REQUESTER, World, picture, price, request};

async fn refused(config: config::Config) -> NodeError {
    Node::start(config).await.map(|node| node.account()).unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain_or_another_deployment() {
    let world = World::new().await;
    let write = |deployment: &opml_client::Deployment| {
        let mut config = world.config(1, SERVER);
        config.deployment = world.folder.path().join("other.json");
        std::fs::write(&config.deployment, serde_json::to_vec(deployment).unwrap()).unwrap();
        config
    };
    let mut other = world.deployment.clone();
    other.chain_id += 1;
    let error = refused(write(&other)).await;
    assert!(matches!(error, NodeError::Client(ClientError::WrongChain { .. })), "{error}");
    let mut other = world.deployment.clone();
    other.hub.code_hash = B256::repeat_byte(1);
    let error = refused(write(&other)).await;
    assert!(matches!(error, NodeError::Client(ClientError::WrongCode { .. })), "{error}");
    let mut other = world.deployment.clone();
    other.game.address = Address::repeat_byte(9);
    let error = refused(write(&other)).await;
    assert!(matches!(error, NodeError::Client(ClientError::NoCode { .. })), "{error}");
    let config = write(&world.deployment);
    std::fs::write(&config.deployment, "{}").unwrap();
    let error = refused(config).await;
    assert!(matches!(error, NodeError::Client(ClientError::DeploymentFile { .. })), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_model_or_a_bundle_that_is_none() {
    let world = World::new().await;
    let mut config = world.config(1, SERVER);
    let id = B256::repeat_byte(7);
    config.models[0].id = Some(id);
    let error = refused(config).await;
    assert!(matches!(error, NodeError::UnknownModel { id: named } if named == id), "{error}");
    let mut config = world.config(1, SERVER);
    config.models[0].path = world.folder.path().to_owned();
    let error = refused(config).await;
    assert!(matches!(error, NodeError::Bundle(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_damaged_or_anothers() {
    let world = World::new().await;
    let config = world.config(1, SERVER);
    Node::start(config.clone()).await.unwrap().stop().await.unwrap();
    let mut other = world.config(2, SERVER);
    other.store = config.store.clone();
    let error = refused(other).await;
    assert!(matches!(error, NodeError::Store(StoreError::Owner { .. })), "{error}");
    let whole = std::fs::read(&config.store.path).unwrap();
    let cut = |part: usize| whole[..whole.len() / 8 * part].to_vec();
    let garbage = b"this is no database".repeat(100);
    for damaged in [garbage, cut(1), cut(4), cut(7), whole[..100].to_vec()] {
        std::fs::write(&config.store.path, &damaged).unwrap();
        let error = refused(config.clone()).await;
        assert!(matches!(error, NodeError::Store(StoreError::Open { .. })), "{error}");
        assert_eq!(std::fs::read(&config.store.path).unwrap(), damaged, "it is left as it was");
    }
    // One that is in use is named so, whatever is being written.
    std::fs::write(&config.store.path, whole).unwrap();
    let node = Node::start(config.clone()).await.unwrap();
    let error = refused(config).await;
    assert!(format!("{error:?}").contains("DatabaseAlreadyOpen"), "{error:?}");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_kernel_image() {
    let world = World::new().await;
    let foreign = IHub::Model { imageRoot: B256::repeat_byte(5), ..record() };
    let hub = world.deployment.hub.address;
    let model_id = world.chain(|chain| register(chain, hub, foreign));
    let nodes = [world.start(1, SERVER).await, world.start(2, VERIFIER).await];
    let data = IHub::inferCall { modelId: model_id, request: request(&picture(1)) }.abi_encode();
    world.chain(|chain| send(chain, call(REQUESTER, hub, price(), data)));
    let good = world.request(3);
    world.claim(good).await;
    for node in nodes {
        world.idle(&node).await;
        node.stop().await.unwrap();
    }
    let claims = world.events::<IHub::Claimed>();
    assert_eq!(claims.iter().map(|claim| claim.requestId).collect::<Vec<_>>(), [good]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_cannot_afford_to_defend() {
    let world = World::new().await;
    let mut config = world.config(1, SERVER);
    config.policy.max_exposure = "0.02 ether".parse::<Amount>().unwrap();
    let node = Node::start(config).await.unwrap();
    world.request(3);
    world.idle(&node).await;
    assert!(world.events::<IHub::Claimed>().is_empty());
    node.stop().await.unwrap();
    let node = world.start(1, Roles::ALL).await;
    world.until_is("a claim", |world| !world.events::<IHub::Claimed>().is_empty()).await;
    node.stop().await.unwrap();
}
