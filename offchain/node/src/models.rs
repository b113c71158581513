//! The bundles on this machine, and which registered models they are.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_client::contracts::hub::IHub;
use opml_core::graph::handover::Program;
use opml_operator::{Control, Illegal, legal};
use opml_runtime::tile::KernelImage;
use opml_runtime::{Bundle, BundleError};
use opml_solver::machines::{ModelError, image_of};
use opml_vm::memory::PAGE_BYTES;
use thiserror::Error;

use crate::config;
use crate::state;

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

/// Why no bond is put behind results of a model.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Another kernel image or another program.
    #[error(transparent)]
    Foreign(#[from] ModelError),
    /// The bundle has other weights.
    #[error("the model's weights are {registered}, the bundle's {actual}")]
    Weights {
        /// Root that the model is registered with.
        registered: B256,
        /// Root of the bundle.
        actual: B256,
    },
    /// The output is registered elsewhere than the program writes it.
    #[error(
        "the model's output is registered at {registered:#x} with 2^{registered_log2} bytes, the \
         program writes it at {actual:#x} with 2^{actual_log2}"
    )]
    Output {
        /// Base registered.
        registered: u64,
        /// Size registered.
        registered_log2: u8,
        /// Base of the bundle.
        actual: u64,
        /// Size of the bundle.
        actual_log2: u8,
    },
    /// The trace can be longer than registered: its claim could not be made.
    #[error(
        "the model is registered with 2^{registered} steps, the program takes up to 2^{needed}"
    )]
    Steps {
        /// Steps registered, as a power of two.
        registered: u8,
        /// Steps of the bundle.
        needed: u8,
    },
    /// A tile could take longer to prove than its operator allows, so every run of it fails.
    #[error("operator {pc} can take {cost} instructions a tile, more than half of its 2^{bound}")]
    OverCost {
        /// Number of the operator.
        pc: u32,
        /// Worst cost in instructions.
        cost: u64,
        /// Its bound, as a power of two.
        bound: u32,
    },
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

/// All bundles, and what was found of the registered models.
#[derive(Debug, Default)]
pub struct Library {
    bundles: Vec<(config::Model, Bundle)>,
    found: HashMap<B256, Option<Arc<Served>>>,
    refused: Vec<(B256, Refusal)>,
}

impl Library {
    /// Opens bundles and hashes all of their weights: with other weights than their roots say, no result
    /// could be defended. Takes as long as reading them.
    pub fn open(models: &[config::Model]) -> Result<Self, OpenError> {
        let mut bundles = Vec::new();
        for model in models {
            let fail = |error| OpenError { path: model.path.clone(), error };
            let bundle = Bundle::open(&model.path).map_err(fail)?;
            bundle.verify(|_| ()).map_err(fail)?;
            bundles.push((model.clone(), bundle));
        }
        Ok(Self { bundles, ..Self::default() })
    }

    /// Ids that bundles were configured for.
    pub fn named(&self) -> impl Iterator<Item = B256> {
        self.bundles.iter().filter_map(|(model, _)| model.id)
    }

    /// The model with this id, if there is a bundle of it that can be defended.
    pub fn model(&mut self, id: B256, registered: &state::Model) -> Option<Arc<Served>> {
        if let Some(found) = self.found.get(&id) {
            return found.clone();
        }
        let found = self.look(id, registered);
        self.found.insert(id, found.clone());
        found
    }

    /// Bundles whose files are no longer there as they were opened, or shorter: nothing of them can be proven
    /// to the end. Looks at names and sizes only.
    pub fn missing(&self) -> Vec<PathBuf> {
        let gone = |(model, bundle): &&(config::Model, Bundle)| {
            let stored: u64 = bundle.manifest().tensors.iter().map(|tensor| tensor.pages).sum();
            let weights = std::fs::metadata(model.path.join(opml_runtime::bundle::WEIGHTS));
            weights.map_or(true, |file| file.len() < stored.saturating_mul(PAGE_BYTES as u64))
        };
        self.bundles.iter().filter(gone).map(|(model, _)| model.path.clone()).collect()
    }

    /// Models that were refused since the last call.
    pub fn take_refused(&mut self) -> Vec<(B256, Refusal)> {
        std::mem::take(&mut self.refused)
    }

    fn look(&mut self, id: B256, registered: &state::Model) -> Option<Arc<Served>> {
        let record = &registered.record;
        let is_registered = |bundle: &Bundle| {
            let manifest = bundle.manifest();
            manifest.program_root == record.programRoot
                && manifest.weights_root == record.weightsRoot
        };
        let fits = |(model, bundle): &&(config::Model, Bundle)| {
            model.id.map_or_else(|| is_registered(bundle), |named| named == id)
        };
        let (_, bundle) = self.bundles.iter().find(fits)?;
        match check(bundle, record) {
            Ok(image) => Some(Arc::new(Served {
                id,
                record: record.clone(),
                bundle: bundle.clone(),
                program: program_of(record),
                image,
            })),
            Err(refusal) => {
                self.refused.push((id, refusal));
                None
            }
        }
    }
}

const fn program_of(record: &IHub::Model) -> Program {
    Program { program_root: record.programRoot, image_root: record.imageRoot }
}

/// Whether the bundle is the registered model, and its results can be proven.
fn check(bundle: &Bundle, record: &IHub::Model) -> Result<KernelImage, Refusal> {
    let manifest = bundle.manifest();
    let image = image_of(&program_of(record), manifest.program_root)?;
    if manifest.weights_root != record.weightsRoot {
        let (registered, actual) = (record.weightsRoot, manifest.weights_root);
        return Err(Refusal::Weights { registered, actual });
    }
    let output = manifest.output;
    if (output.base, output.log2_size) != (record.outputBase, record.outputLog2) {
        return Err(Refusal::Output {
            registered: record.outputBase,
            registered_log2: record.outputLog2,
            actual: output.base,
            actual_log2: output.log2_size,
        });
    }
    if record.stepsLog2 < manifest.steps_log2 {
        let (registered, needed) = (record.stepsLog2, manifest.steps_log2);
        return Err(Refusal::Steps { registered, needed });
    }
    check_costs(bundle)?;
    Ok(image)
}

fn check_costs(bundle: &Bundle) -> Result<(), Refusal> {
    let operators = || bundle.program().operators();
    let counts = operators().filter_map(|(_, operator)| match operator.control() {
        Ok(Control::Loop { count, .. }) => Some(count),
        _ => None,
    });
    let last = counts.max().unwrap_or(1).saturating_sub(1);
    for (pc, operator) in operators() {
        for iteration in [0, last] {
            if let Err(Illegal::Cost { cost, log2 }) = legal(&operator, iteration, 0) {
                return Err(Refusal::OverCost { pc, cost, bound: log2 });
            }
        }
    }
    Ok(())
}
