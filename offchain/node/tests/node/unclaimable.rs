//! A result that cannot be claimed: whoever claims another one is wrong all the same.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_node::Node;
use opml_node::config::{self, Config};
use opml_node::jobs::{Answer, Honest, Output, Prover, ProverError, Provers};
use opml_node::models::Served;
use opml_vm::keccak::FastKeccak;
use serde_json::{Value, json};

use crate::bundle_files::copy;
use crate::lies::{SERVER, VERIFIER};
use crate::setup::{CLOCK, record, register};
use crate::world::World;

/// First bytes behind the request's region: the picture as the program has taken it in, which is no output.
const OTHER_BASE: u64 = (1 << 39) + (1 << 28);
const OTHER_LOG2: u8 = 10;

/// Says of every request that its run has failed, and nothing more.
struct Failing;

struct Failed(Box<dyn Prover>);

impl Provers for Failing {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        let honest = Honest { vm_bytes: 64 << 20 }.prover(model, request)?;
        Ok(Box::new(Failed(honest)))
    }
}

impl Prover for Failed {
    fn answer(&mut self) -> Result<Answer, ProverError> {
        let state = self.0.answer()?.state.failed();
        let hash = state.hash::<FastKeccak>();
        Ok(Answer { state, hash, output: Some(Output::default()) })
    }

    fn reply(&mut self, _: &Position, _: Side) -> Result<Option<Shown>, ProverError> {
        Ok(None)
    }
}

/// The digits, whose output is said to be where the program keeps something else.
fn elsewhere(world: &World) -> (PathBuf, IHub::Model) {
    let folder = world.folder.path().join("elsewhere");
    copy(&folder);
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let model = IHub::Model { outputBase: OTHER_BASE, outputLog2: OTHER_LOG2, ..record() };
    manifest["output"] = json!({ "base": OTHER_BASE, "log2_size": OTHER_LOG2 });
    fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    (folder, model)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_failure_is_disputed_where_the_true_result_cannot_be_claimed() {
    let mut world = World::new().await;
    let (folder, model) = elsewhere(&world);
    let hub = world.deployment.hub.address;
    world.model = world.chain(|chain| register(chain, hub, model));
    let model = |config: Config| {
        let models = vec![config::Model { path: folder.clone(), id: Some(world.model) }];
        Config { models, ..config }
    };
    let lying = model(world.config(1, SERVER));
    let lying = Node::start_with(lying, Arc::new(Failing)).await.unwrap();
    let request = world.request(3);
    let wrong = world.claim(request).await;
    let honest = Node::start(model(world.config(2, VERIFIER))).await.unwrap();
    let server = Node::start(model(world.config(3, SERVER))).await.unwrap();
    world.until_is("a game", |world| !world.events::<IHub::Challenged>().is_empty()).await;
    assert_eq!(world.events::<IHub::Challenged>()[0].claimId, wrong);
    lying.stop().await.unwrap();
    world.idle(&honest).await;
    world.idle(&server).await;
    assert_eq!(world.request_of(request).attempts, 1, "there is nothing to claim");
    world.pass(CLOCK.into());
    world.until_is("the verdict", |world| !world.events::<IHub::Voided>().is_empty()).await;
    assert_eq!(world.events::<IGame::Over>()[0].winner, IGame::Side::Challenger);
    assert_eq!(world.request_of(request).head, B256::ZERO);
    honest.stop().await.unwrap();
    server.stop().await.unwrap();
}
