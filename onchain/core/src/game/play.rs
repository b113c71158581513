//! Moves and what comes of them.

use thiserror::Error;

use super::{
    Begin, Cause, Ends, Illegal, Position, Segment, SegmentIndex, StepRules, Verdict, rules,
};

/// A move of the side on turn. It agrees with the start of a segment of the opponent's dissection and
/// disputes its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is no heap here")]
pub enum Move {
    /// Cuts the segment anew, from the same start to another end.
    Dissect {
        /// The segment.
        segment: SegmentIndex,
        /// The states at the ends of the new segments: 32 of them, or as many as there are steps.
        ends: Ends,
    },
    /// Shows the successor of a graph step without a run, and wins.
    Conclude {
        /// The segment, one graph step.
        segment: SegmentIndex,
    },
    /// Claims the end of a graph step's run, which leads to another graph state than the disputed one.
    Descend {
        /// The segment, one graph step.
        segment: SegmentIndex,
    },
    /// Shows the successor of an instruction, and wins.
    Prove {
        /// The segment, one instruction.
        segment: SegmentIndex,
    },
}

impl Move {
    /// The segment that the move picks.
    pub const fn segment(&self) -> SegmentIndex {
        match self {
            Self::Dissect { segment, .. }
            | Self::Conclude { segment }
            | Self::Descend { segment }
            | Self::Prove { segment } => *segment,
        }
    }
}

/// What a legal move leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is no heap here")]
pub enum Outcome {
    /// The opponent answers this position.
    Next(Position),
    /// The game is over.
    Won(Verdict),
}

/// Why a move does not count. The side is still on turn, its clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PlayError<E> {
    /// The move breaks a rule.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// What the move shows of a machine is wrong.
    #[error("the step is not proven: {0}")]
    Proof(E),
}

/// The outcome of `mv` by the side on turn in `position`.
///
/// A function of the position and the move alone: `steps` only shows what the machines do from the
/// agreed states, and is asked only where the move is legal so far.
pub fn play<S: StepRules>(
    position: &Position,
    mv: &Move,
    steps: &mut S,
) -> Result<Outcome, PlayError<S::Error>> {
    let segment = position.segment(mv.segment())?;
    rules::check(position, &segment, mv)?;
    match mv {
        Move::Dissect { ends, .. } => {
            Ok(Outcome::Next(position.dissected(&segment, ends.clone())?))
        }
        Move::Conclude { .. } => conclude(position, &segment, steps),
        Move::Descend { .. } => descend(position, &segment, steps),
        Move::Prove { .. } => {
            let successor = steps.step(segment.agreed).map_err(PlayError::Proof)?;
            segment.differs(successor)?;
            Ok(won(position, Cause::Proven))
        }
    }
}

fn conclude<S: StepRules>(
    position: &Position,
    segment: &Segment,
    steps: &mut S,
) -> Result<Outcome, PlayError<S::Error>> {
    match steps.begin(segment.agreed).map_err(PlayError::Proof)? {
        Begin::Run { .. } => Err(Illegal::HasRun.into()),
        Begin::Direct { successor } => {
            segment.differs(successor)?;
            Ok(won(position, Cause::Concluded))
        }
    }
}

fn descend<S: StepRules>(
    position: &Position,
    segment: &Segment,
    steps: &mut S,
) -> Result<Outcome, PlayError<S::Error>> {
    let begin = steps.begin(segment.agreed).map_err(PlayError::Proof)?;
    let Begin::Run { initial, bound } = begin else { return Err(Illegal::HasNoRun.into()) };
    let end = steps.end(segment.agreed).map_err(PlayError::Proof)?;
    // Without this an honest server would be drained by a true run: it could not dispute its end.
    segment.differs(end.successor)?;
    Ok(Outcome::Next(position.descended(segment, bound, [initial, end.last])?))
}

const fn won(position: &Position, cause: Cause) -> Outcome {
    Outcome::Won(Verdict { winner: position.on_turn(), cause })
}
