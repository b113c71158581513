//! Computing in slices.

use opml_core::graph::GraphStatus;
use tokio_util::sync::CancellationToken;

use super::pool_tests::served;
use super::{Honest, ProverError, Provers, Steps, Watch};

fn request() -> Vec<u8> {
    let mut request = vec![0; 128 + 784];
    request[..4].copy_from_slice(&784_u32.to_le_bytes());
    request
}

#[test]
fn a_computation_that_is_called_off_stops_and_goes_on_when_it_is_wanted_again() {
    let model = served();
    let mut prover = Honest { vm_bytes: 1 << 24 }.prover(&model, &request()).expect("a prover");
    let cancel = CancellationToken::new();
    let watch = Watch::new(cancel.clone());
    cancel.cancel();
    prover.watch(watch.clone());
    let stopped = prover.answer();
    assert!(matches!(stopped, Err(ProverError::Cancelled)), "{stopped:?}");
    let total = 1 << model.record.stepsLog2;
    assert_eq!(watch.steps(), Steps { done: 0, total });
    let watch = Watch::default();
    prover.watch(watch.clone());
    let answer = prover.answer().expect("a result");
    assert_eq!(answer.state.status, GraphStatus::Halted);
    let Steps { done, total: all } = watch.steps();
    assert!(done > 0 && done <= all && all == total, "{done} of {all}");
}
