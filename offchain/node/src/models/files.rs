//! Whether the files of a bundle are still as they were: nothing of weights that are lost can be proven, and
//! weights that have changed give wrong results.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use opml_runtime::Bundle;
use opml_runtime::bundle::{MANIFEST, PROGRAM, TREE, WEIGHTS};

/// All weights are hashed again after so long.
const VERIFIED_FOR: Duration = Duration::from_hours(6);

/// What is known of a bundle's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// They are as they were verified.
    Whole,
    /// Some are gone or shorter. What is mapped can still be used, by this process only.
    Missing,
    /// They have changed since they were verified, and are verified again.
    Doubtful,
    /// They are not what their roots say.
    Damaged,
}

/// Length and time of change of each file.
type Stamp = [(u64, SystemTime); 4];

/// None if a file cannot be looked at.
fn stamp(folder: &Path) -> Option<Stamp> {
    let look = |name: &str| {
        let file = std::fs::metadata(folder.join(name)).ok()?;
        Some((file.len(), file.modified().ok()?))
    };
    Some([look(MANIFEST)?, look(PROGRAM)?, look(TREE)?, look(WEIGHTS)?])
}

/// What came of hashing all weights; none while that goes on.
type Verified = Arc<Mutex<Option<bool>>>;

/// The files of one bundle.
#[derive(Debug)]
pub(super) struct Files {
    verified: Option<Stamp>,
    since: Instant,
    condition: Condition,
    running: Option<(Option<Stamp>, Verified)>,
}

impl Files {
    /// Of a bundle that was verified just now.
    pub(super) fn new(folder: &Path) -> Self {
        let (verified, since) = (stamp(folder), Instant::now());
        Self { verified, since, condition: Condition::Whole, running: None }
    }

    pub(super) const fn condition(&self) -> Condition {
        self.condition
    }

    /// Looks at names, lengths and times, and has the weights hashed on a thread of its own where those have
    /// changed, or after a long time.
    pub(super) fn look(&mut self, folder: &Path, bundle: &Bundle) {
        self.finish();
        let now = stamp(folder);
        let shorter = |now: &Stamp| {
            self.verified
                .is_some_and(|before| now.iter().zip(before).any(|(now, old)| now.0 < old.0))
        };
        if now.as_ref().is_none_or(shorter) {
            // Memory behind the end of a file must not be read.
            if self.condition != Condition::Damaged {
                self.condition = Condition::Missing;
            }
            return;
        }
        let changed = now != self.verified;
        if changed {
            self.condition = Condition::Doubtful;
        }
        if self.running.is_none() && (changed || self.since.elapsed() >= VERIFIED_FOR) {
            self.begin(now, bundle.clone());
        } else if !changed && self.condition == Condition::Missing {
            self.condition = Condition::Whole;
        }
    }

    fn begin(&mut self, stamp: Option<Stamp>, bundle: Bundle) {
        let verified = Verified::default();
        let place = Arc::clone(&verified);
        let verify = move || {
            let whole = bundle.verify(|_| ()).is_ok();
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(whole);
        };
        match std::thread::Builder::new().name("verify".to_owned()).spawn(verify) {
            Ok(_) => self.running = Some((stamp, verified)),
            Err(error) => tracing::warn!(%error, "the weights cannot be verified now"),
        }
    }

    fn finish(&mut self) {
        let Some((stamp, verified)) = &self.running else { return };
        let Some(whole) = *verified.lock().unwrap_or_else(PoisonError::into_inner) else { return };
        self.verified = *stamp;
        self.since = Instant::now();
        self.condition = if whole { Condition::Whole } else { Condition::Damaged };
        self.running = None;
    }
}
