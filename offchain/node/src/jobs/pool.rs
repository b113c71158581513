//! Threads that compute, and the provers that they share.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::{B256, Bytes};
use opml_client::Severity;
use opml_client::game::{Mismatch, answer, first_move};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Answer, Prover, ProverError, Provers, Rank, Running, Seat, Task, Watch, Work};
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
}

impl JobError {
    /// Whether it was only called off.
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Prover(ProverError::Cancelled))
    }

    /// Whether trying again may bring a result. Memory and files come back, and what has panicked once may
    /// have done so for want of them; what is about the bytes of the request stays as it is.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Panicked
            | Self::Prover(
                ProverError::Executor(_)
                | ProverError::Trace(_)
                | ProverError::Evidence(_)
                | ProverError::Lost { .. }
                | ProverError::Cancelled,
            ) => Severity::Retry,
            Self::Mismatch(_)
            | Self::Prover(
                ProverError::Request(_) | ProverError::Start { .. } | ProverError::Region(_),
            ) => Severity::Fatal,
        }
    }
}

/// A computation to do.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub task: Task,
    /// The request that it is about.
    pub request: B256,
    /// Hash of the first state of its trace, as the hub says.
    pub start: B256,
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
    running: Running,
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
            running: Running::default(),
            waiting: 0,
            results,
            cancel: CancellationToken::new(),
        }
    }

    /// Computations that wait or run.
    pub fn computing(&self) -> usize {
        self.running.count().0 + self.waiting
    }

    /// Computations that wait for room.
    pub const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Computations that run.
    pub const fn running(&self) -> &Running {
        &self.running
    }

    /// Begins what there is room for, the most urgent first, and forgets what has waited and is not among
    /// `wanted`; what runs and is not among them is called off. `job` may know nothing of a task: then it is left out. Results come by the channel.
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
        self.running.keep_only(&soonest);
        soonest.retain(|task, _| !self.running.contains(task));
        let mut queue: Vec<_> = soonest.into_iter().map(|(task, rank)| (rank, task)).collect();
        queue.sort_unstable();
        self.waiting = 0;
        for (_, task) in queue {
            if !self.has_room(&task) {
                self.waiting += 1;
            } else if let Some(job) = job(task) {
                // Two of one request would wait for the same prover.
                if self.running.is_about(job.request) {
                    self.waiting += 1;
                } else {
                    self.start(job);
                }
            }
        }
    }

    /// Whether one more may run: results leave a place for moves.
    fn has_room(&self, task: &Task) -> bool {
        let (running, results) = self.running.count();
        let is_result = matches!(task, Task::Answer { .. });
        running <= self.concurrent && (!is_result || results < self.concurrent)
    }

    fn start(&mut self, job: Job) {
        let watch = self.running.begin(&job, &self.cancel);
        let (provers, cache) = (Arc::clone(&self.provers), Arc::clone(&self.cache));
        let results = self.results.clone();
        tokio::spawn(async move {
            let task = job.task;
            let started = Instant::now();
            let outcome = tokio::task::spawn_blocking(move || {
                if watch.is_cancelled() {
                    return Err(ProverError::Cancelled.into());
                }
                compute(provers.as_ref(), &cache, &job, watch)
            });
            let outcome = outcome.await.unwrap_or(Err(JobError::Panicked));
            // The receiver is gone only when the node stops.
            let _ = results.send(Finished { task, outcome, took: started.elapsed() });
        });
    }

    /// To be called with every result that comes.
    pub fn done(&mut self, task: &Task) {
        self.running.end(task);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// What a thread has left behind by a panic is thrown away, not trusted.
fn compute(
    provers: &dyn Provers,
    cache: &Mutex<Cache>,
    job: &Job,
    watch: Watch,
) -> Result<Computed, JobError> {
    let place = cache.lock().unwrap_or_else(PoisonError::into_inner).get(job.request);
    let broken = place.is_poisoned();
    place.clear_poison();
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if broken {
        *place = None;
    }
    let prover = match &mut *place {
        Some(prover) => prover,
        empty => empty.insert(begin(provers, job)?),
    };
    prover.watch(watch);
    let outcome = match &job.work {
        Work::Answer => prover.answer().map(Box::new).map(Computed::Answer).map_err(JobError::from),
        Work::Move(seat) => reply(prover.as_mut(), seat, &job.model).map(Computed::Move),
    };
    if outcome.as_ref().is_err_and(|error| !error.is_cancelled()) {
        // The next try begins anew.
        *place = None;
    }
    outcome
}

/// A prover whose machine starts where the hub says: what it computes is about the request.
fn begin(provers: &dyn Provers, job: &Job) -> Result<Box<dyn Prover>, ProverError> {
    let (registered, actual) = (job.start, provers.start(&job.model, &job.bytes)?);
    if registered != actual {
        return Err(ProverError::Start { registered, actual });
    }
    provers.prover(&job.model, &job.bytes)
}

fn reply(prover: &mut dyn Prover, seat: &Seat, model: &Served) -> Result<Option<Bytes>, JobError> {
    let Some(shown) = prover.reply(&seat.position, seat.side)? else { return Ok(None) };
    let data = match seat.game {
        Some(game) => answer(game, &seat.position, &model.program, &shown)?,
        None => first_move(&model.program, &shown)?,
    };
    Ok(Some(data))
}
