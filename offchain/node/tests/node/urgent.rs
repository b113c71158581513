//! What must be in time does not wait for what need not.

use opml_client::contracts::hub::IHub;
use opml_devnet::chain::Mining;
use opml_node::config::Roles;

use crate::lies::LIE;
use crate::world::World;

/// A chain may hold transactions back for a day: what is behind another then comes in the same block.
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_does_not_wait_for_the_block_of_a_claim() {
    let world = World::new().await;
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    world.claim(request).await;
    lying.stop().await.unwrap();
    world.chain(|chain| chain.set_mining(Mining::OnDemand).unwrap());
    let node = world.start(2, Roles::ALL).await;
    let waiting = |world: &World| world.chain(|chain| chain.pool().len());
    world.until_is("a claim and a challenge", |world| waiting(world) == 2).await;
    world.chain(|chain| {
        chain.mine().unwrap();
        chain.set_mining(Mining::Instant).unwrap();
    });
    world.idle(&node).await;
    assert_eq!(world.events::<IHub::Claimed>().len(), 2);
    assert_eq!(world.events::<IHub::Challenged>().len(), 1);
    world.assert_no_waste();
    node.stop().await.unwrap();
}
