//! What goes between a running computation and who waits for it: how far it is, and whether it is still
//! wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

/// Steps of a computation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Behind it.
    pub done: u64,
    /// At most in all: a trace may end before.
    pub total: u64,
}

/// Shared by a computation and who looks at it.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    cancel: CancellationToken,
    steps: Arc<(AtomicU64, AtomicU64)>,
}

impl Watch {
    /// Of a computation that `cancel` calls off.
    pub fn new(cancel: CancellationToken) -> Self {
        Self { cancel, steps: Arc::default() }
    }

    /// Nobody wants its result any more.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether nobody wants its result any more.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Says how far it is.
    pub fn tell(&self, steps: Steps) {
        self.steps.0.store(steps.done, Ordering::Relaxed);
        self.steps.1.store(steps.total, Ordering::Relaxed);
    }

    /// How far it is.
    pub fn steps(&self) -> Steps {
        let (done, total) = &*self.steps;
        Steps { done: done.load(Ordering::Relaxed), total: total.load(Ordering::Relaxed) }
    }
}
