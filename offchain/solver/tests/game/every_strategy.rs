//! Small games played out against every strategy there is: at each turn of the dishonest side every
//! segment, every pattern of true and false states at the cuts, every kind of end of a run, and silence.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{
    Ends, Illegal, LOG2_K, Move, Outcome, Phase, PlayError, Position, Segment, SegmentIndex, Side,
    max_moves, play,
};
use opml_solver::{Trace as _, next_move};

use crate::strategies::ends_of_run;
use crate::table::{Follower, Judge, Reply, Shown};
use crate::toy::{Ending, Graph, Program, Story};

/// An honest side and everything that can be done against it.
struct Tree {
    honest: Follower,
    program: Program,
    most_moves: u32,
    won_by_step: u64,
    won_by_timeout: u64,
}

impl Tree {
    /// Every continuation of `position` is won by the honest side.
    fn explore(&mut self, position: &Position) {
        assert!(position.moves() <= self.most_moves);
        if position.on_turn() == self.honest.side {
            self.answer(position);
            return;
        }
        // Silence, or nothing legal to say, loses by the clock: the honest side is not on turn.
        self.won_by_timeout += 1;
        let degree = position.segments().ends.degree();
        for index in (0..degree).map(|number| SegmentIndex::new(number).unwrap()) {
            let segment = position.segment(index).unwrap();
            for reply in self.attempts(position, index, &segment) {
                match self.judged(position, &reply) {
                    Ok(Outcome::Next(next)) => self.explore(&next),
                    Ok(Outcome::Won(verdict)) => panic!("{verdict:?} by {reply:?}"),
                    Err(PlayError::Illegal(_)) => {}
                    Err(PlayError::Proof(_)) => assert_ne!(
                        segment.agreed,
                        self.told(position, segment.first_step),
                        "a true state could not be shown",
                    ),
                }
            }
        }
    }

    fn answer(&mut self, position: &Position) {
        let side = self.honest.side;
        let mv = next_move(position, side, &mut self.honest.story).unwrap();
        let Some(mv) = mv else { panic!("the honest side is stuck in {position:?}") };
        let reply = Reply { shown: self.honest.shown(position, &mv), mv };
        match self.judged(position, &reply).unwrap() {
            Outcome::Next(next) => self.explore(&next),
            Outcome::Won(verdict) => {
                assert_eq!(verdict.winner, side);
                self.won_by_step += 1;
            }
        }
    }

    fn judged(
        &self,
        position: &Position,
        reply: &Reply,
    ) -> Result<Outcome, PlayError<crate::table::NotShown>> {
        let mut judge = Judge { program: self.program, shown: reply.shown };
        play(position, &reply.mv, &mut judge)
    }

    /// The true hash behind `step` steps of the machine in dispute.
    fn told(&mut self, position: &Position, step: u64) -> B256 {
        match position.phase() {
            Phase::Graph => self.honest.story.state_hash(step).unwrap(),
            Phase::Run { graph_step } => {
                let ticks = self.honest.story.ticks(graph_step).unwrap();
                ticks[usize::try_from(step).unwrap()].hash()
            }
        }
    }

    fn attempts(&mut self, position: &Position, segment: SegmentIndex, at: &Segment) -> Vec<Reply> {
        if at.log2_length == 0 {
            return self.settlements(position, segment, at);
        }
        let log2_degree = at.log2_length.min(LOG2_K);
        let stride = 1_u64 << (at.log2_length - log2_degree);
        let truth: Vec<B256> = (1..=1_u64 << log2_degree)
            .map(|cut| self.told(position, at.first_step + cut * stride))
            .collect();
        (0..1_u64 << truth.len())
            .map(|pattern| {
                let cut = |(number, hash): (usize, &B256)| match pattern >> number & 1 {
                    0 => *hash,
                    _ => keccak256(hash),
                };
                let ends: Vec<B256> = truth.iter().enumerate().map(cut).collect();
                let mv = Move::Dissect { segment, ends: Ends::new(&ends).unwrap() };
                Reply { mv, shown: Shown::default() }
            })
            .collect()
    }

