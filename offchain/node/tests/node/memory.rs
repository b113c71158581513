//! Memory of a node that is a process of its own, over many requests.

use std::process::{Child, Command, Stdio};

use opml_client::contracts::hub::IHub;
use opml_node::config::Roles;

use crate::setup::WINDOW;
use crate::world::{World, picture, request};

const REQUESTS: u64 = 20;

/// Rounds until the events of the first one are behind any re-organization, and all after them.
const WARM: u64 = 8;
const ROUNDS: u64 = 28;

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Bytes of memory of a process.
fn memory(process: &Process) -> u64 {
    let pages = std::fs::read_to_string(format!("/proc/{}/statm", process.0.id())).unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: cargo nextest run --release -p opml-node --run-ignored only -E 'test(memory)'"]
async fn memory_of_a_node_is_flat() {
    let world = World::new().await;
    let path = world.folder.path().join("node.toml");
    std::fs::write(&path, toml::to_string(&world.config(1, Roles::ALL)).unwrap()).unwrap();
    let node = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::node_process", "--ignored", "--nocapture"])
        .env("OPML_TEST_NODE_CONFIG", &path)
        .stdout(Stdio::null())
        .spawn();
    let node = Process(node.unwrap());
    let store = world.folder.path().join("node-1.redb");
    let mut sizes = Vec::new();
    for round in 0..ROUNDS {
        let ask = |number: u64| {
            let seed = round * REQUESTS + number;
            let mut bytes = request(&picture(u8::try_from(seed % 251).unwrap())).to_vec();
            bytes[8..16].copy_from_slice(&seed.to_le_bytes());
            world.ask(bytes.into())
        };
        let asked: Vec<_> = (0..REQUESTS).map(ask).collect();
        for request in &asked {
            world.claim(*request).await;
        }
        world.pass(WINDOW);
        for request in &asked {
            world.finality(*request).await;
        }
        let (memory, disk) = (memory(&node), std::fs::metadata(&store).unwrap().len());
        eprintln!("round {round}: {} KiB, database {} KiB", memory >> 10, disk >> 10);
        sizes.push((memory, disk));
    }
    assert_eq!(world.events::<IHub::Finalized>().len() as u64, ROUNDS * REQUESTS);
    let half = usize::try_from(WARM.midpoint(ROUNDS)).unwrap();
    let most = |sizes: &[(u64, u64)]| {
        let memory = sizes.iter().map(|size| size.0).max().unwrap();
        (memory, sizes.iter().map(|size| size.1).max().unwrap())
    };
    let (early, late) = (most(&sizes[usize::try_from(WARM).unwrap()..half]), most(&sizes[half..]));
    assert!(late.0 < early.0 + (4 << 20), "memory has grown from {} to {}", early.0, late.0);
    assert!(late.1 <= early.1, "the database has grown from {} to {}", early.1, late.1);
}
