//! Whether a bundle is a registered model, and its results can be proven.

use alloy_primitives::B256;
use opml_client::contracts::hub::IHub;
use opml_core::graph::handover::Program;
use opml_operator::{Control, Illegal, legal};
use opml_runtime::Bundle;
use opml_runtime::tile::KernelImage;
use opml_solver::machines::{ModelError, image_of};
use thiserror::Error;

/// Powers of two that a model may be registered with above its bundle's own steps.
const STEPS_MARGIN: u8 = 2;

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
    /// The trace is registered as much longer than it can be: its games would take more moves, for nothing.
    #[error(
        "the model is registered with 2^{registered} steps, the program takes 2^{needed}: no bond is put \
         behind its results"
    )]
    ManySteps {
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

pub(super) const fn program_of(record: &IHub::Model) -> Program {
    Program { program_root: record.programRoot, image_root: record.imageRoot }
}

/// Whether the bundle is the registered model, and its results can be proven.
pub(super) fn check(bundle: &Bundle, record: &IHub::Model) -> Result<KernelImage, Refusal> {
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

/// Whether bonds are put behind its results, too.
pub(super) const fn check_service(bundle: &Bundle, record: &IHub::Model) -> Result<(), Refusal> {
    let (registered, needed) = (record.stepsLog2, bundle.manifest().steps_log2);
    if registered > needed.saturating_add(STEPS_MARGIN) {
        return Err(Refusal::ManySteps { registered, needed });
    }
    Ok(())
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
