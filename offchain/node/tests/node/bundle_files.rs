//! Files of a bundle that are lost or damaged while bonds are in.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use opml_client::contracts::hub::IHub;
use opml_node::config::{self, Api, Config};
use opml_node::{Node, NodeHandle};

use crate::lies::{SERVER, VERIFIER};
use crate::setup::digits;
use crate::watched::get;
use crate::world::World;

/// The digits in a folder of their own.
pub fn copy(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for name in ["manifest.json", "program.bin", "weights.bin", "weights.tree"] {
        fs::copy(digits().join(name), folder.join(name)).unwrap();
    }
}

async fn alarms(node: &NodeHandle) -> String {
    let (_, figures) = get(node.api().unwrap(), "/metrics").await;
    let line = figures.lines().find(|line| line.starts_with("opml_alarms{kind=\"weights\"}"));
    line.unwrap().to_owned()
}

async fn until(node: &NodeHandle, count: u32) {
    let want = format!("opml_alarms{{kind=\"weights\"}} {count}");
    for _ in 0..30_000 {
        if alarms(node).await == want {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{} instead of {want}", alarms(node).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_damaged_weights_raise_an_alarm_and_no_bond_is_put_behind_them() {
    let world = World::new().await;
    let folder = world.folder.path().join("bundle");
    copy(&folder);
    let weights = folder.join("weights.bin");
    let api = Some(Api { listen: "127.0.0.1:0".parse().unwrap() });
    let models = vec![config::Model { path: folder.clone(), id: None }];
    let server = Config { api, models: models.clone(), ..world.config(1, SERVER) };
    let server = Node::start(server).await.unwrap();
    let verifier = Config { models, ..world.config(2, VERIFIER) };
    let verifier = Node::start(verifier).await.unwrap();
    let request = world.request(3);
    world.claim(request).await;
    until(&server, 0).await;

    // In the middle of the window the file is gone, and comes back.
    let kept = world.folder.path().join("kept");
    fs::rename(&weights, &kept).unwrap();
    until(&server, 1).await;
    let (_, status) = get(server.api().unwrap(), "/v1/status").await;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["alarms"][0]["kind"], "weights");
    world.request(4);
    world.idle(&server).await;
    assert_eq!(world.events::<IHub::Claimed>().len(), 1);
    fs::rename(&kept, &weights).unwrap();
    until(&server, 0).await;
    world.until_is("a claim", |world| world.events::<IHub::Claimed>().len() == 2).await;

    // A byte of it is another.
    let mut file = fs::OpenOptions::new().write(true).open(&weights).unwrap();
    file.seek(SeekFrom::Start(100)).unwrap();
    file.write_all(&[fs::read(&weights).unwrap()[100] ^ 1]).unwrap();
    drop(file);
    until(&server, 1).await;
    world.request(5);
    for node in [&server, &verifier] {
        world.idle(node).await;
    }
    assert_eq!(world.events::<IHub::Claimed>().len(), 2);
    assert!(world.events::<IHub::Challenged>().is_empty(), "nobody disputes what is right");
    server.stop().await.unwrap();
    verifier.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_that_are_cut_short_and_written_again_are_used_again() {
    let world = World::new().await;
    let folder = world.folder.path().join("bundle");
    copy(&folder);
    let weights = folder.join("weights.bin");
    let api = Some(Api { listen: "127.0.0.1:0".parse().unwrap() });
    let models = vec![config::Model { path: folder, id: None }];
    let server = Config { api, models, ..world.config(1, SERVER) };
    let server = Node::start(server).await.unwrap();
    world.claim(world.request(3)).await;
    let whole = fs::read(&weights).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&weights).unwrap();
    file.set_len(8192).unwrap();
    // Asked before the node has looked: what it computes then must not come to anything.
    let request = world.request(4);
    until(&server, 1).await;
    world.idle(&server).await;
    assert_eq!(world.events::<IHub::Claimed>().len(), 1);
    fs::write(&weights, whole).unwrap();
    until(&server, 0).await;
    world.claim(request).await;
    server.stop().await.unwrap();
}
