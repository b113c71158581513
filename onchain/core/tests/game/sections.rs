//! The arithmetic of dissections and the length of games: every way through short ranges, and the outermost
//! ways through ranges of every length.

use std::convert::Infallible;

use alloy_primitives::{B256, U256};
use opml_core::game::{
    Begin, Cause, End, Ends, Illegal, K, Move, Outcome, Phase, Position, SegmentIndex, Side,
    StepRules, Verdict, max_moves, play,
};

/// What one side says the state behind `step` steps of a machine is: no two sides and no two moves agree.
fn state(moves: u32, step: u64) -> B256 {
    U256::from_limbs([step, moves.into(), 0, 1]).into()
}

fn index(number: usize) -> SegmentIndex {
    SegmentIndex::new(number).unwrap()
}

/// The full dissection of segment `number`, told apart by the moves before it.
fn dissection(position: &Position, number: usize) -> Move {
    let segment = position.segment(index(number)).unwrap();
    let log2_degree = segment.log2_length.min(5);
    let length = 1_u64 << (segment.log2_length - log2_degree);
    let cut = |cut: u64| state(position.moves() + 1, segment.first_step + cut * length);
    let ends: Vec<B256> = (1..=1 << log2_degree).map(cut).collect();
    Move::Dissect { segment: index(number), ends: Ends::new(&ends).unwrap() }
}

/// Any state has the other two for successors; runs have `bound`.
struct Anything {
    bound: u8,
}

impl StepRules for Anything {
    type Error = Infallible;

    fn begin(&mut self, _: B256) -> Result<Begin, Infallible> {
        Ok(Begin::Run { initial: state(u32::MAX, 0), bound: self.bound })
    }

    fn end(&mut self, _: B256) -> Result<End, Infallible> {
        Ok(End { successor: state(u32::MAX, 1), last: state(u32::MAX, 2) })
    }

    fn step(&mut self, _: B256) -> Result<B256, Infallible> {
        Ok(state(u32::MAX, 3))
    }
}

fn next(position: &Position, mv: &Move, bound: u8) -> Position {
    match play(position, mv, &mut Anything { bound }).unwrap() {
        Outcome::Next(next) => next,
        Outcome::Won(verdict) => panic!("{verdict:?}"),
    }
}

fn claim(log2_length: u8) -> Position {
    Position::claim(log2_length, state(0, 0), state(0, 1 << log2_length)).unwrap()
}

/// Dissects segment `number` and checks what has to follow from the one before.
fn dissected(position: &Position, number: usize) -> Position {
    let segment = position.segment(index(number)).unwrap();
    let after = next(position, &dissection(position, number), 0);
    assert_eq!((after.base(), after.log2_length()), (segment.first_step, segment.log2_length));
    assert_eq!((after.phase(), after.moves()), (position.phase(), position.moves() + 1));
    assert_ne!(after.on_turn(), position.on_turn());
    let (start, ends) = (after.segments().start, &after.segments().ends);
    assert_eq!((start, ends.degree()), (segment.agreed, K.min(1 << segment.log2_length)));
    assert_eq!(after.step_at(0), position.step_at(number));
    assert_eq!(after.step_at(ends.degree()), position.step_at(number + 1));
    assert_ne!(ends.last(), segment.disputed);
    after
}

/// Visits every single step below `position` and counts them into `seen`.
fn visit(position: &Position, seen: &mut Vec<u32>) {
    for number in 0..position.segments().ends.degree() {
        let segment = position.segment(index(number)).unwrap();
        if segment.log2_length == 0 {
            let step = usize::try_from(segment.first_step).unwrap();
            seen[step] += 1;
            // Both cuts are what was said of these steps and of no others.
            let said = |hash: B256| U256::from_be_bytes(hash.0).as_limbs()[0];
            assert_eq!(
                (said(segment.agreed), said(segment.disputed)),
                (step as u64, step as u64 + 1)
            );
            let one_step =
                play(position, &dissection(position, number), &mut Anything { bound: 0 });
            assert_eq!(one_step, Err(Illegal::OneStep.into()));
        } else {
            visit(&dissected(position, number), seen);
        }
    }
}

#[test]
fn every_step_of_a_short_range_is_reached_by_one_way() {
    for log2_length in 0..=13 {
        let mut seen = vec![0; 1 << log2_length];
        visit(&claim(log2_length), &mut seen);
        assert!(seen.iter().all(|times| *times == 1), "2^{log2_length}");
    }
}

/// Down to one step, always by the first, the second, the last but one or the last segment.
fn descend(mut position: Position, choice: impl Fn(usize) -> usize) -> Position {
    loop {
        let number = choice(position.segments().ends.degree());
        let segment = position.segment(index(number)).unwrap();
        if segment.log2_length == 0 {
            return position;
        }
        position = dissected(&position, number);
    }
}

#[test]
fn the_outermost_steps_of_every_range_are_reached_in_as_few_moves() {
    let choices: [fn(usize) -> usize; 4] =
        [|_| 0, |degree| 1.min(degree - 1), |degree| degree.saturating_sub(2), |degree| degree - 1];
    for log2_length in 0..=62_u8 {
        for choice in choices {
            let last = descend(claim(log2_length), choice);
            assert_eq!(last.moves(), log2_length.div_ceil(5).into(), "2^{log2_length}");
        }
        let (first, last) =
            (descend(claim(log2_length), choices[0]), descend(claim(log2_length), choices[3]));
        assert_eq!(
            (first.base(), last.step_at(last.segments().ends.degree())),
            (0, 1 << log2_length)
        );
    }
}

#[test]
fn a_game_of_every_length_has_as_many_moves_as_stated() {
    for log2_length in 0..=62 {
        for bound in 0..=30 {
            let graph = descend(claim(log2_length), |degree| degree - 1);
            let number = graph.segments().ends.degree() - 1;
            let run = next(&graph, &Move::Descend { segment: index(number) }, bound);
            let graph_step = (1 << log2_length) - 1;
            assert_eq!((run.phase(), run.base()), (Phase::Run { graph_step }, 0));
            assert_eq!((run.log2_length(), run.segments().start), (bound, state(u32::MAX, 0)));
            assert_eq!(run.segments().ends.hashes(), [state(u32::MAX, 2)]);
            let end = descend(run, |_| 0);
            let prove = Move::Prove { segment: SegmentIndex::FIRST };
            let won = play(&end, &prove, &mut Anything { bound });
            let winner = end.on_turn();
            assert_eq!(won, Ok(Outcome::Won(Verdict { winner, cause: Cause::Proven })));
            assert_eq!(end.moves() + 1, max_moves(log2_length, bound));
            let odd = max_moves(log2_length, bound) % 2 == 1;
            assert_eq!(winner, if odd { Side::Challenger } else { Side::Server });
        }
    }
}

/// Of a range of 2^l steps only one degree is a dissection's, whatever the phase before.
#[test]
fn no_other_degree_is_full() {
    for log2_length in 1..=62_u8 {
        for log2_degree in 0..=5_u8 {
            let ends: Vec<B256> = (0..1 << log2_degree).map(|end| state(9, end)).collect();
            let mv =
                Move::Dissect { segment: SegmentIndex::FIRST, ends: Ends::new(&ends).unwrap() };
            let outcome = play(&claim(log2_length), &mv, &mut Anything { bound: 0 });
            assert_eq!(
                outcome.is_ok(),
                log2_degree == log2_length.min(5),
                "{log2_length} {log2_degree}"
            );
        }
    }
}