    /// What can be said of one step.
    fn settlements(
        &mut self,
        position: &Position,
        segment: SegmentIndex,
        at: &Segment,
    ) -> Vec<Reply> {
        let story = &self.honest.story;
        match position.phase() {
            Phase::Graph => {
                let graph = Some(story.graph_state(at.first_step));
                let ticks = story.ticks(at.first_step);
                let ends = ticks.map_or(vec![], |ticks| ends_of_run(&ticks));
                let descents = ends.into_iter().map(|last| Reply {
                    mv: Move::Descend { segment },
                    shown: Shown { graph, last: Some(last), run: None },
                });
                let shown = Shown { graph, ..Shown::default() };
                descents.chain([Reply { mv: Move::Conclude { segment }, shown }]).collect()
            }
            Phase::Run { graph_step } => {
                let ticks = story.ticks(graph_step).unwrap();
                let run = ticks.get(usize::try_from(at.first_step).unwrap()).copied();
                let shown = Shown { run, ..Shown::default() };
                vec![Reply { mv: Move::Prove { segment }, shown }]
            }
        }
    }
}

/// Steps and timeouts by which the honest side has won.
fn explored(program: Program, log2_length: u8, side: Side) -> (u64, u64) {
    let story = Story::new(program, log2_length, None);
    let truth = story.end();
    let end = if side == Side::Server { truth } else { keccak256(truth) };
    let claim = Position::claim(log2_length, Graph::START.hash(), end).unwrap();
    let most_moves = max_moves(log2_length, program.max_bound);
    let honest = Follower { story, side };
    let mut tree = Tree { honest, program, most_moves, won_by_step: 0, won_by_timeout: 0 };
    tree.explore(&claim);
    (tree.won_by_step, tree.won_by_timeout)
}

/// Every ending of a short computation, some of a longer one.
fn every_program(log2_length: u8, max_bound: u8, mut check: impl FnMut(Program)) {
    let length = 1_u64 << log2_length;
    let stride = if log2_length > 3 { 16 } else { 1 };
    for at in (0..=length).step_by(stride) {
        for ending in [Ending::Halts { at }, Ending::Traps { at }, Ending::Illegal { at }] {
            check(Program { ending, max_bound });
        }
    }
}

#[test]
fn an_honest_server_survives_every_strategy() {
    let mut won = (0, 0);
    for (log2_length, max_bound) in [(0, 3), (1, 3), (2, 3), (3, 2)] {
        every_program(log2_length, max_bound, |program| {
            let (steps, timeouts) = explored(program, log2_length, Side::Server);
            won = (won.0 + steps, won.1 + timeouts);
        });
    }
    assert!(won.0 > 5_000 && won.1 > 1_000, "{won:?}");
}

#[test]
fn an_honest_challenger_beats_every_strategy() {
    let mut won = (0, 0);
    // Of 2^6 steps the server cuts segments of two, and the challenger is the one to hand over.
    for (log2_length, max_bound) in [(0, 3), (1, 3), (2, 3), (3, 3), (6, 3)] {
        every_program(log2_length, max_bound, |program| {
            let (steps, timeouts) = explored(program, log2_length, Side::Challenger);
            won = (won.0 + steps, won.1 + timeouts);
        });
    }
    assert!(won.0 > 5_000 && won.1 > 500, "{won:?}");
}

/// The other half of the game is not won by accident: who holds the truth but is on the wrong side of
/// it has no legal move.
#[test]
fn a_true_claim_has_no_honest_challenger() {
    every_program(2, 3, |program| {
        let mut story = Story::new(program, 2, None);
        let claim = Position::claim(2, Graph::START.hash(), story.end()).unwrap();
        assert_eq!(next_move(&claim, Side::Challenger, &mut story).unwrap(), None);
        assert_eq!(next_move(&claim, Side::Server, &mut story).unwrap(), None);
        let ends: Vec<B256> = (1..=4).map(|step| story.state_hash(step).unwrap()).collect();
        let mv = Move::Dissect { segment: SegmentIndex::FIRST, ends: Ends::new(&ends).unwrap() };
        let mut judge = Judge { program, shown: Shown::default() };
        let same = Illegal::SameEnd { end: story.end() };
        assert_eq!(play(&claim, &mv, &mut judge), Err(PlayError::Illegal(same)));
    });
}
