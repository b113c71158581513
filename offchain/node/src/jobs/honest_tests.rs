//! Computing in slices, and with weights that get lost.

use std::fs;

use opml_core::graph::GraphStatus;
use tokio_util::sync::CancellationToken;

use super::pool_tests::{digits, served, served_from};
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

#[test]
fn weights_that_are_cut_short_while_they_are_mapped_give_no_result_and_kill_nobody() {
    opml_runtime::lost::survive();
    let folder = tempfile::tempdir().expect("a folder");
    for file in fs::read_dir(digits()).expect("the model").map(|file| file.expect("a file")) {
        if file.path().is_file() {
            fs::copy(file.path(), folder.path().join(file.file_name())).expect("copied");
        }
    }
    let weights = folder.path().join("weights.bin");
    let provers = Honest { vm_bytes: 1 << 24 };
    let cut = served_from(folder.path().to_owned());
    let mut prover = provers.prover(&cut, &request()).expect("a prover");
    let whole = fs::read(&weights).expect("read");
    let file = fs::OpenOptions::new().write(true).open(&weights).expect("opened");
    file.set_len(4096).expect("cut short");
    let computed = prover.answer();
    assert!(matches!(computed, Err(ProverError::Lost { .. })), "{computed:?}");
    // The same bytes are there again; what is mapped has lost them.
    fs::write(&weights, whole).expect("written");
    let computed = prover.answer();
    assert!(matches!(computed, Err(ProverError::Lost { .. })), "{computed:?}");
    let again = served_from(folder.path().to_owned());
    let answer = provers.prover(&again, &request()).expect("a prover").answer().expect("a result");
    let expected = provers.prover(&served(), &request()).expect("a prover").answer();
    assert_eq!(answer, expected.expect("a result"));
}
