//! Sides that let their time pass, and what the honest one does about it.

use opml_core::game::{Cause, Clock, Position, Side};
use opml_solver::{Decision, Seat, decide};

use crate::table::{BUDGET, Follower, Player, Reply, START, play_out};
use crate::toy::{Ending, Graph, Lie, Program, Story};

const PROGRAM: Program = Program { ending: Ending::Halts { at: 40 }, max_bound: 7 };

fn stories() -> (Story, Story) {
    let lie = Lie { graph_step: 9, tick: 3, traps: false };
    (Story::new(PROGRAM, 6, None), Story::new(PROGRAM, 6, Some(lie)))
}

/// Plays by its story and then falls silent.
struct Staller {
    follower: Follower,
    moves: usize,
}

impl Player for Staller {
    fn replies(&mut self, position: &Position) -> Vec<Reply> {
        let Some(left) = self.moves.checked_sub(1) else { return vec![] };
        self.moves = left;
        self.follower.replies(position)
    }

    /// As late as can be.
    fn seconds(&mut self, left: u64) -> u64 {
        left / 2
    }
}

#[test]
fn silence_loses_after_any_number_of_moves() {
    let (truth, lying) = stories();
    for honest_side in [Side::Server, Side::Challenger] {
        let end = if honest_side == Side::Server { truth.end() } else { lying.end() };
        let claim = Position::claim(6, Graph::START.hash(), end).unwrap();
        for moves in 0..4 {
            let mut honest = Follower { story: truth.clone(), side: honest_side };
            let follower = Follower { story: lying.clone(), side: honest_side.other() };
            let mut liar = Staller { follower, moves };
            let record = play_out(&claim, PROGRAM, (&mut honest, &mut liar));
            assert_eq!(record.verdict.winner, honest_side);
            if moves < 2 {
                assert_eq!(record.verdict.cause, Cause::Timeout);
            }
        }
    }
}

#[test]
fn a_player_moves_in_time_and_calls_time_at_the_boundary() {
    let (truth, lying) = stories();
    let claim = Position::claim(6, Graph::START.hash(), lying.end()).unwrap();
    let clock = Clock::start(BUDGET, START);
    let deadline = START + BUDGET;
    let decided = |side, now| {
        let seat = Seat { position: &claim, clock: &clock, side };
        decide(&seat, now, &mut truth.clone()).unwrap()
    };
    for now in [START, deadline - 1] {
        let played = decided(Side::Challenger, now);
        assert!(matches!(played, Decision::Play { deadline: by, .. } if by == deadline));
        assert_eq!(decided(Side::Server, now), Decision::Wait);
    }
    for now in [deadline, deadline + 1] {
        assert_eq!(decided(Side::Challenger, now), Decision::Wait);
        assert_eq!(decided(Side::Server, now), Decision::CallTime);
    }
}
