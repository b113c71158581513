//! Threads that compute, and the provers that they share.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::{B256, Bytes};
use opml_client::game::{Mismatch, answer, first_move};
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Answer, Prover, ProverError, Provers, Seat, Task, Work};
use crate::models::Served;

/// What came of a computation.
#[derive(Debug)]
pub struct Finished {
    /// Which one.
    pub task: Task,
    /// Its result.
    pub outcome: Result<Computed, JobError>,
    /// How long it took.
    pub took: Duration,
}

/// A result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Computed {
    /// Of a request.
    Answer(Box<Answer>),
    /// Calldata of a move; none if there is nothing to say in the position.
    Move(Option<Bytes>),
}

/// Why there is no result.
#[derive(Debug, Error)]
pub enum JobError {
    /// The machines have none.
    #[error(transparent)]
    Prover(#[from] ProverError),
    /// The prover shows something else than its move needs.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The computation has panicked; its thread is lost, nothing else.
    #[error("the computation broke down")]
    Panicked,
    /// It was called off.
    #[error("called off")]
    Cancelled,
}

/// A computation to do.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub task: Task,
    /// The request that it is about.
    pub request: B256,
    /// Header and input of the request.
    pub bytes: Bytes,
    /// The model asked.
    pub model: Arc<Served>,
    /// What to compute.
    pub work: Work,
}

type Shared = Arc<Mutex<Option<Box<dyn Prover>>>>;

/// Provers of the requests that were used last.
struct Cache {
    limit: usize,
    provers: HashMap<B256, Shared>,
    order: VecDeque<B256>,
}

impl Cache {
    /// The prover of a request, or an empty place for it.
    fn get(&mut self, request: B256) -> Shared {
        self.order.retain(|known| *known != request);
        self.order.push_back(request);
        while self.order.len() > self.limit.max(1) {
            if let Some(oldest) = self.order.pop_front() {
                self.provers.remove(&oldest);
            }
        }
        Arc::clone(self.provers.entry(request).or_default())
    }
}

/// Computes, a few at a time, off the threads that talk to the chain.
pub struct Pool {
    provers: Arc<dyn Provers>,
    cache: Arc<Mutex<Cache>>,
    permits: Arc<Semaphore>,
    running: HashSet<Task>,
    results: mpsc::UnboundedSender<Finished>,
    cancel: CancellationToken,
}

impl Pool {
    /// At most `concurrent` computations at a time, provers of `traces` requests kept.
    pub fn new(
        provers: Arc<dyn Provers>,
        limits: &crate::config::Jobs,
        results: mpsc::UnboundedSender<Finished>,
    ) -> Self {
        let cache = Cache { limit: limits.traces, provers: HashMap::new(), order: VecDeque::new() };
        Self {
            provers,
            cache: Arc::new(Mutex::new(cache)),
            permits: Arc::new(Semaphore::new(limits.concurrent.max(1))),
            running: HashSet::new(),
            results,
            cancel: CancellationToken::new(),
        }
    }

    /// Computations that wait or run.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Whether a computation is under way.
    pub fn has(&self, task: &Task) -> bool {
        self.running.contains(task)
    }

    /// Starts a computation, unless it is under way. Its result comes by the channel.
    pub fn start(&mut self, job: Job) {
        if !self.running.insert(job.task) {
            return;
        }
        let (provers, cache) = (Arc::clone(&self.provers), Arc::clone(&self.cache));
        let (permits, results) = (Arc::clone(&self.permits), self.results.clone());
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            let task = job.task;
            let permit = tokio::select! {
                permit = permits.acquire_owned() => permit,
                () = cancel.cancelled() => return,
            };
            let started = Instant::now();
            let outcome = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                if cancel.is_cancelled() {
                    return Err(JobError::Cancelled);
                }
                compute(provers.as_ref(), &cache, &job)
            });
            let outcome = outcome.await.unwrap_or(Err(JobError::Panicked));
            // The receiver is gone only when the node stops.
            let _ = results.send(Finished { task, outcome, took: started.elapsed() });
        });
    }

    /// To be called with every result that comes.
    pub fn done(&mut self, task: &Task) {
        self.running.remove(task);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// What a thread has left behind by a panic is thrown away, not trusted.
fn compute(provers: &dyn Provers, cache: &Mutex<Cache>, job: &Job) -> Result<Computed, JobError> {
    let place = cache.lock().unwrap_or_else(PoisonError::into_inner).get(job.request);
    let broken = place.is_poisoned();
    place.clear_poison();
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if broken {
        *place = None;
    }
    let prover = match &mut *place {
        Some(prover) => prover,
        empty => empty.insert(provers.prover(&job.model, &job.bytes)?),
    };
    match &job.work {
        Work::Answer => Ok(Computed::Answer(Box::new(prover.answer()?))),
        Work::Move(seat) => reply(prover.as_mut(), seat, &job.model).map(Computed::Move),
    }
}

fn reply(prover: &mut dyn Prover, seat: &Seat, model: &Served) -> Result<Option<Bytes>, JobError> {
    let Some(shown) = prover.reply(&seat.position, seat.side)? else { return Ok(None) };
    let data = match seat.game {
        Some(game) => answer(game, &seat.position, &model.program, &shown)?,
        None => first_move(&model.program, &shown)?,
    };
    Ok(Some(data))
}
