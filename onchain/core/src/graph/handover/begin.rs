//! From an agreed graph state to its successor, or to the first state of the run that computes it.

use alloy_primitives::B256;

use super::memory::{Mapped, arguments_root, run_memory_root, run_state};
use super::witness::{HandoverError, Part, Subtree, Witness};
use super::{ProvenStep, proven_step};
use crate::graph::GraphState;
use crate::keccak::Keccak;
use crate::merkle::Region;
use crate::mips::State;

/// What a model's steps depend on besides the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Root of the program table.
    pub program_root: B256,
    /// Root of the kernel image's window, 2^28 bytes.
    pub image_root: B256,
}

/// The step of a graph state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// There is no run: this is the successor.
    Direct(GraphState),
    /// A run decides.
    Run(Run),
}

/// The MIPS run of one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its first state.
    pub initial: State,
    /// The trace has 2^bound steps; a state that has not exited with code 0 behind it has failed.
    pub bound: u8,
}

/// The step of `state` as a function of the state and `program` alone.
///
/// `witness` is empty where the state is stopped or its pc outside the table; else the descriptor (512
/// bytes) with its path in the program and, if the step is legal, for each input its root with its path
/// in the memory. Any other bytes are refused: no witness leads to another answer.
pub fn begin<K: Keccak>(
    state: &GraphState,
    program: &Program,
    witness: &[u8],
) -> Result<Begun, HandoverError> {
    let mut witness = Witness::new(witness);
    let (tile, descriptor) = match proven_step::<K>(state, program.program_root, &mut witness)? {
        ProvenStep::Direct(successor) => {
            witness.finish()?;
            return Ok(Begun::Direct(successor));
        }
        ProvenStep::Run { tile, descriptor_root } => (tile, descriptor_root),
    };
    let mut inputs = [None; 8];
    for ((number, area), mapped) in (0_u8..).zip(tile.inputs()).zip(&mut inputs) {
        let region = Region::from(area);
        let subtree = Subtree { part: Part::Input(number), region, root: state.memory_root };
        let root = witness.node::<K>(subtree)?.node();
        *mapped = Some(Mapped { root, log2_size: region.log2_size() });
    }
    witness.finish()?;
    let arguments = arguments_root::<K>(descriptor, state.iteration, state.tile);
    let inputs = inputs.into_iter().flatten();
    let root = run_memory_root::<K>(program.image_root, arguments, inputs);
    // A legal operator's inputs are at most eight and have the sizes of regions.
    let initial = run_state(root.unwrap_or_default());
    Ok(Begun::Run(Run { initial, bound: tile.bound }))
}
