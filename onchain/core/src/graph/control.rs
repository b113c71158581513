//! What follows a tile.

use alloy_primitives::B256;
use opml_operator::{Control, Tile};

use super::{GraphState, GraphStatus};

/// The memory after a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spliced {
    /// Root of the memory with the tile's output in its place.
    pub memory_root: B256,
    /// First little-endian word of that output. Looked at only where [`reads_first_word`].
    pub first_word: u32,
}

/// Whether the state behind this tile depends on the first word of its output.
pub fn reads_first_word(tile: &Tile) -> bool {
    tile.last && matches!(tile.control, Control::ExitIf { .. })
}

/// The successor of `state`, whose step is `tile`, once the tile's output is in memory.
pub fn advance(state: &GraphState, tile: &Tile, spliced: Spliced) -> GraphState {
    let Spliced { memory_root, first_word } = spliced;
    let after = GraphState { memory_root, ..*state };
    if !tile.last {
        return GraphState { tile: state.tile.saturating_add(1), ..after };
    }
    let ended = GraphState { tile: 0, ..after };
    let following = GraphState { pc: state.pc.saturating_add(1), ..ended };
    match tile.control {
        Control::Loop { target, count } => {
            match state.iteration.checked_add(1).filter(|iteration| *iteration < count) {
                Some(iteration) => GraphState { pc: target, iteration, ..ended },
                None => GraphState { iteration: 0, ..following },
            }
        }
        Control::ExitIf { target } if first_word != 0 => {
            GraphState { pc: target, iteration: 0, ..ended }
        }
        Control::Next | Control::ExitIf { .. } => following,
        Control::Halt => GraphState { status: GraphStatus::Halted, ..ended },
    }
}
