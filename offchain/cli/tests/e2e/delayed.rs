//! Moves that reach the chain a day late, each of them: whoever holds them back for as long as Arbitrum One lets it,
//! against the clocks of Arbitrum One, in the longest game.

use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use opml_client::contracts::{IGame, IHub};
use opml_client::deploy::{Profile, Terms};
use opml_node::config::Roles;

use crate::daemon::{Daemon, honest, write};
use crate::liar::ONE_TILE;
use crate::money::{Books, assert_no_waste, fee, kept};
use crate::waiting::Waiting;
use crate::world::{SERVER, VERIFIER, World, account, digits};

/// After so long a transaction that the sequencer withholds is forced in.
const DAY: u64 = 24 * 3600;

/// Steps of a trace, as a power of two: no model can have more.
const LONGEST: u8 = 30;

async fn world() -> World {
    // Contracts do not know what chain they are on; only `opml deploy` does.
    let terms = Terms { profile: Profile::Dev, ..Profile::One.terms() };
    let mut world = World::with(Some(&terms)).await;
    world.register(|model| model.stepsLog2 = LONGEST).await;
    world.bundle = longest(world.folder.path());
    world
}

/// The digits as a bundle of so long a trace: no bonds are put behind a model that is registered with far more steps
/// than its bundle needs.
fn longest(folder: &Path) -> PathBuf {
    let bundle = folder.join("longest");
    std::fs::create_dir(&bundle).unwrap();
    for name in ["program.bin", "weights.bin", "weights.tree"] {
        std::fs::copy(digits().join(name), bundle.join(name)).unwrap();
    }
    let manifest = std::fs::read_to_string(digits().join("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    manifest["steps_log2"] = LONGEST.into();
    std::fs::write(bundle.join("manifest.json"), manifest.to_string()).unwrap();
    bundle
}

/// A node whose transactions nobody will find late by its own clock.
fn patient(world: &World, number: usize, roles: Roles) -> Daemon {
    let mut config = world.config(number, roles);
    config.gas.bump_after_ms = 3_600_000;
    Daemon::start(honest(&write(&config)), number)
}

/// Holds back every transaction of the honest node for a day, none of the liar's, until the request is final or the
/// claim void. How many were moves.
async fn hold_back(world: &World, claim: B256, [node, liar]: [&Daemon; 2]) -> usize {
    let waiting = Waiting::begin(world).await;
    let game = Some(world.deployment.game.address);
    let mut delayed = 0;
    let hub = world.deployment.hub(&world.connection);
    while hub.getClaim(claim).call().await.unwrap().status == IHub::ClaimStatus::Live {
        let all = waiting.next(world, &[node, liar]).await;
        let late: Vec<_> = all.iter().filter(|sent| sent.from == account(node.number)).collect();
        delayed += late.iter().filter(|sent| sent.to == game).count();
        // With nothing to wait for, time passes all the same: a liar's clock, a window.
        if late.is_empty() && !all.is_empty() {
            world.mine().await;
        } else {
            world.pass(DAY).await;
        }
    }
    waiting.end(world).await;
    delayed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenger_whose_every_move_is_a_day_late_wins() {
    let world = world().await;
    let books = Books::open(&world, &[1, 2]).await;
    let liar = world.start_liar(1, SERVER, ONE_TILE);
    let request = world.request(3).await;
    let lie = world.claim(request).await;
    let node = patient(&world, 2, VERIFIER);
    let delayed = hold_back(&world, lie, [&node, &liar]).await;
    let over = world.events::<IGame::Over>().await;
    assert_eq!(over[0].winner, IGame::Side::Challenger);
    assert_eq!(world.events::<IHub::Voided>().await[0].claimId, lie);
    // The first move is the challenge, which goes to the hub.
    assert!(delayed >= 5, "{delayed} moves were late");
    assert_left(&world, |moved| moved.challengerSeconds).await;
    liar.kill();
    let terms = world.hub_terms();
    let (bond, stake) = (terms.server_bond.0, i128::try_from(terms.gas_stake.0).unwrap());
    let won = kept(terms, bond) + stake;
    assert_eq!(books.changes(&world).await[1], won);
    assert_no_waste(&world, &[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_every_move_is_a_day_late_wins() {
    let world = world().await;
    let books = Books::open(&world, &[1, 2]).await;
    let request = world.request(3).await;
    let node = patient(&world, 1, Roles::ALL);
    let claim = world.claim(request).await;
    let liar = world.start_liar(2, VERIFIER, ONE_TILE);
    world.count::<IHub::Challenged>(1).await;
    let delayed = hold_back(&world, claim, [&node, &liar]).await;
    assert_eq!(world.request_of(request).await.head, claim);
    assert!(delayed >= 5, "{delayed} moves were late");
    assert_left(&world, |moved| moved.serverSeconds).await;
    let terms = world.hub_terms();
    let bonds = world.events::<IHub::Challenged>().await.len() as u128 * terms.challenger_bond.0;
    let won = kept(terms, bonds) + fee(&world).await;
    assert_eq!(books.changes(&world).await, [won, -i128::try_from(bonds).unwrap()]);
    assert_no_waste(&world, &[1]).await;
}

/// The honest side has time left at the end.
async fn assert_left(world: &World, seconds: impl Fn(&IGame::Moved) -> u32) {
    let moves = world.events::<IGame::Moved>().await;
    let left = moves.iter().map(seconds).min().unwrap();
    eprintln!("{} moves; {left} s of {} were left", moves.len(), world.terms().clock);
    assert!(left > 0);
}
