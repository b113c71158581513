//! Computations that nobody needs any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy_sol_types::SolCall;
use opml_client::contracts::hub::IHub;
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_node::Node;
use opml_node::config::{Api, Config};
use opml_node::jobs::{Answer, Prover, ProverError, Provers, Steps, Watch};
use opml_node::models::Served;

use crate::lies::SERVER;
use crate::setup::{call, send};
use crate::watched::get;
use crate::world::{REQUESTER, World};

/// Computes until it is called off.
#[derive(Clone, Default)]
struct Endless {
    watch: Watch,
    stopped: Arc<AtomicBool>,
}

impl Provers for Endless {
    fn prover(&self, _: &Served, _: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        Ok(Box::new(self.clone()))
    }
}

impl Prover for Endless {
    fn watch(&mut self, watch: Watch) {
        self.watch = watch;
    }

    fn answer(&mut self) -> Result<Answer, ProverError> {
        let mut done = 0;
        while !self.watch.is_cancelled() {
            done += 1;
            self.watch.tell(Steps { done, total: 1 << 40 });
            std::thread::sleep(Duration::from_millis(1));
        }
        self.stopped.store(true, Ordering::SeqCst);
        Err(ProverError::Cancelled)
    }

    fn reply(&mut self, _: &Position, _: Side) -> Result<Option<Shown>, ProverError> {
        Ok(None)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computation_for_a_request_that_was_taken_back_stops() {
    let world = World::new().await;
    let endless = Endless::default();
    let stopped = Arc::clone(&endless.stopped);
    let api = Some(Api { listen: "127.0.0.1:0".parse().unwrap() });
    let config = Config { api, ..world.config(1, SERVER) };
    let node = Node::start_with(config, Arc::new(endless)).await.unwrap();
    let request = world.request(3);
    world.until_is("a computation", |_| node.status().borrow().computing == 1).await;
    let status = || async {
        let (_, status) = get(node.api().unwrap(), "/v1/status").await;
        serde_json::from_str::<serde_json::Value>(&status).unwrap()
    };
    let steps = |status: &serde_json::Value| status["jobs"][0]["steps_done"].as_u64().unwrap();
    let mut first = status().await;
    // Before its first step it has nothing to tell.
    while first["jobs"][0]["steps_total"] == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        first = status().await;
    }
    assert_eq!(first["jobs"][0]["request"], request.to_string());
    assert_eq!(first["jobs"][0]["steps_total"], 1_u64 << 40);
    let before = steps(&first);
    while steps(&status().await) == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!stopped.load(Ordering::SeqCst), "it is needed");
    let hub = world.deployment.hub.address;
    let cancel = IHub::cancelCall { requestId: request }.abi_encode();
    world.chain(|chain| send(chain, call(REQUESTER, hub, 0, cancel)));
    world.until_is("its end", |_| stopped.load(Ordering::SeqCst)).await;
    world.idle(&node).await;
    assert_eq!(status().await["jobs"].as_array().unwrap().len(), 0);
    node.stop().await.unwrap();
}
