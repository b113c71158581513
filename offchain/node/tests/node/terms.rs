//! Terms on which nobody should answer, and starts that nobody should believe.

use alloy_primitives::{B256, hex};
use alloy_sol_types::SolCall;
use opml_client::contracts::hub::IHub;
use opml_node::Node;
use opml_node::config::{Config, Policy};

use crate::lies::{SERVER, VERIFIER};
use crate::pool::Pool;
use crate::setup::{BURN_PER_STEP, call, record, register, send};
use crate::world::{REQUESTER, World, picture, request};

fn ask(world: &World, model: IHub::Model) -> B256 {
    let hub = world.deployment.hub.address;
    let price = model.fee + (u128::from(BURN_PER_STEP) << model.stepsLog2);
    let id = world.chain(|chain| register(chain, hub, model));
    let data = IHub::inferCall { modelId: id, request: request(&picture(3)) }.abi_encode();
    world.chain(|chain| send(chain, call(REQUESTER, hub, price, data))).logs()[0].topics()[1]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_below_the_gas_of_its_claim_is_left_to_others() {
    let world = World::new().await;
    // A quarter of it is what a failed result brings.
    let gas = u128::from(Policy::default().claim_gas);
    let price = u128::from(world.chain(|chain| chain.gas_price()));
    let poor = ask(&world, IHub::Model { fee: 4 * gas * price - 4, ..record() });
    let node = world.start(1, SERVER).await;
    world.idle(&node).await;
    assert!(world.events::<IHub::Claimed>().is_empty());
    let rich = ask(&world, IHub::Model { fee: 4 * gas * price, ..record() });
    world.claim(rich).await;
    node.stop().await.unwrap();
    let config = world.config(1, SERVER);
    let policy = Policy { claim_gas: 0, ..config.policy };
    let node = Node::start(Config { policy, ..config }).await.unwrap();
    world.claim(poor).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bond_is_put_behind_a_trace_registered_far_too_long() {
    let world = World::new().await;
    let server = world.start(1, SERVER).await;
    let stretched = |by| IHub::Model { stepsLog2: record().stepsLog2 + by, ..record() };
    let (little, much) = (ask(&world, stretched(2)), ask(&world, stretched(3)));
    world.claim(little).await;
    world.idle(&server).await;
    assert_eq!(world.request_of(much).attempts, 0);
    // Who only checks does so at any length.
    let verifier = world.start(2, VERIFIER).await;
    world.idle(&verifier).await;
    server.stop().await.unwrap();
    verifier.stop().await.unwrap();
}

/// The endpoint shows another picture than the one asked about. A node that believes it claims what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn no_bond_is_put_behind_a_request_that_does_not_start_as_the_hub_says() {
    let world = World::new().await;
    let lie = (hex::encode(picture(3)), hex::encode(picture(5)));
    let rpc = Pool::lying(world.rpc.address(), vec![lie]).await.url();
    let config = Config { rpc, ..world.config(1, SERVER) };
    let policy = Policy { accept: true, ..config.policy };
    let node = Node::start(Config { policy, ..config }).await.unwrap();
    let asked = world.request(3);
    world.idle(&node).await;
    let request = world.request_of(asked);
    assert_eq!((request.attempts, request.acceptance), (0, IHub::AcceptanceStatus::None));
    // Another one, which the endpoint shows as it is, is accepted and answered.
    let honest = world.request(4);
    world.claim(honest).await;
    assert_eq!(world.request_of(honest).acceptance, IHub::AcceptanceStatus::Returned);
    node.stop().await.unwrap();
}
