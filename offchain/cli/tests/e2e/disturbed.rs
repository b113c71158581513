//! Games that are disturbed: by a kill, by the endpoint, by the chain itself, by others.

use alloy_provider::Provider as _;
use opml_client::contracts::{IGame, IHub};
use opml_node::config::Roles;

use crate::daemon::{Daemon, honest, write};
use crate::games::assert_caught;
use crate::liar::ONE_TILE;
use crate::money::{Books, assert_no_move_twice, assert_no_waste, assert_settled, fee, kept};
use crate::proxy::{Mood, Proxy};
use crate::waiting::{Waiting, front_run};
use crate::world::{SERVER, VERIFIER, World, account};

/// A server that answers honestly, and a challenger that lies; the server is killed behind each transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_behind_each_of_its_transactions_wins_and_repeats_none() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let mut server = world.start(1, Roles::ALL);
    let request = world.request(3).await;
    let claim = world.claim(request).await;
    let liar = world.start_liar(2, VERIFIER, ONE_TILE);
    let (mut seen, mut kills) = (sent(&world, 1).await, 0);
    while world.events::<IGame::Over>().await.is_empty() {
        seen = world
            .meanwhile("progress", &[&server, &liar], async |world| {
                let over = !world.events::<IGame::Over>().await.is_empty();
                let sent = sent(world, 1).await;
                (over || sent > seen).then_some(sent)
            })
            .await;
        server.kill();
        kills += 1;
        server = world.start(1, Roles::ALL);
    }
    liar.kill();
    world.finality(request, &[&server]).await;
    assert!(kills >= 3, "it was killed {kills} times");
    assert_eq!(world.request_of(request).await.head, claim);
    assert_no_waste(&world, &[1]).await;
    let terms = world.hub_terms();
    let bonds = world.events::<IHub::Challenged>().await.len() as u128 * terms.challenger_bond.0;
    let won = kept(terms, bonds) + fee(&world).await;
    assert_eq!(books.changes(&world).await, [won, -i128::try_from(bonds).unwrap()]);
    assert_settled(&world, &[0, 1, 2]).await;
}

/// Transactions of an account in the chain.
async fn sent(world: &World, number: usize) -> u64 {
    world.connection.get_transaction_count(account(number)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_goes_lies_and_comes_back_loses_nothing() {
    let answer = |result: &str| format!(r#"{{"jsonrpc":"2.0","id":0,"result":{result}}}"#);
    let moods = [
        Mood::Cut,
        Mood::Answers("200 OK", "not JSON".into()),
        Mood::Answers("200 OK", answer("{}")),
        Mood::Answers("200 OK", answer(&format!("\"0x{}\"", "f".repeat(1 << 16)))),
        Mood::Answers("503 Service Unavailable", String::new()),
    ];
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let liar = world.start_liar(1, SERVER, ONE_TILE);
    let request = world.request(3).await;
    world.claim(request).await;
    let proxy = Proxy::start(&world.url);
    let mut config = world.config(2, Roles::ALL);
    config.rpc = proxy.url();
    let node = Daemon::start(honest(&write(&config)), 2);
    for (mood, moves) in moods.into_iter().zip(1..) {
        world
            .meanwhile("a move", &[&liar, &node], async |world| {
                let over = !world.events::<IGame::Over>().await.is_empty();
                (over || world.events::<IGame::Moved>().await.len() >= moves).then_some(())
            })
            .await;
        let spoiled = proxy.spoiled();
        proxy.set(mood);
        world.until("a failure", async |_| (proxy.spoiled() > spoiled + 1).then_some(())).await;
        proxy.set(Mood::Open);
    }
    world.verdicts(1, &[&liar, &node]).await;
    liar.kill();
    world.finality(request, &[&node]).await;
    assert_caught(&world, &books.changes(&world).await).await;
    assert_no_waste(&world, &[2]).await;
    assert_settled(&world, &[0, 1, 2]).await;
    node.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_that_a_reorganization_takes_back_are_made_again() {
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2]).await;
    let liar = world.start_liar(1, SERVER, ONE_TILE);
    let request = world.request(3).await;
    world.claim(request).await;
    let node = world.start(2, Roles::ALL);
    let nodes = [&liar, &node];
    for moves in 1..6 {
        world.count::<IGame::Moved>(moves).await;
        let snapshot: serde_json::Value = world.tell("evm_snapshot", ()).await;
        let there = world.events::<IGame::Moved>().await.len();
        // Until there is another one, or there will be none.
        world
            .until("another move", async |world| {
                let moved = world.events::<IGame::Moved>().await.len() > there;
                (moved || world.are_idle(&nodes).await).then_some(())
            })
            .await;
        let back: bool = world.tell("evm_revert", (snapshot,)).await;
        assert!(back);
    }
    world.verdicts(1, &nodes).await;
    liar.kill();
    world.finality(request, &[&node]).await;
    assert_caught(&world, &books.changes(&world).await).await;
    // What was signed before may come too late now.
    assert_no_move_twice(&world).await;
    node.stop();
}

/// The stranger's copies come to nothing: only who is on turn moves, and a game is its challenger's.
#[tokio::test(flavor = "multi_thread")]
async fn who_copies_moves_ahead_of_them_changes_nothing() {
    const STRANGER: usize = 5;
    let world = World::new().await;
    let books = Books::open(&world, &[1, 2, STRANGER]).await;
    let liar = world.start_liar(1, SERVER, ONE_TILE);
    let request = world.request(3).await;
    world.claim(request).await;
    let waiting = Waiting::begin(&world).await;
    let node = world.start(2, Roles::ALL);
    let mut copied = 0;
    while world.events::<IGame::Over>().await.is_empty() {
        let all = waiting.next(&world, &[&liar, &node]).await;
        let game = Some(world.deployment.game.address);
        for sent in all.iter().filter(|sent| sent.from == account(2) && sent.to == game) {
            front_run(&world, STRANGER, sent).await;
            copied += 1;
        }
        if all.is_empty() { world.pass(300).await } else { world.mine().await }
    }
    waiting.end(&world).await;
    liar.kill();
    world.finality(request, &[&node]).await;
    assert!(copied >= 3, "{copied} moves were copied");
    let changes = books.changes(&world).await;
    assert_caught(&world, &changes[..2]).await;
    assert_eq!(changes[2], 0);
    assert_no_waste(&world, &[2]).await;
    node.stop();
}
