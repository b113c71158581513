//! The two sides, and how a game ends.

/// A party of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Side {
    /// Made the claim.
    Server = 0,
    /// Disputes it; opening the game is its first move.
    Challenger = 1,
}

impl Side {
    /// The opponent.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Server => Self::Challenger,
            Self::Challenger => Self::Server,
        }
    }

    /// Who is on turn after `moves` moves: the challenger answers the claim, then they alternate.
    pub const fn on_turn_after(moves: u32) -> Self {
        if moves & 1 == 0 { Self::Challenger } else { Self::Server }
    }
}

/// The end of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// Who won.
    pub winner: Side,
    /// By what.
    pub cause: Cause,
}

/// What ended a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The loser's clock ran out.
    Timeout = 0,
    /// The loser claimed a wrong successor of a graph step that has no run.
    Concluded = 1,
    /// The loser claimed a wrong successor of an instruction.
    Proven = 2,
}
