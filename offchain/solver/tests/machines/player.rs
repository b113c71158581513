//! Players, and the judgement of what they do.

use opml_core::game::{Move, Outcome, PlayError, Position, Side, Verdict, play};
use opml_core::graph::handover::Program;
use opml_core::mips::State;
use opml_solver::machines::{Evidence, Judge, JudgeError, Machines};
use opml_solver::next_move;

/// A side with its moves and what they show.
pub trait Player {
    /// The move in a position; none if it has nothing to say.
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)>;
}

impl Player for Machines {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let mv = next_move(position, side, self).unwrap()?;
        let evidence = self.evidence(position, &mv).unwrap();
        Some((mv, evidence))
    }
}

/// A game that is over.
pub struct Played {
    /// None: the side on turn has no legal move and loses by the clock.
    pub verdict: Option<Verdict>,
    pub on_turn: Side,
    pub moves: Vec<(Side, Move)>,
    /// The state from which the last instruction was proven.
    pub proven: Option<State>,
    /// Why the last move was refused.
    pub refused: Option<PlayError<JudgeError>>,
}

/// Plays a claim, server against challenger, until a verdict or a move that is none.
pub fn play_out(
    claim: Position,
    program: Program,
    (server, challenger): (&mut dyn Player, &mut dyn Player),
) -> Played {
    let mut position = claim;
    let mut moves = Vec::new();
    loop {
        let on_turn = position.on_turn();
        let reply = match on_turn {
            Side::Server => server.reply(&position, on_turn),
            Side::Challenger => challenger.reply(&position, on_turn),
        };
        let mut played = Played { verdict: None, on_turn, moves, proven: None, refused: None };
        let Some((mv, evidence)) = reply else { return played };
        let mut judge = Judge { program, evidence: &evidence };
        match play(&position, &mv, &mut judge) {
            Err(refused) => {
                played.refused = Some(refused);
                return played;
            }
            Ok(Outcome::Won(verdict)) => {
                played.verdict = Some(verdict);
                played.moves.push((on_turn, mv));
                if let Evidence::Prove { state, .. } = evidence {
                    played.proven = Some(state);
                }
                return played;
            }
            Ok(Outcome::Next(next)) => {
                position = next;
                moves = played.moves;
                moves.push((on_turn, mv));
            }
        }
    }
}
