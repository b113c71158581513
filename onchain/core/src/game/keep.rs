//! What the chain keeps of a game, and the order in which a move is checked.

use alloy_primitives::B256;
use thiserror::Error;

use super::{
    Clock, Early, Late, Move, Outcome, PlayError, Position, Side, StepRules, Verdict,
    WrongPosition, play,
};
use crate::keccak::Keccak;

/// A game that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Game {
    /// Hash of the position.
    pub position: B256,
    /// Who answers it.
    pub on_turn: Side,
    /// Clocks of both sides.
    pub clock: Clock,
}

/// A move as a transaction brings it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The game; hashed with every position, so that a move counts in one game only.
    pub game_id: &'a B256,
    /// The side that sends it.
    pub side: Side,
    /// Second in which it comes, the block's timestamp.
    pub now: u64,
    /// The position that it answers.
    pub position: &'a Position,
    /// The move.
    pub mv: &'a Move,
}

/// A game after a move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is no heap here")]
pub enum Turn {
    /// The opponent is on turn.
    Next {
        /// What to keep.
        game: Game,
        /// What to publish: nobody else has it.
        position: Position,
    },
    /// The mover has won.
    Over(Verdict),
}

/// Why an answer does not count; it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnswerError<E> {
    /// It answers another position.
    #[error(transparent)]
    Position(#[from] WrongPosition),
    /// The other side is on turn.
    #[error("it is the turn of the {on_turn:?}")]
    NotOnTurn {
        /// The side that is.
        on_turn: Side,
    },
    /// The side's time is over.
    #[error(transparent)]
    Late(#[from] Late),
    /// The move is not legal or not proven.
    #[error(transparent)]
    Play(#[from] PlayError<E>),
}

impl Game {
    /// A game about `claim` in which the challenger has not moved yet; both sides have `budget` seconds.
    ///
    /// The opening move follows in the same second: [`Self::answer`].
    pub fn open<H: Keccak>(game_id: &B256, claim: &Position, budget: u64, now: u64) -> Self {
        Self {
            position: claim.hash::<H>(game_id),
            on_turn: claim.on_turn(),
            clock: Clock::start(budget, now),
        }
    }

    /// What comes of an answer; `steps` is asked last.
    pub fn answer<H: Keccak, S: StepRules>(
        &self,
        answer: &Answer<'_>,
        steps: &mut S,
    ) -> Result<Turn, AnswerError<S::Error>> {
        answer.position.check::<H>(answer.game_id, self.position)?;
        if answer.side != self.on_turn {
            return Err(AnswerError::NotOnTurn { on_turn: self.on_turn });
        }
        let clock = self.clock.moved(self.on_turn, answer.now)?;
        Ok(match play(answer.position, answer.mv, steps)? {
            Outcome::Won(verdict) => Turn::Over(verdict),
            Outcome::Next(position) => {
                let hash = position.hash::<H>(answer.game_id);
                let game = Self { position: hash, on_turn: position.on_turn(), clock };
                Turn::Next { game, position }
            }
        })
    }

    /// The verdict once the side on turn has let its time pass; anyone may ask for it.
    pub const fn timeout(&self, now: u64) -> Result<Verdict, Early> {
        self.clock.timeout(self.on_turn, now)
    }
}
