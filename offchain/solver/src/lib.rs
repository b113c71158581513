//! Decisions of an honest player of the dispute game: which move answers a position, and when to call
//! time. No chain, no clock and no file: the position, the time and the traces are arguments.
//!
//! Why an honest player always has a move. It holds the true trace. *Every position that it has to
//! answer starts in a true state and ends in a false one:*
//!
//! * The first one does: an honest challenger opens only against a wrong claim, whose start is derived.
//! * In such a position some segment starts in a true state and ends in a false one. Of more than one
//!   step it is dissected by the trace. The opponent can only pick a segment of a true dissection, so it
//!   starts in a true state; it must change its end, which then is false.
//! * A graph step without a run is concluded, an instruction is proven: the true successor differs from
//!   the false end, so the move is legal and wins. The opponent can do neither to a true end.
//! * A graph step with a run is handed over with the run's true end. The opponent has to dissect that
//!   run, of true start, to another end. Or the opponent hands over: the end that it claims has to lead
//!   to another graph state than the true one, so it is another end than the true one.
//!
//! What the opponent says between start and end does not matter. So a player that is honest is never on
//! turn with nothing to say, and [`next_move`] returns none only for who is not.
#![forbid(unsafe_code)]

mod decide;
mod trace;

#[cfg(feature = "runtime")]
pub mod machines;

pub use decide::{Decision, Seat, decide, next_move};
pub use trace::{Computation, Trace};
