//! What an operator asks of a node and of a game, and how a keystore is opened.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use alloy_primitives::B256;
use opml_client::contracts::{IGame, IHub};
use opml_node::config::Roles;
use serde_json::Value;

use crate::daemon::Daemon;
use crate::liar::ONE_TILE;
use crate::process::OPML;
use crate::world::{SERVER, World};

/// Exit code, standard output and standard error.
fn opml(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(OPML).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_tells_its_status() {
    let world = World::new().await;
    let node = world.start(1, Roles::ALL);
    let request = world.request(3).await;
    world.claim(request).await;
    world.idle(&[&node]).await;
    let api = node.api().to_string();
    let (code, said, _) = opml(&["node", "status", "--api", &api]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ready, at block") && said.contains("1 claims, 0 games"), "{said}");
    let (_, said, _) = opml(&["node", "status", "--api", &api, "--json"]);
    let status: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&status["ready"], &status["claims"]), (&true.into(), &1.into()));
    node.kill();
    let (code, _, said) = opml(&["node", "status", "--api", &api]);
    assert_eq!(code, Some(2));
    assert!(said.contains(&format!("no node answers at {api}")), "{said}");
    let config = world.folder.path().join("node-1.toml");
    let (_, _, said) = opml(&["node", "status", "--config", config.to_str().unwrap()]);
    assert!(said.contains("no node answers at 127.0.0.1:0"), "{said}");
}

/// What `opml game show` says of a game.
fn show(world: &World, game: B256, more: &[&str]) -> Value {
    let deployment = world.folder.path().join("deployment.json");
    let (rpc, deployment) = (world.url.as_str(), deployment.to_str().unwrap());
    let game = game.to_string();
    let arguments = ["game", "show", &game, "--json", "--rpc", rpc, "--deployment", deployment];
    let (code, said, error) = opml(&[&arguments, more].concat());
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_str(&said).unwrap()
}

/// Whoever looks, at whatever position the game stands.
#[tokio::test(flavor = "multi_thread")]
async fn the_winner_of_a_game_is_told_beforehand() {
    for liar_is_server in [true, false] {
        let world = World::new().await;
        let request = world.request(3).await;
        let roles = Roles { settler: false, ..Roles::ALL };
        let (first, second): (Daemon, Daemon) = if liar_is_server {
            let liar = world.start_liar(1, SERVER, ONE_TILE);
            world.claim(request).await;
            (liar, world.start(2, roles))
        } else {
            let node = world.start(1, roles);
            world.claim(request).await;
            (node, world.start_liar(2, Roles { server: false, ..roles }, ONE_TILE))
        };
        let game = world.count::<IHub::Challenged>(1).await[0].gameId;
        let winner = if liar_is_server { "challenger" } else { "server" };
        let mut forecasts = 0;
        while world.events::<IGame::Over>().await.is_empty() {
            let shown = show(&world, game, &[]);
            if shown["on_turn"].is_string() {
                assert_eq!(shown["forecast"]["winner"], winner, "{shown}");
                let over = shown["seconds_left"] == 0;
                let basis = if over { "clock" } else { "computation" };
                assert_eq!(shown["forecast"]["basis"], basis);
                forecasts += 1;
                let shown = show(&world, game, &["--no-compute"]);
                if shown["on_turn"].is_string() && shown["seconds_left"] != 0 {
                    assert_eq!(shown["forecast"]["basis"], "clock", "{shown}");
                    assert!(shown["forecast"]["winner"].is_null());
                }
            }
            if world.are_idle(&[&first, &second]).await {
                world.pass(300).await;
            }
        }
        assert!(forecasts > 0);
        assert_eq!(show(&world, game, &[])["winner"], winner);
    }
}

/// The keystore of the Web3 Secret Storage Definition, and its password.
const KEYSTORE: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,
"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6",
"version":3}"#;
const PASSWORD: &str = "testpassword";
const ADDRESS: &str = "008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

/// What `opml account` says in a terminal of its own, where `typed` is typed.
fn in_terminal(folder: &Path, world: &World, typed: &str) -> String {
    let command = format!("{OPML} account --keystore key.json --rpc {}", world.url);
    let mut terminal = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(folder)
        .env("OPML_DEPLOYMENT", "deployment.json")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    terminal.stdin.take().unwrap().write_all(format!("{typed}\n").as_bytes()).unwrap();
    let said = String::from_utf8(terminal.wait_with_output().unwrap().stdout).unwrap();
    said.to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keystore_without_a_password_file_asks_for_the_password() {
    let world = World::new().await;
    let folder = world.folder.path();
    std::fs::write(folder.join("key.json"), KEYSTORE).unwrap();
    let said = in_terminal(folder, &world, PASSWORD);
    assert!(said.contains("password of key.json") && said.contains(ADDRESS), "{said}");
    let said = in_terminal(folder, &world, "something else");
    assert!(said.contains("cannot open keystore key.json") && !said.contains(ADDRESS), "{said}");
    // Where nobody can be asked, that is said.
    let mut alone = Command::new("setsid");
    alone.args(["-w", OPML, "account", "--keystore", "key.json", "--rpc", &world.url]);
    alone.env("OPML_DEPLOYMENT", "deployment.json").current_dir(folder).stdin(Stdio::null());
    let output = alone.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("name a password file"), "{said}");
}
