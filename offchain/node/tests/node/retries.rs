//! Computations that fail are tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use opml_node::jobs::{Honest, Prover, ProverError, Provers};
use opml_node::models::Served;
use opml_runtime::trace::TraceError;

use crate::lies::{SERVER, VERIFIER};
use crate::world::World;

/// Breaks down at first, has an error then, and computes rightly at last.
#[derive(Default)]
struct Shaky(AtomicUsize);

impl Provers for Shaky {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("a machine that breaks down"),
            1 => Err(TraceError::Step { step: 0, steps_log2: 0 }.into()),
            _ => Honest { vm_bytes: 64 << 20 }.prover(model, request),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computation_that_has_failed_is_tried_again() {
    let world = World::new().await;
    let server = world.start_with(1, SERVER, Arc::new(Shaky::default())).await;
    let request = world.request(3);
    let claim = world.claim(request).await;
    let shaky = Arc::new(Shaky::default());
    let verifier = world.start_with(2, VERIFIER, Arc::clone(&shaky) as Arc<dyn Provers>).await;
    world.until_is("the third try", |_| shaky.0.load(Ordering::SeqCst) == 3).await;
    world.pass(crate::setup::WINDOW);
    world.finality(request).await;
    assert_eq!(world.request_of(request).head, claim);
    server.stop().await.unwrap();
    verifier.stop().await.unwrap();
}
