//! Why a move is not legal.

use alloy_primitives::B256;
use thiserror::Error;

/// The rule that a move breaks. An illegal move changes nothing: its side is still on turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Illegal {
    /// The dissection has no such segment.
    #[error("segment {segment} of a dissection of {degree}")]
    NoSuchSegment {
        /// Number of the segment, from 0.
        segment: u8,
        /// Segments that there are.
        degree: u8,
    },
    /// A segment of one step cannot be dissected.
    #[error("a segment of one step cannot be dissected")]
    OneStep,
    /// A step decides only where the segment is one step.
    #[error("the segment is 2^{log2_length} steps, not one")]
    ManySteps {
        /// Length of the segment as a power of two.
        log2_length: u8,
    },
    /// Conclude and descend belong to the graph machine.
    #[error("the game is below a graph step already")]
    InRun,
    /// Prove belongs to the MIPS machine.
    #[error("the game is about graph steps: an instruction decides nothing")]
    InGraph,
    /// A dissection cuts its segment into as many as there can be.
    #[error("a dissection of this segment has {expected} segments, not {actual}")]
    Degree {
        /// Segments that it must have.
        expected: u8,
        /// Segments that it has.
        actual: u8,
    },
    /// The move leads to the end that it disputes: the opponent is right.
    #[error("the move ends in {end}, which it disputes")]
    SameEnd {
        /// Hash of that state.
        end: B256,
    },
    /// A run decides the step: descend.
    #[error("the step has a run")]
    HasRun,
    /// The step has no run to descend to: conclude.
    #[error("the step has no run")]
    HasNoRun,
    /// A run is longer than any range; no legal operator has such a bound.
    #[error("a run of 2^{bound} steps")]
    Bound {
        /// Length of the run as a power of two.
        bound: u8,
    },
    /// A position with so many moves before it; no game gets there.
    #[error("a game does not have so many moves")]
    Moves,
}
