//! Games that are disturbed: by the endpoint, by the chain itself, by others.

use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_devnet::chain::Mining;
use opml_node::Node;
use opml_node::config::Roles;

use crate::lies::{LIE, SERVER, VERIFIER, assert_settled, without_gas};
use crate::proxy::{Mood, Proxy};
use crate::setup::{FEE, GAS_STAKE, SERVER_BOND, WINDOW, burned, call};
use crate::world::{REQUESTER, World, account, work_burn};

/// What a server that lied has lost, and who found it out and answered has won.
fn assert_caught(world: &World, before: &[U256]) {
    let after = without_gas(world, &[1, 2]);
    assert_eq!(after[0], before[0] - U256::from(SERVER_BOND + GAS_STAKE));
    let won = SERVER_BOND - burned(SERVER_BOND) + GAS_STAKE + FEE;
    assert_eq!(after[1], before[1] + U256::from(won));
    assert_eq!(world.hub(IHub::burnedCall {}), U256::from(burned(SERVER_BOND) + work_burn()));
    assert_settled(world, &[1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_goes_and_comes_back_loses_nothing() {
    for mood in [
        Mood::Cut,
        Mood::Answers("not JSON"),
        Mood::Answers(r#"{"jsonrpc":"2.0","id":0,"result":{}}"#),
    ] {
        let world = World::new().await;
        let before = without_gas(&world, &[1, 2]);
        let lying = world.start_liar(1, LIE).await;
        let request = world.request(3);
        world.claim(request).await;
        let proxy = Proxy::start(world.rpc.address()).await;
        let mut config = world.config(2, Roles::ALL);
        config.rpc = proxy.url();
        let node = Node::start(config).await.unwrap();
        for moves in [1, 3, 5] {
            world.until_is("a move", |world| world.events::<IGame::Moved>().len() >= moves).await;
            let spoiled = proxy.spoiled();
            proxy.set(mood);
            world.until_is("a cut", |_| proxy.spoiled() > spoiled + 2).await;
            proxy.set(Mood::Open);
        }
        world.verdicts(1, &[&lying, &node]).await;
        lying.stop().await.unwrap();
        world.idle(&node).await;
        world.pass(WINDOW);
        world.finality(request).await;
        assert_caught(&world, &before);
        world.assert_no_waste();
        node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_that_a_reorganization_takes_back_are_made_again() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    world.claim(request).await;
    let node = world.start(2, Roles::ALL).await;
    for moves in [1, 2, 3, 4, 5, 6] {
        let moved = |world: &World| world.events::<IGame::Moved>().len();
        world.until_is("a move", |world| moved(world) >= moves).await;
        let snapshot = world.chain(|chain| chain.snapshot().unwrap());
        let there = moved(&world);
        if there < 7 {
            world.until_is("another move", |world| moved(world) > there).await;
        }
        world.chain(|chain| assert!(chain.revert(snapshot).unwrap()));
    }
    world.verdicts(1, &[&lying, &node]).await;
    lying.stop().await.unwrap();
    world.idle(&node).await;
    world.pass(WINDOW);
    world.finality(request).await;
    assert_caught(&world, &before);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganization_that_takes_the_request_away_takes_the_claim_with_it() {
    let world = World::new().await;
    let node = world.start(2, Roles::ALL).await;
    let snapshot = world.chain(|chain| chain.snapshot().unwrap());
    let gone = world.request(3);
    world.claim(gone).await;
    world.chain(|chain| assert!(chain.revert(snapshot).unwrap()));
    // Two requests in another order: other ids, so that the old claim fits none of them.
    let requests = [world.request(4), world.request(3)];
    for request in requests {
        assert_ne!(request, gone);
        world.claim(request).await;
    }
    world.idle(&node).await;
    assert_eq!(world.events::<IHub::Claimed>().len(), 2);
    world.pass(WINDOW);
    for request in requests {
        world.finality(request).await;
    }
    assert_settled(&world, &[2]);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_copies_a_move_ahead_of_it_changes_nothing() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    world.claim(request).await;
    world.chain(|chain| chain.set_mining(Mining::OnDemand).unwrap());
    let node = world.start(2, Roles::ALL).await;
    let game = world.deployment.game.address;
    let mut copied = 0;
    while world.events::<IGame::Over>().is_empty() && copied < 20 {
        // Whatever waits for a block is copied by a stranger, and is mined behind the copy.
        let waiting = world.until("a transaction", |world| {
            let waiting = world.chain(|chain| chain.pool().to_vec());
            let idle = world.is_idle(&node) && world.is_idle(&lying);
            (!waiting.is_empty() || idle).then_some(waiting)
        });
        let waiting = waiting.await;
        for transaction in &waiting {
            let input = alloy_consensus::Transaction::input(transaction.inner()).clone();
            if alloy_consensus::Transaction::to(transaction.inner()) == Some(game) {
                let copy = call(REQUESTER, game, 0, input);
                world.chain(|chain| {
                    // Blocks are filled in the order of arrival.
                    assert!(chain.drop_transaction(*transaction.inner().tx_hash()).unwrap());
                    drop(chain.send_request(copy));
                    chain.send_raw(&transaction.inner().encoded_2718()).unwrap();
                });
                copied += 1;
            }
        }
        world.chain(|chain| {
            if waiting.is_empty() {
                chain.increase_time(60).unwrap();
            }
            chain.mine().unwrap()
        });
    }
    world.chain(|chain| chain.set_mining(Mining::Instant).unwrap());
    world.verdicts(1, &[&lying, &node]).await;
    assert!(copied > 3);
    lying.stop().await.unwrap();
    world.idle(&node).await;
    world.pass(WINDOW);
    world.finality(request).await;
    assert_caught(&world, &before);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finalizes_first_saves_the_server_its_gas() {
    let world = World::new().await;
    let server = world.start(1, SERVER).await;
    let verifier = world.start(2, VERIFIER).await;
    let request = world.request(3);
    let claim = world.claim(request).await;
    world.idle(&server).await;
    server.stop().await.unwrap();
    let finalize = IHub::finalizeCall { claimId: claim }.abi_encode();
    let hub = world.deployment.hub.address;
    world.chain(|chain| {
        chain.increase_time(WINDOW).unwrap();
        crate::setup::send(chain, call(REQUESTER, hub, 0, finalize));
    });
    let server = world.start(1, SERVER).await;
    world.idle(&server).await;
    world.idle(&verifier).await;
    assert_eq!(world.receipts().iter().filter(|sent| sent.from == account(1)).count(), 1);
    assert_eq!(world.wealth(account(1)).credit, U256::from(SERVER_BOND + GAS_STAKE + FEE));
    server.stop().await.unwrap();
    verifier.stop().await.unwrap();
}
