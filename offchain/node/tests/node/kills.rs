//! A node that is a process of its own, killed again and again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy_primitives::U256;
use opml_client::contracts::game::IGame;
use opml_node::config::{Config, Roles};

use crate::lies::{LIE, assert_settled, without_gas};
use crate::setup::{FEE, GAS_STAKE, SERVER_BOND, WINDOW, burned};
use crate::world::{World, account};

const CONFIG: &str = "OPML_TEST_NODE_CONFIG";

/// What the other process runs.
#[test]
#[ignore = "the process that other tests kill"]
fn node_process() {
    let path = PathBuf::from(std::env::var(CONFIG).expect("started by a test"));
    let config = Config::load(&path, []).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(opml_node::run(config)).unwrap();
}

struct Process(Child);

impl Process {
    fn start(config: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kills::node_process", "--ignored", "--nocapture"])
            .env(CONFIG, config)
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    /// SIGKILL: it gets no chance to write anything down.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn write(world: &World, config: &Config) -> PathBuf {
    let path = world.folder.path().join("node.toml");
    std::fs::write(&path, toml::to_string(config).unwrap()).unwrap();
    path
}

/// Kills the process behind each of its transactions: the block is there, the note of it mostly not.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_behind_each_of_its_transactions_repeats_none() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    world.claim(request).await;
    let config = write(&world, &world.config(2, Roles::ALL));
    let sent =
        |world: &World| world.receipts().iter().filter(|sent| sent.from == account(2)).count();
    let mut process = Process::start(&config);
    let mut seen = 0;
    loop {
        world
            .until_is("progress", |world| {
                let over = !world.events::<IGame::Over>().is_empty();
                if !over && world.is_idle(&lying) && stuck(world) {
                    world.pass(60);
                }
                over || sent(world) > seen
            })
            .await;
        if !world.events::<IGame::Over>().is_empty() {
            break;
        }
        seen = sent(&world);
        process.kill();
        process = Process::start(&config);
    }
    lying.stop().await.unwrap();
    // The claim may be among what is still to come.
    world.until_is("another claim", |world| !world.request_of(request).head.is_zero()).await;
    process.kill();
    world.pass(WINDOW);
    let process = Process::start(&config);
    world.finality(request).await;
    process.kill();
    assert!(seen >= 3, "it was killed {seen} times");
    world.assert_no_waste();
    let after = without_gas(&world, &[1, 2]);
    assert_eq!(after[0], before[0] - U256::from(SERVER_BOND + GAS_STAKE));
    let won = SERVER_BOND - burned(SERVER_BOND) + GAS_STAKE + FEE;
    assert_eq!(after[1], before[1] + U256::from(won));
    assert_settled(&world, &[1, 2]);
}

/// Whether the liar is on turn in the last game: if it is idle, too, only time helps.
fn stuck(world: &World) -> bool {
    let moves = world.events::<IGame::Moved>();
    moves.last().is_some_and(|moved| moved.header.0[7] % 2 == 1)
}

/// Kills the process at times that have nothing to do with what it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_time_repeats_nothing() {
    let world = World::new().await;
    let before = without_gas(&world, &[1, 2]);
    let lying = world.start_liar(1, LIE).await;
    let request = world.request(3);
    world.claim(request).await;
    let config = write(&world, &world.config(2, Roles::ALL));
    let mut life = Duration::from_millis(60);
    while world.events::<IGame::Over>().is_empty() {
        let process = Process::start(&config);
        // How long it lives is the very thing that is tried out.
        tokio::time::sleep(life).await;
        process.kill();
        life += Duration::from_millis(23);
        if world.is_idle(&lying) && stuck(&world) {
            world.pass(600);
        }
        assert!(life < Duration::from_secs(5), "no progress");
    }
    lying.stop().await.unwrap();
    let process = Process::start(&config);
    world.until_is("another claim", |world| !world.request_of(request).head.is_zero()).await;
    world.pass(WINDOW);
    world.finality(request).await;
    process.kill();
    world.assert_no_waste_but_of(&[account(1)]);
    let after = without_gas(&world, &[1, 2]);
    assert_eq!(after[0], before[0] - U256::from(SERVER_BOND + GAS_STAKE));
    let won = SERVER_BOND - burned(SERVER_BOND) + GAS_STAKE + FEE;
    assert_eq!(after[1], before[1] + U256::from(won));
    assert_settled(&world, &[1, 2]);
}
