//! Contracts whose activation has ended.

use alloy_eips::BlockId;
use opml_client::contracts::arbitrum::{ARB_WASM, ArbWasm};
use opml_devnet::chain::Overrides;
use opml_node::config::Roles;

use alloy_sol_types::SolCall;

use crate::lies::SERVER;
use crate::setup::call;
use crate::world::{REQUESTER, World};

const YEAR: u64 = 366 * 24 * 3600;

/// Whether hub, game and step verifier are activated.
fn are_active(world: &World) -> bool {
    let deployed = [&world.deployment.hub, &world.deployment.game, &world.deployment.step];
    deployed.into_iter().all(|contract| {
        let left = ArbWasm::programTimeLeftCall { program: contract.address }.abi_encode();
        let left = call(REQUESTER, ARB_WASM, 0, left);
        let latest = BlockId::latest();
        world.chain(|chain| chain.call(&left, latest, &Overrides::default())).is_ok()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_hub_is_activated_by_a_node_that_runs_and_by_one_that_starts() {
    let world = World::new().await;
    let node = world.start(1, Roles::ALL).await;
    world.idle(&node).await;
    world.pass(YEAR);
    world.until_is("activations", are_active).await;
    let request = world.request(3);
    world.claim(request).await;
    node.stop().await.unwrap();

    world.pass(YEAR);
    assert!(!are_active(&world));
    // Who does not renew says why it does not start.
    assert!(opml_node::Node::start(world.config(2, SERVER)).await.is_err());
    let node = world.start(1, Roles::ALL).await;
    assert!(are_active(&world));
    let request = world.request(4);
    world.claim(request).await;
    node.stop().await.unwrap();
}
