//! From the last state of a run to the next graph state.

use alloy_primitives::B256;
use opml_operator::Tile;

use super::witness::{HandoverError, Part, Subtree, Witness};
use super::{ProvenStep, proven_step};
use crate::graph::{GraphState, Spliced, advance, reads_first_word};
use crate::keccak::Keccak;
use crate::merkle::Region;
use crate::mips::{State, Status, Window};

/// The successor of `state` if its run ends in `last`, as a function of these two and the program
/// alone. Whether the run does end there is for the dispute to find out.
///
/// `witness` is the descriptor (512 bytes) with its path in the program and, if `last` has exited with
/// code 0: the output's root with its path in the machine's memory, the old output's root with its path
/// in the graph memory and, where control looks at it, the first leaf with its path below the new
/// output's root. Any other bytes are refused: no witness leads to another answer.
pub fn end<K: Keccak>(
    state: &GraphState,
    program_root: B256,
    last: &State,
    witness: &[u8],
) -> Result<GraphState, HandoverError> {
    let mut witness = Witness::new(witness);
    let ProvenStep::Run { tile, .. } = proven_step::<K>(state, program_root, &mut witness)? else {
        return Err(HandoverError::NoRun);
    };
    let successor = match last.cpu.status {
        Status::Exited(0) => {
            let spliced = splice::<K>(state, &tile, last.memory_root, &mut witness)?;
            advance(state, &tile, spliced)
        }
        Status::Running | Status::Exited(_) | Status::Trapped(_) => state.failed(),
    };
    witness.finish()?;
    Ok(successor)
}

/// The graph memory with the output region replaced by what the machine wrote at the base of its
/// output window. What else the machine wrote is of no account.
fn splice<K: Keccak>(
    state: &GraphState,
    tile: &Tile,
    machine_root: B256,
    witness: &mut Witness<'_>,
) -> Result<Spliced, HandoverError> {
    let output = Region::from(tile.output);
    let window = Window::Output.base_region(output.log2_size());
    let new = Subtree { part: Part::NewOutput, region: window, root: machine_root };
    let new = witness.node::<K>(new)?.node();
    // The old root is proven although it is replaced: it shows that the siblings are the agreed ones.
    let old = Subtree { part: Part::OldOutput, region: output, root: state.memory_root };
    let memory_root = witness.node::<K>(old)?.with_node(new).memory_root::<K>();
    let first_word = if reads_first_word(tile) {
        let leaf = output.first_leaf_within();
        let leaf = Subtree { part: Part::FirstLeaf, region: leaf, root: new };
        first_word(witness.node::<K>(leaf)?.node())
    } else {
        0
    };
    Ok(Spliced { memory_root, first_word })
}

/// The little-endian word that a leaf begins with.
fn first_word(leaf: B256) -> u32 {
    leaf.first_chunk().map_or(0, |word| u32::from_le_bytes(*word))
}
