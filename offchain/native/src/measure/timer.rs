//! Timing.

use std::time::{Duration, Instant};

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A look: noisy.
    Quick,
    /// Figures to report.
    Full,
}

/// Least time of a batch: long against the clock's steps, short against the scheduler's, so that on a
/// busy machine some batches run undisturbed.
const BATCH: Duration = Duration::from_micros(200);
/// Least number of batches.
const BATCHES: u32 = 5;

impl Effort {
    /// Time spent on one figure.
    const fn budget(self) -> Duration {
        match self {
            Self::Quick => Duration::from_millis(40),
            Self::Full => Duration::from_millis(600),
        }
    }

    /// Repeats `work` for a few times the budget of one figure.
    pub fn rounds(self, mut work: impl FnMut()) {
        let begin = Instant::now();
        for round in 0.. {
            if round >= BATCHES && begin.elapsed() > self.budget() * 5 {
                break;
            }
            work();
        }
    }

    /// Seconds of one call of `work`, which gets the number of the call, in the fastest batch.
    pub fn seconds(self, mut work: impl FnMut(usize)) -> f64 {
        let begin = Instant::now();
        let (mut fastest, mut call, mut batches) = (f64::INFINITY, 0, 0);
        while batches < BATCHES || begin.elapsed() < self.budget() {
            let (start, mut calls) = (Instant::now(), 0);
            while calls == 0 || start.elapsed() < BATCH {
                work(call);
                call += 1;
                calls += 1;
            }
            fastest = fastest.min(start.elapsed().as_secs_f64() / f64::from(calls));
            batches += 1;
        }
        fastest
    }
}
