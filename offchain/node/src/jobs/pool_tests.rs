//! What is begun, and in which order.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::{B256, Bytes, U256};
use opml_client::contracts::hub::IHub;
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_runtime::Bundle;
use opml_runtime::tile::KernelImage;
use tokio::sync::mpsc;

use super::{Answer, Finished, Job, Pool, Prover, ProverError, Provers, Rank, Task, Work};
use crate::config;
use crate::models::{Library, Served};

/// Never ends before it is let go.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<()>>);

impl Provers for Gate {
    fn prover(&self, _: &Served, _: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        Ok(Box::new(self.clone()))
    }

    fn start(&self, _: &Served, _: &[u8]) -> Result<B256, ProverError> {
        Ok(B256::ZERO)
    }
}

impl Prover for Gate {
    fn answer(&mut self) -> Result<Answer, ProverError> {
        drop(self.0.lock());
        Err(ProverError::Cancelled)
    }

    fn reply(&mut self, _: &Position, _: Side) -> Result<Option<Shown>, ProverError> {
        drop(self.0.lock());
        Ok(None)
    }
}

pub(super) fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits")
}

pub(super) fn served() -> Arc<Served> {
    served_from(digits())
}

/// The digits, from a folder.
pub(super) fn served_from(path: PathBuf) -> Arc<Served> {
    let bundle = Bundle::open(&path).expect("the repository's model");
    let manifest = bundle.manifest();
    let record = IHub::Model {
        programRoot: manifest.program_root,
        weightsRoot: manifest.weights_root,
        imageRoot: KernelImage::released().expect("the image").root(),
        outputBase: manifest.output.base,
        outputLog2: manifest.output.log2_size,
        stepsLog2: manifest.steps_log2,
        maxInput: 784,
        fee: 0,
        iterationFee: 0,
        maxIterations: 1,
    };
    let model = crate::state::Model { record, uri: String::new(), retired: false };
    let mut library = Library::open(&[config::Model { path, id: None }]).expect("it opens");
    library.model(B256::ZERO, &model).expect("it fits")
}

fn id(number: u8) -> B256 {
    B256::with_last_byte(number)
}

fn result(number: u8) -> (Rank, Task) {
    (Rank::Serve(number.into()), Task::Answer { request: id(number) })
}

fn reply(number: u8) -> (Rank, Task) {
    let game = id(number);
    (Rank::Move(number.into()), Task::Reply { game, position: B256::ZERO })
}

/// A pool, and what it was asked the job of, in order.
struct Begun {
    pool: Pool,
    model: Arc<Served>,
    finished: mpsc::UnboundedReceiver<Finished>,
}

impl Begun {
    fn new(gate: &Gate, concurrent: usize) -> Self {
        let (results, finished) = mpsc::unbounded_channel();
        let limits = config::Jobs { concurrent, ..config::Jobs::default() };
        let pool = Pool::new(Arc::new(gate.clone()), &limits, results);
        Self { pool, model: served(), finished }
    }

    /// Hands tasks over; a reply is about the request with its game's number. Returns what was begun.
    fn schedule(&mut self, wanted: &[(Rank, Task)]) -> Vec<Task> {
        let mut begun = Vec::new();
        let model = &self.model;
        self.pool.schedule(wanted.iter().copied(), |task| {
            begun.push(task);
            let (request, work) = match task {
                Task::Answer { request } => (request, Work::Answer),
                Task::Open { claim: about } | Task::Reply { game: about, .. } => {
                    let position = Position::claim(4, B256::ZERO, B256::from(U256::from(1)));
                    let position = position.expect("a position");
                    let seat = super::Seat { position, side: Side::Server, game: None };
                    (about, Work::Move(Box::new(seat)))
                }
            };
            let (start, bytes, model) = (B256::ZERO, Bytes::new(), Arc::clone(model));
            Some(Job { task, request, start, bytes, model, work })
        });
        begun
    }
}

#[tokio::test]
async fn a_move_has_a_place_whatever_else_there_is() {
    let gate = Gate::default();
    let closed = gate.0.lock().expect("the gate");
    let mut begun = Begun::new(&gate, 2);
    let flood: Vec<_> = (1..=100).map(result).collect();
    assert_eq!(begun.schedule(&flood), [result(1).1, result(2).1]);
    assert_eq!(begun.pool.computing(), 100);
    let with_move: Vec<_> = flood.iter().copied().chain([reply(200)]).collect();
    assert_eq!(begun.schedule(&with_move), [reply(200).1]);
    // Requests that were cancelled are not handed over again: nothing of them is left.
    assert_eq!(begun.schedule(&[]), []);
    assert_eq!(begun.pool.computing(), 3);
    drop(closed);
    for _ in 0..3 {
        let next = tokio::time::timeout(Duration::from_mins(5), begun.finished.recv()).await;
        begun.pool.done(&next.expect("in time").expect("a result").task);
    }
    assert_eq!(begun.pool.computing(), 0);
}

#[tokio::test]
async fn the_soonest_deadline_is_first_and_one_request_takes_one_thread() {
    let gate = Gate::default();
    let closed = gate.0.lock().expect("the gate");
    let mut begun = Begun::new(&gate, 1);
    let check = (Rank::Check(9), Task::Answer { request: id(7) });
    assert_eq!(begun.schedule(&[result(3), result(7), check, result(2)]), [check.1]);
    // The same request: its prover is in use.
    begun.schedule(&[reply(7)]);
    assert_eq!(begun.pool.computing(), 2);
    drop(closed);
}
