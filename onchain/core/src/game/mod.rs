//! The dispute game: a claim about a computation is narrowed down to one step, and the step decides.
//!
//! A [`Position`] is the last dissection: a range of steps cut into at most [`K`] segments of equal
//! length, with a claimed state hash at every cut. The side on turn picks one [`Segment`] of it, agrees
//! with its start, disputes its end, and answers with a [`Move`]; [`play`] says what comes of it. The
//! chain keeps no more of a [`Game`] than the hash of its position, whose turn it is and the [`Clock`].
//!
//! Nothing here knows a chain: the time is an argument, and what a step of a machine leads to comes
//! from [`StepRules`], which the contract answers from proofs. Layouts and rules: `docs/spec.md`.

mod clock;
mod dissection;
mod illegal;
mod keep;
mod play;
mod position;
mod rules;
mod side;
mod step_rules;

pub use clock::{Clock, Early, Late};
pub use dissection::{DegreeError, Ends, SegmentIndex, Segments};
pub use illegal::Illegal;
pub use keep::{Answer, AnswerError, Game, Turn};
pub use play::{Move, Outcome, PlayError, play};
pub use position::{
    POSITION_HEADER_BYTES, Phase, Position, PositionError, Segment, WrongPosition, max_moves,
};
pub use side::{Cause, Side, Verdict};
pub use step_rules::{Begin, End, StepRules};

/// Segments of a dissection of a range that is long enough for it.
pub const K: usize = 1 << LOG2_K;

/// `K` as a power of two.
pub const LOG2_K: u8 = 5;

/// Longest range of steps of either machine, as a power of two.
pub const MAX_LOG2_LENGTH: u8 = 62;
