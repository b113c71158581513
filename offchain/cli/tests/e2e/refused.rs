//! What a node refuses to begin with, what it does when the disk is full, and what it raises an alarm for.

use std::path::{Path, PathBuf};
use std::process::Command;

use alloy_primitives::{Address, B256};
use alloy_provider::Provider as _;
use opml_client::Deployment;
use opml_client::contracts::IHub;
use opml_node::Config;
use opml_node::config::Roles;
use opml_runtime::Program;

use crate::daemon::{Daemon, honest, write};
use crate::process::{OPML, Process};
use crate::proxy::{Mood, Proxy};
use crate::world::{SERVER, World, account, devnet, digits};

/// What a node says that does not start: one error, and code 2.
fn refusal(config: &Config) -> String {
    fails(honest(&write(config)))
}

/// What a command says that fails.
fn fails(command: Command) -> String {
    let mut process = Process::start(command);
    let said = process.stderr().rest();
    assert_eq!(process.wait().code(), Some(2), "{said}");
    assert!(said.contains("error: ") && !said.contains("panicked"), "{said}");
    said
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain_or_another_deployment_is_named() {
    let world = World::new().await;
    let (_other, url) = devnet(&["--chain-id", "999"]);
    let mut config = world.config(1, Roles::ALL);
    config.rpc = url;
    assert_says(&refusal(&config), &["999", "412346"]);

    let other = world.folder.path().join("other.json");
    let mut config = world.config(1, Roles::ALL);
    config.deployment.clone_from(&other);
    assert_says(&refusal(&config), &["other.json", "No such file"]);
    std::fs::write(&other, "{}").unwrap();
    assert_says(&refusal(&config), &["other.json", "no deployment file"]);
    let moved = |change: fn(&mut Deployment)| {
        let mut deployment = world.deployment.clone();
        change(&mut deployment);
        std::fs::write(&other, serde_json::to_vec(&deployment).unwrap()).unwrap();
        refusal(&config)
    };
    let said = moved(|deployment| deployment.game.address = Address::repeat_byte(9));
    assert_says(&said, &["no code at", "0x0909"]);
    let said = moved(|deployment| deployment.hub.code_hash = B256::repeat_byte(1));
    assert_says(&said, &["the hub", "0x0101"]);
    let said = moved(|deployment| std::mem::swap(&mut deployment.hub, &mut deployment.game));
    assert!(!said.is_empty());
    assert_eq!(world.connection.get_transaction_count(account(1)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_model_a_missing_bundle_and_a_wrong_configuration_are_named() {
    let world = World::new().await;
    let mut config = world.config(1, SERVER);
    config.models[0].id = Some(B256::repeat_byte(7));
    assert_says(&refusal(&config), &["has no model", "0x0707"]);
    let mut config = world.config(1, SERVER);
    config.models[0].path = world.folder.path().join("nowhere");
    assert_says(&refusal(&config), &["nowhere", "No such file"]);
    let mut config = world.config(1, SERVER);
    config.rpc = "http://127.0.0.1:1".into();
    assert_says(&refusal(&config), &["no answer from the node"]);
    config.rpc = "gopher://example.org".into();
    assert_says(&refusal(&config), &["gopher://example.org"]);
    let path = write(&world.config(1, SERVER));
    let mut command = honest(&path);
    command.args(["--set", "chain.colour=blue"]);
    assert_says(&fails(command), &["colour"]);
    assert_says(&fails(honest(Path::new("missing.toml"))), &["missing.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_talks_nonsense_is_no_reason_to_break_down() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.url);
    let mut config = world.config(1, SERVER);
    config.rpc = proxy.url();
    let answer = |result: &str| format!(r#"{{"jsonrpc":"2.0","id":0,"result":{result}}}"#);
    for body in [
        String::new(),
        "not JSON".into(),
        answer("null"),
        answer("[]"),
        answer("\"0x\""),
        answer(&format!("\"0x{}\"", "f".repeat(1 << 20))),
        r#"{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"go away"}}"#.into(),
        "[".repeat(100_000),
    ] {
        proxy.set(Mood::Answers("200 OK", body.clone()));
        refusal(&config);
        // Whatever else talks to an endpoint does not break down, either.
        let mut command = Command::new(OPML);
        command
            .args(["game", "list", "--rpc", &proxy.url(), "--deployment"])
            .arg(&config.deployment);
        fails(command);
    }
    proxy.set(Mood::Open);
    Daemon::start(honest(&write(&config)), 1).stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_named_and_never_replaced() {
    let world = World::new().await;
    let config = world.config(1, SERVER);
    let node = Daemon::start(honest(&write(&config)), 1);
    let request = world.request(3).await;
    world.claim(request).await;
    node.kill();
    let whole = std::fs::read(&config.store.path).unwrap();
    let mut flipped = whole.clone();
    flipped[64..].iter_mut().for_each(|byte| *byte ^= 0x55);
    let garbage = b"this is no database".repeat(100);
    let half = whole[..whole.len() / 2].to_vec();
    for (what, damaged) in [("garbage", garbage), ("half", half), ("flipped", flipped)] {
        std::fs::write(&config.store.path, &damaged).unwrap();
        assert_says(&refusal(&config), &["cannot open the database", "node-1.redb"]);
        let left = std::fs::read(&config.store.path).unwrap();
        assert!(left == damaged, "{what} was changed");
    }
    // The file is back: so is everything that was written.
    std::fs::write(&config.store.path, whole).unwrap();
    let node = Daemon::start(honest(&write(&config)), 1);
    world.idle(&[&node]).await;
    assert_eq!(world.events::<IHub::Claimed>().await.len(), 1);
    node.stop();
}

/// `sh` has the signal ignored that a file beyond its limit sends: what is written there fails, as on a full disk.
fn with_full_disk(config: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", OPML, "node", "run", "--json"]);
    command.arg("--config").arg(config);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_the_node_before_it_sends_what_it_cannot_write_down() {
    let world = World::new().await;
    let config = write(&world.config(1, Roles::ALL));
    let node = Daemon::start(with_full_disk(&config), 1);
    world.idle(&[&node]).await;
    let limit = Command::new("prlimit")
        .args(["--fsize=4096:4096", "--pid", &node.process().id().to_string()])
        .status();
    assert!(limit.unwrap().success());
    let request = world.request(3).await;
    let (code, said) = node.end();
    assert_eq!(code, Some(2), "{said}");
    assert_says(&said, &["error: ", "database"]);
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(world.connection.get_transaction_count(account(1)).await.unwrap(), 0);
    // With room again it goes on.
    let node = Daemon::start(honest(&config), 1);
    world.finality(request, &[&node]).await;
    node.stop();
}

/// The digits in a folder of their own.
fn copy(folder: &Path) -> PathBuf {
    let bundle = folder.join("bundle");
    std::fs::create_dir(&bundle).unwrap();
    for name in ["manifest.json", "program.bin", "weights.bin", "weights.tree"] {
        std::fs::copy(digits().join(name), bundle.join(name)).unwrap();
    }
    bundle
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_that_go_away_within_the_window_raise_an_alarm() {
    let world = World::new().await;
    let bundle = copy(world.folder.path());
    let mut config = world.config(1, Roles::ALL);
    config.models[0].path.clone_from(&bundle);
    let node = Daemon::start(honest(&write(&config)), 1);
    let request = world.request(3).await;
    world.claim(request).await;
    let alarm = async |count: u8| {
        let line = format!("opml_alarms{{kind=\"weights\"}} {count}");
        let is = async |_: &World| node.get("/metrics").await.contains(&line).then_some(());
        world.until(&line, is).await;
    };
    alarm(0).await;
    std::fs::rename(bundle.join("weights.bin"), bundle.join("elsewhere")).unwrap();
    alarm(1).await;
    std::fs::rename(bundle.join("elsewhere"), bundle.join("weights.bin")).unwrap();
    alarm(0).await;
    node.stop();
}

/// Lowers the bound of the operator with the dearest tile to less than it takes; the root of the program then.
fn overload(bundle: &Path) -> B256 {
    let mut program = std::fs::read(bundle.join("program.bin")).unwrap();
    let (descriptors, _) = program.as_chunks_mut::<512>();
    for descriptor in descriptors.iter_mut() {
        let bound = &mut descriptor[16..20];
        if bound != [0; 4] {
            bound.copy_from_slice(&6_u32.to_le_bytes());
        }
    }
    let root = Program::new(descriptors.to_vec()).root();
    std::fs::write(bundle.join("program.bin"), program).unwrap();
    let path = bundle.join("manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["program_root"] = root.to_string().into();
    std::fs::write(path, manifest.to_string()).unwrap();
    root
}

#[tokio::test(flavor = "multi_thread")]
async fn an_over_cost_tile_and_a_foreign_kernel_image_are_not_served() {
    let mut world = World::new().await;
    let good = world.model;
    let bundle = copy(world.folder.path());
    let root = overload(&bundle);
    let mut command = Command::new(OPML);
    command
        .args(["model", "register", "--rpc", &world.url])
        .arg(&bundle)
        .current_dir(&world.folder);
    command.env("OPML_DEPLOYMENT", "deployment.json").env("OPML_KEY", signer_key());
    assert_says(&fails(command), &["more than half of", "2^6"]);
    // Somebody has registered them all the same.
    world.register(|model| model.programRoot = root).await;
    let dear = world.request(1).await;
    world.model = good;
    world.register(|model| model.imageRoot = B256::repeat_byte(5)).await;
    let foreign = world.request(2).await;
    world.model = good;
    let served = world.request(3).await;
    let mut config = world.config(1, Roles::ALL);
    config.models.push(opml_node::config::Model { path: bundle, id: None });
    let mut node = Daemon::start(honest(&write(&config)), 1);
    world.claim(served).await;
    world.idle(&[&node]).await;
    let claims = world.events::<IHub::Claimed>().await;
    let claimed: Vec<_> = claims.iter().map(|claim| claim.requestId).collect();
    assert_eq!(claimed, [served], "neither {dear} nor {foreign}");
    let said = node.log();
    assert_says(&said, &["this model is not served", "kernel image", "more than half of"]);
    node.stop();
}

fn signer_key() -> String {
    opml_devnet::chain::DEV_KEYS[0].to_string()
}
