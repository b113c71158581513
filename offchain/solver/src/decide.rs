//! The honest strategy, the same for both sides.

use alloy_primitives::B256;
use opml_core::game::{Clock, Ends, LOG2_K, Move, Phase, Position, Segment, SegmentIndex, Side};

use crate::{Computation, Trace};

/// A game as one of its sides sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seat<'a> {
    /// The position to answer.
    pub position: &'a Position,
    /// The game's clocks.
    pub clock: &'a Clock,
    /// Our side.
    pub side: Side,
}

/// What to do about a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Decision {
    /// Make this move, before the deadline.
    Play {
        /// The move.
        mv: Move,
        /// First second in which it no longer counts.
        deadline: u64,
    },
    /// The opponent's time is over: say so.
    CallTime,
    /// Nothing now.
    Wait,
}

/// What `seat` does in second `now`: it moves if it is on turn, in time and disputes
/// something; it calls time once the opponent's is over.
pub fn decide<C: Computation>(
    seat: &Seat<'_>,
    now: u64,
    computation: &mut C,
) -> Result<Decision, C::Error> {
    let on_turn = seat.position.on_turn();
    let deadline = seat.clock.deadline(on_turn);
    Ok(match (on_turn == seat.side, now < deadline) {
        (true, true) => match next_move(seat.position, seat.side, computation)? {
            Some(mv) => Decision::Play { mv, deadline },
            None => Decision::Wait,
        },
        (false, false) => Decision::CallTime,
        (true, false) | (false, true) => Decision::Wait,
    })
}

/// The move of `side`, which holds `computation`, in `position`; none if the other side is on turn, or
/// if the computation starts elsewhere or ends where the position says.
pub fn next_move<C: Computation>(
    position: &Position,
    side: Side,
    computation: &mut C,
) -> Result<Option<Move>, C::Error> {
    if position.on_turn() != side {
        return Ok(None);
    }
    if let Phase::Run { graph_step } = position.phase() {
        let Some(run) = computation.run(graph_step)? else { return Ok(None) };
        let Some((index, segment)) = disputed(position, run)? else { return Ok(None) };
        return Ok(match segment.log2_length {
            0 => Some(Move::Prove { segment: index }),
            _ => dissection(index, &segment, run)?,
        });
    }
    let Some((index, segment)) = disputed(position, computation)? else { return Ok(None) };
    if segment.log2_length != 0 {
        return dissection(index, &segment, computation);
    }
    Ok(Some(match computation.run(segment.first_step)? {
        Some(_) => Move::Descend { segment: index },
        None => Move::Conclude { segment: index },
    }))
}

/// A segment whose start is the trace's and whose end is not.
///
/// By bisection: the start of the position is the trace's, its end is not, so somewhere between there is
/// such a segment, and five states find one where a scan would need up to 32.
fn disputed<T: Trace>(
    position: &Position,
    trace: &mut T,
) -> Result<Option<(SegmentIndex, Segment)>, T::Error> {
    let mut is_true = |cut: usize| -> Result<bool, T::Error> {
        Ok(position.segments().cut(cut) == Some(trace.state_hash(position.step_at(cut))?))
    };
    let (mut agreed, mut disputed) = (0, position.segments().ends.degree());
    if !is_true(agreed)? || is_true(disputed)? {
        return Ok(None);
    }
    while disputed - agreed > 1 {
        let middle = agreed.midpoint(disputed);
        if is_true(middle)? {
            agreed = middle;
        } else {
            disputed = middle;
        }
    }
    let index = SegmentIndex::new(agreed);
    Ok(index.and_then(|index| Some((index, position.segment(index).ok()?))))
}

/// The trace's own dissection of a segment.
fn dissection<T: Trace>(
    index: SegmentIndex,
    segment: &Segment,
    trace: &mut T,
) -> Result<Option<Move>, T::Error> {
    let log2_degree = segment.log2_length.min(LOG2_K);
    let stride = 1_u64 << (segment.log2_length - log2_degree);
    let ends = (1..=1_u64 << log2_degree)
        .map(|end| trace.state_hash(segment.first_step + end * stride))
        .collect::<Result<Vec<B256>, _>>()?;
    Ok(Ends::new(&ends).ok().map(|ends| Move::Dissect { segment: index, ends }))
}
