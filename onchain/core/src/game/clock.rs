//! The chess clock: each side has a budget of seconds for all its moves, and only the clock of the side
//! on turn runs.

use thiserror::Error;

use super::{Cause, Side, Verdict};

/// Clocks of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clock {
    /// Seconds that the server had left when the turn began.
    pub server: u64,
    /// Seconds that the challenger had left when the turn began.
    pub challenger: u64,
    /// Second in which the turn began, as block timestamps count.
    pub started: u64,
}

/// A move came too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("second {now}: the last one to move in was the one before {deadline}")]
pub struct Late {
    /// First second in which no move counts.
    pub deadline: u64,
    /// Second of the move.
    pub now: u64,
}

/// A timeout was called too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("second {now}: the side on turn may still move before {deadline}")]
pub struct Early {
    /// First second in which no move counts.
    pub deadline: u64,
    /// Second of the call.
    pub now: u64,
}

impl Clock {
    /// Both sides with the same budget, in a turn that begins now.
    pub const fn start(budget: u64, now: u64) -> Self {
        Self { server: budget, challenger: budget, started: now }
    }

    /// Seconds that `side` had left when the turn began.
    pub const fn remaining(&self, side: Side) -> u64 {
        match side {
            Side::Server => self.server,
            Side::Challenger => self.challenger,
        }
    }

    /// First second in which `side`, on turn, can no longer move: in it the side has lost.
    pub const fn deadline(&self, side: Side) -> u64 {
        self.started.saturating_add(self.remaining(side))
    }

    /// The clock after a move of `side`, which is on turn; the opponent's turn begins.
    ///
    /// What is left is at least a second and never more than before.
    pub const fn moved(&self, side: Side, now: u64) -> Result<Self, Late> {
        let (deadline, now) = (self.deadline(side), self.at_or_behind_start(now));
        if now >= deadline {
            return Err(Late { deadline, now });
        }
        let left = deadline.saturating_sub(now);
        Ok(match side {
            Side::Server => Self { server: left, started: now, ..*self },
            Side::Challenger => Self { challenger: left, started: now, ..*self },
        })
    }

    /// The verdict once `side`, on turn, has let its time pass.
    pub const fn timeout(&self, side: Side, now: u64) -> Result<Verdict, Early> {
        let (deadline, now) = (self.deadline(side), self.at_or_behind_start(now));
        if now < deadline {
            return Err(Early { deadline, now });
        }
        Ok(Verdict { winner: side.other(), cause: Cause::Timeout })
    }

    /// Time does not run backwards: no second is before the turn's first.
    const fn at_or_behind_start(&self, now: u64) -> u64 {
        if now < self.started { self.started } else { now }
    }
}
