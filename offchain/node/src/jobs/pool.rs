//! Threads that compute, and the provers that they share.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::{B256, Bytes};
use opml_client::game::{Mismatch, answer, first_move};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Answer, Prover, ProverError, Provers, Rank, Seat, Task, Work};
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
///
/// It has no queue: what waits is handed over again with each look at the chain, so that what nobody needs
/// any more is never begun, and the most urgent comes first.
pub struct Pool {
    provers: Arc<dyn Provers>,
    cache: Arc<Mutex<Cache>>,
    concurrent: usize,
    /// With the request that each is about.
    running: HashMap<Task, B256>,
    waiting: usize,
    results: mpsc::UnboundedSender<Finished>,
    cancel: CancellationToken,
}

impl Pool {
    /// At most `concurrent` results at a time and one more move, provers of `traces` requests kept.
    pub fn new(
        provers: Arc<dyn Provers>,
        limits: &crate::config::Jobs,
        results: mpsc::UnboundedSender<Finished>,
    ) -> Self {
        let cache = Cache { limit: limits.traces, provers: HashMap::new(), order: VecDeque::new() };
        Self {
            provers,
            cache: Arc::new(Mutex::new(cache)),
            concurrent: limits.concurrent.max(1),
            running: HashMap::new(),
            waiting: 0,
            results,
            cancel: CancellationToken::new(),
        }
    }

    /// Computations that wait or run.
    pub fn computing(&self) -> usize {
        self.running.len() + self.waiting
    }

    /// Begins what there is room for, the most urgent first, and forgets what has waited and is not among
    /// `wanted`. `job` may know nothing of a task: then it is left out. Results come by the channel.
    pub fn schedule(
        &mut self,
        wanted: impl IntoIterator<Item = (Rank, Task)>,
        mut job: impl FnMut(Task) -> Option<Job>,
    ) {
        let mut soonest = BTreeMap::new();
        for (rank, task) in wanted {
            let known = soonest.entry(task).or_insert(rank);
            *known = rank.min(*known);
        }
        soonest.retain(|task, _| !self.running.contains_key(task));
        let mut queue: Vec<_> = soonest.into_iter().map(|(task, rank)| (rank, task)).collect();
        queue.sort_unstable();
        self.waiting = 0;
        for (_, task) in queue {
            if !self.has_room(&task) {
                self.waiting += 1;
            } else if let Some(job) = job(task) {
                // Two of one request would wait for the same prover.
                if self.running.values().any(|request| *request == job.request) {
                    self.waiting += 1;
                } else {
                    self.start(job);
                }
            }
        }
    }

    /// Whether one more may run: results leave a place for moves.
    fn has_room(&self, task: &Task) -> bool {
        let is_result = |task: &&Task| matches!(task, Task::Answer { .. });
        let results = self.running.keys().filter(is_result).count();
        self.running.len() <= self.concurrent && (!is_result(&task) || results < self.concurrent)
    }

    fn start(&mut self, job: Job) {
        self.running.insert(job.task, job.request);
        let (provers, cache) = (Arc::clone(&self.provers), Arc::clone(&self.cache));
        let (results, cancel) = (self.results.clone(), self.cancel.clone());
        tokio::spawn(async move {
            let task = job.task;
            let started = Instant::now();
            let outcome = tokio::task::spawn_blocking(move || {
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
