//! What is being computed, and what of it is still wanted.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use alloy_primitives::B256;
use tokio_util::sync::CancellationToken;

use super::{Job, Steps, Task, Watch};

/// How far a computation is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Which one.
    pub task: Task,
    /// The request that it is about.
    pub request: B256,
    started: Instant,
    watch: Watch,
}

impl Progress {
    /// Steps, as they are when this is called.
    pub fn steps(&self) -> Steps {
        self.watch.steps()
    }

    /// How long it has run.
    pub fn took(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Computations that run.
#[derive(Debug, Default)]
pub struct Running {
    tasks: HashMap<Task, Progress>,
    /// Called off, and not at an end yet.
    called_off: HashSet<Task>,
}

impl Running {
    /// Begins one, which `parent` calls off with all others.
    pub(super) fn begin(&mut self, job: &Job, parent: &CancellationToken) -> Watch {
        let watch = Watch::new(parent.child_token());
        let (task, request, started) = (job.task, job.request, Instant::now());
        let progress = Progress { task, request, started, watch: watch.clone() };
        self.tasks.insert(task, progress);
        watch
    }

    /// One has come to its end.
    pub(super) fn end(&mut self, task: &Task) {
        self.tasks.remove(task);
        self.called_off.remove(task);
    }

    /// Calls off what is not among `wanted`.
    pub(super) fn keep_only<V>(&mut self, wanted: &std::collections::BTreeMap<Task, V>) {
        for (task, progress) in &self.tasks {
            if !wanted.contains_key(task) && self.called_off.insert(*task) {
                tracing::info!(?task, "called off: nobody needs it any more");
                progress.watch.cancel();
            }
        }
    }

    /// Whether one runs.
    pub fn contains(&self, task: &Task) -> bool {
        self.tasks.contains_key(task)
    }

    /// Whether one about this request runs.
    pub(super) fn is_about(&self, request: B256) -> bool {
        self.tasks.values().any(|running| running.request == request)
    }

    /// How many run, and how many of them compute results.
    pub(super) fn count(&self) -> (usize, usize) {
        let is_result = |task: &&Task| matches!(task, Task::Answer { .. });
        (self.tasks.len(), self.tasks.keys().filter(is_result).count())
    }

    /// All of them.
    pub fn progress(&self) -> Vec<Progress> {
        self.tasks.values().cloned().collect()
    }
}
