//! Legality: what can be said of a move before a machine is asked. One rule each, all must hold.

use super::{Illegal, LOG2_K, Move, Phase, Position, Segment};

/// A rule, over a move and the segment that it picks.
type Rule = fn(&Position, &Segment, &Move) -> Result<(), Illegal>;

const RULES: [Rule; 5] =
    [dissections_need_length, steps_are_single, machines_match, degree_is_full, dissections_differ];

/// Whether `mv`, which picks `segment` of `position`, is legal as far as hashes show.
pub fn check(position: &Position, segment: &Segment, mv: &Move) -> Result<(), Illegal> {
    RULES.iter().try_for_each(|rule| rule(position, segment, mv))
}

/// A segment of one step is settled by that step.
fn dissections_need_length(_: &Position, segment: &Segment, mv: &Move) -> Result<(), Illegal> {
    match mv {
        Move::Dissect { .. } if segment.log2_length == 0 => Err(Illegal::OneStep),
        _ => Ok(()),
    }
}

/// A step decides only at length one.
fn steps_are_single(_: &Position, segment: &Segment, mv: &Move) -> Result<(), Illegal> {
    match mv {
        Move::Conclude { .. } | Move::Descend { .. } | Move::Prove { .. }
            if segment.log2_length != 0 =>
        {
            Err(Illegal::ManySteps { log2_length: segment.log2_length })
        }
        _ => Ok(()),
    }
}

/// Each machine has its own way to settle a step.
fn machines_match(position: &Position, _: &Segment, mv: &Move) -> Result<(), Illegal> {
    match (position.phase(), mv) {
        (Phase::Graph, Move::Prove { .. }) => Err(Illegal::InGraph),
        (Phase::Run { .. }, Move::Conclude { .. } | Move::Descend { .. }) => Err(Illegal::InRun),
        _ => Ok(()),
    }
}

/// Nobody may make a game longer by cutting into less.
fn degree_is_full(_: &Position, segment: &Segment, mv: &Move) -> Result<(), Illegal> {
    let Move::Dissect { ends, .. } = mv else { return Ok(()) };
    let log2_degree = segment.log2_length.min(LOG2_K);
    if ends.log2_degree() == log2_degree {
        return Ok(());
    }
    Err(Illegal::Degree { expected: 1 << log2_degree, actual: 1 << ends.log2_degree() })
}

/// Who agrees with the end has nothing to dispute.
fn dissections_differ(_: &Position, segment: &Segment, mv: &Move) -> Result<(), Illegal> {
    match mv {
        Move::Dissect { ends, .. } => segment.differs(ends.last()),
        _ => Ok(()),
    }
}

impl Segment {
    /// Whether `end` is another end than the disputed one.
    pub(super) fn differs(&self, end: alloy_primitives::B256) -> Result<(), Illegal> {
        if end == self.disputed { Err(Illegal::SameEnd { end }) } else { Ok(()) }
    }
}
