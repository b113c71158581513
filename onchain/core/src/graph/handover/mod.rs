//! The handover between the two machines: [`begin`] leads from a graph state to the run of its step,
//! [`end`] from the run's last state to the next graph state.
//!
//! Both are functions of committed data. A witness only shows that data, and a wrong one has no answer.

mod begin;
mod end;
mod memory;
mod witness;

use alloy_primitives::B256;
use opml_operator::Tile;

use super::{GraphState, GraphStatus, GraphStep, descriptor_region};
use crate::keccak::Keccak;

pub use begin::{Begun, Program, Run, begin};
pub use end::end;
pub use memory::{ARGUMENT_BYTES, Arguments, ENTRY, Mapped, run_memory_root, run_state};
pub use witness::{HandoverError, Part};

use witness::{Subtree, Witness};

/// A state's step, its descriptor proven.
#[allow(clippy::large_enum_variant, reason = "there is no heap here")]
enum ProvenStep {
    /// No run: this is the successor.
    Direct(GraphState),
    Run {
        tile: Tile,
        descriptor_root: B256,
    },
}

/// Reads the descriptor, where one is needed, off the front of the witness.
#[inline(never)]
fn proven_step<K: Keccak>(
    state: &GraphState,
    program_root: B256,
    witness: &mut Witness<'_>,
) -> Result<ProvenStep, HandoverError> {
    if state.status != GraphStatus::Running {
        return Ok(ProvenStep::Direct(*state));
    }
    let Some(region) = descriptor_region(state.pc) else {
        return Ok(ProvenStep::Direct(state.failed()));
    };
    let subtree = Subtree { part: Part::Descriptor, region, root: program_root };
    let (descriptor, descriptor_root) = witness.descriptor::<K>(subtree)?;
    Ok(match GraphStep::of(state, descriptor) {
        GraphStep::Stopped => ProvenStep::Direct(*state),
        GraphStep::Illegal(_) => ProvenStep::Direct(state.failed()),
        GraphStep::Tile(tile) => ProvenStep::Run { tile, descriptor_root },
    })
}
