//! The bundles on this machine, and which registered models they are.

mod check;
mod files;
mod holdings;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_client::contracts::hub::IHub;
use opml_core::graph::handover::Program;
use opml_runtime::tile::KernelImage;
use opml_runtime::{Bundle, BundleError};
use thiserror::Error;

pub use check::Refusal;
pub use files::Condition;
pub use holdings::Holdings;

use crate::config;
use crate::state;
use check::{check, check_service, program_of};
use files::Files;
use holdings::Held;

/// A bundle cannot be used at all.
#[derive(Debug, Error)]
#[error("the bundle in {}", path.display())]
pub struct OpenError {
    /// Its folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub error: BundleError,
}

/// A registered model whose results this process can compute and defend.
#[derive(Debug)]
pub struct Served {
    /// Its id.
    pub id: B256,
    /// As registered.
    pub record: IHub::Model,
    /// The files.
    pub bundle: Bundle,
    /// What its games are about.
    pub program: Program,
    /// What runs its tiles.
    pub image: KernelImage,
}

/// A bundle of the configuration.
#[derive(Debug)]
struct Opened {
    model: config::Model,
    bundle: Bundle,
    files: Files,
}

/// A registered model of which there is a bundle.
#[derive(Clone, Debug)]
struct Found {
    served: Arc<Served>,
    /// Number of the bundle.
    bundle: usize,
    /// Whether bonds are put behind its results.
    worth_bonds: bool,
}

/// What may be done with a model now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its results can be computed.
    pub compute: bool,
    /// Bonds are put behind them.
    pub serve: bool,
}

/// All bundles, and what was found of the registered models.
#[derive(Debug, Default)]
pub struct Library {
    bundles: Vec<Opened>,
    found: HashMap<B256, Option<Found>>,
    refused: Vec<(B256, Refusal)>,
}

impl Library {
    /// Opens bundles and hashes all of their weights: with other weights than their roots say, no result
    /// could be defended. Takes as long as reading them.
    pub fn open(models: &[config::Model]) -> Result<Self, OpenError> {
        let mut bundles = Vec::new();
        for model in models {
            let fail = |error| OpenError { path: model.path.clone(), error };
            let files = Files::new(&model.path);
            let bundle = Bundle::open(&model.path).map_err(fail)?;
            bundle.verify(|_| ()).map_err(fail)?;
            bundles.push(Opened { model: model.clone(), bundle, files });
        }
        Ok(Self { bundles, ..Self::default() })
    }

    /// Ids that bundles were configured for.
    pub fn named(&self) -> impl Iterator<Item = B256> {
        self.bundles.iter().filter_map(|opened| opened.model.id)
    }

    /// Folders of bundles that were configured for no id: whoever registers a model with their roots, on
    /// whatever terms, has it served.
    pub fn unnamed(&self) -> impl Iterator<Item = &PathBuf> {
        self.bundles
            .iter()
            .filter(|opened| opened.model.id.is_none())
            .map(|opened| &opened.model.path)
    }

    /// Which models these bundles are.
    pub fn holdings(&self) -> Holdings {
        let held = self.bundles.iter().map(|Opened { model, bundle, .. }| {
            let manifest = bundle.manifest();
            let (program_root, weights_root) = (manifest.program_root, manifest.weights_root);
            Held { id: model.id, program_root, weights_root }
        });
        held.collect()
    }

    /// The model with this id, if there is a bundle of it that can be defended.
    pub fn model(&mut self, id: B256, registered: &state::Model) -> Option<Arc<Served>> {
        self.found(id, registered).map(|found| found.served)
    }

    /// What may be done with a model, as its files are now.
    pub fn usable(&mut self, id: B256, registered: &state::Model) -> Use {
        let Some(found) = self.found(id, registered) else {
            return Use { compute: false, serve: false };
        };
        let condition = self.bundles.get(found.bundle).map(|opened| opened.files.condition());
        let whole = condition == Some(Condition::Whole);
        let compute = whole || condition == Some(Condition::Missing);
        Use { compute, serve: whole && found.worth_bonds }
    }

    /// Looks at the files of all bundles. Those that were opened anew are used from now on.
    pub fn look(&mut self) {
        for (number, Opened { model, bundle, files }) in self.bundles.iter_mut().enumerate() {
            if let Some(reopened) = files.look(&model.path, bundle) {
                *bundle = reopened;
                self.found
                    .retain(|_, found| found.as_ref().is_none_or(|found| found.bundle != number));
            }
        }
    }

    /// Folders whose files are not as they were verified.
    pub fn unsound(&self) -> impl Iterator<Item = PathBuf> {
        let unsound =
            self.bundles.iter().filter(|opened| opened.files.condition() != Condition::Whole);
        unsound.map(|opened| opened.model.path.clone())
    }

    /// Models that were refused since the last call.
    pub fn take_refused(&mut self) -> Vec<(B256, Refusal)> {
        std::mem::take(&mut self.refused)
    }

    fn found(&mut self, id: B256, registered: &state::Model) -> Option<Found> {
        if let Some(found) = self.found.get(&id) {
            return found.clone();
        }
        let found = self.search(id, registered);
        self.found.insert(id, found.clone());
        found
    }

    fn search(&mut self, id: B256, registered: &state::Model) -> Option<Found> {
        let record = &registered.record;
        let is_registered = |bundle: &Bundle| {
            let manifest = bundle.manifest();
            manifest.program_root == record.programRoot
                && manifest.weights_root == record.weightsRoot
        };
        let fits = |opened: &Opened| {
            opened.model.id.map_or_else(|| is_registered(&opened.bundle), |named| named == id)
        };
        let number = self.bundles.iter().position(fits)?;
        let bundle = self.bundles.get(number)?.bundle.clone();
        let image = match check(&bundle, record) {
            Ok(image) => image,
            Err(refusal) => {
                self.refused.push((id, refusal));
                return None;
            }
        };
        let service = check_service(&bundle, record);
        let worth_bonds = service.is_ok();
        self.refused.extend(service.err().map(|refusal| (id, refusal)));
        let (record, program) = (record.clone(), program_of(record));
        let served = Arc::new(Served { id, record, bundle, program, image });
        Some(Found { served, bundle: number, worth_bonds })
    }
}
