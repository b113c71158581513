//! A lie is found out, down to one instruction.

use std::sync::Arc;

use alloy_primitives::U256;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_node::config::Roles;

use crate::liar::Liars;
use crate::setup::{FEE, GAS_STAKE, SERVER_BOND, WINDOW, burned};
use crate::world::{World, account, work_burn};

const SERVER: Roles = Roles { server: true, verifier: false, player: false, settler: false };

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_server_loses_and_the_request_is_answered_again() {
    let world = World::new().await;
    let (liar, honest) = (account(1), account(2));
    let before = [liar, honest].map(|account| world.wealth(account));
    let lying = world.start_with(1, SERVER, Arc::new(Liars { step: 3, from: 1000 })).await;
    let request = world.request(3);
    let lie = world.claim(request).await;
    let node = world.start(2, Roles::ALL).await;
    world.verdicts(1, &[&lying, &node]).await;
    assert_eq!(world.events::<IGame::Over>()[0].winner, IGame::Side::Challenger);
    assert_eq!(world.events::<IHub::Voided>()[0].claimId, lie);
    lying.stop().await.unwrap();
    world.until_is("another claim", |world| {
        let head = world.request_of(request).head;
        !head.is_zero() && head != lie
    })
    .await;
    world.pass(WINDOW);
    world.finality(request).await;

    let after = [liar, honest].map(|account| world.wealth(account));
    let gas = [liar, honest].map(|account| world.gas_paid(account));
    let total = |wealth: crate::world::Wealth| wealth.balance + wealth.credit;
    let lost = U256::from(SERVER_BOND + GAS_STAKE);
    assert_eq!(total(after[0]), total(before[0]) - lost - gas[0]);
    let won = U256::from(SERVER_BOND - burned(SERVER_BOND) + GAS_STAKE + FEE);
    assert_eq!(total(after[1]), total(before[1]) + won - gas[1]);
    assert_eq!(world.hub(IHub::burnedCall {}), U256::from(burned(SERVER_BOND) + work_burn()));
    let hub = world.wealth(world.deployment.hub.address).balance;
    assert_eq!(hub, after[0].credit + after[1].credit + world.hub(IHub::burnedCall {}));
    node.stop().await.unwrap();
}
