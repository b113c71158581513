//! Whether the files of a bundle are still as they were: nothing of weights that are lost can be proven, and
//! weights that have changed give wrong results.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use alloy_primitives::B256;
use opml_runtime::bundle::{MANIFEST, PROGRAM, TREE, WEIGHTS};
use opml_runtime::{Bundle, BundleError};
use thiserror::Error;

/// All weights are hashed again after so long.
const VERIFIED_FOR: Duration = Duration::from_hours(6);

/// What is known of a bundle's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// They are as they were verified.
    Whole,
    /// Some are gone. What is mapped can still be used, by this process only.
    Missing,
    /// They have changed since they were verified, and are opened and verified again.
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

/// The files as they were found again, their weights hashed; none while that goes on.
type Reopened = Arc<Mutex<Option<Result<Bundle, Unsound>>>>;

/// Why files that have changed cannot be used.
#[derive(Debug, Error)]
enum Unsound {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("they are another model's")]
    Other,
}

/// The files of one bundle.
#[derive(Debug)]
pub(super) struct Files {
    verified: Option<Stamp>,
    since: Instant,
    condition: Condition,
    running: Option<(Option<Stamp>, Reopened)>,
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

    /// Looks at names, lengths and times, and has the files opened anew and their weights hashed, on a thread of its
    /// own, where those have changed, where mapped pages were lost, or after a long time. The bundle to use
    /// from now on, where that has come to a good end.
    pub(super) fn look(&mut self, folder: &Path, bundle: &Bundle) -> Option<Bundle> {
        let reopened = self.finish(folder);
        let now = stamp(folder);
        if now.is_none() {
            if self.condition == Condition::Whole {
                self.condition = Condition::Missing;
            }
            return reopened;
        }
        // Of damaged files nothing better is known before they change.
        let lost = reopened.as_ref().unwrap_or(bundle).lost() > 0;
        let changed = now != self.verified || (lost && self.condition != Condition::Damaged);
        if changed {
            self.condition = Condition::Doubtful;
        }
        if self.running.is_none() && (changed || self.since.elapsed() >= VERIFIED_FOR) {
            self.begin(now, (folder, bundle));
        } else if !changed && self.condition == Condition::Missing {
            self.condition = Condition::Whole;
        }
        reopened
    }

    fn begin(&mut self, stamp: Option<Stamp>, (folder, bundle): (&Path, &Bundle)) {
        let reopened = Reopened::default();
        let place = Arc::clone(&reopened);
        let (folder, roots) = (folder.to_owned(), roots(bundle));
        let reopen = move || {
            let opened = reopen(&folder, roots);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        };
        match std::thread::Builder::new().name("verify".to_owned()).spawn(reopen) {
            Ok(_) => self.running = Some((stamp, reopened)),
            Err(error) => tracing::warn!(%error, "the weights cannot be verified now"),
        }
    }

    fn finish(&mut self, folder: &Path) -> Option<Bundle> {
        let (stamp, reopened) = self.running.as_ref()?;
        let outcome = reopened.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        self.verified = *stamp;
        self.since = Instant::now();
        self.running = None;
        match outcome {
            Ok(bundle) => {
                self.condition = Condition::Whole;
                Some(bundle)
            }
            Err(error) => {
                let bundle = folder.display();
                tracing::error!(%bundle, %error, "the files of this bundle cannot be used");
                self.condition = Condition::Damaged;
                None
            }
        }
    }
}

/// Roots of a bundle's program and of its weights.
fn roots(bundle: &Bundle) -> [B256; 2] {
    [bundle.manifest().program_root, bundle.manifest().weights_root]
}

fn reopen(folder: &Path, known: [B256; 2]) -> Result<Bundle, Unsound> {
    let bundle = Bundle::open(folder)?;
    bundle.verify(|_| ())?;
    if roots(&bundle) == known { Ok(bundle) } else { Err(Unsound::Other) }
}
