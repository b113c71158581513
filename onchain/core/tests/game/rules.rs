//! Which moves are legal, and what each leads to.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{
    Begin, Cause, End, Ends, Illegal, Move, Outcome, Phase, PlayError, Position, SegmentIndex,
    Side, StepRules, Verdict, play,
};

/// A machine that says what it is told to, once asked about the state it expects.
#[derive(Default)]
struct Script {
    agreed: B256,
    begin: Option<Begin>,
    end: Option<End>,
    step: Option<B256>,
}

/// Asked about another state, or with nothing to say.
#[derive(Debug, PartialEq, Eq)]
struct NotProven;

impl Script {
    fn answer<T>(&self, agreed: B256, answer: Option<T>) -> Result<T, NotProven> {
        answer.filter(|_| agreed == self.agreed).ok_or(NotProven)
    }
}

impl StepRules for Script {
    type Error = NotProven;

    fn begin(&mut self, agreed: B256) -> Result<Begin, NotProven> {
        self.answer(agreed, self.begin)
    }

    fn end(&mut self, agreed: B256) -> Result<End, NotProven> {
        self.answer(agreed, self.end)
    }

    fn step(&mut self, agreed: B256) -> Result<B256, NotProven> {
        self.answer(agreed, self.step)
    }
}

fn hash(name: &str) -> B256 {
    keccak256(name)
}

/// `count` cuts.
fn cuts(count: usize) -> Vec<B256> {
    (0..count).map(|number| hash(&format!("cut {number}"))).collect()
}

fn index(number: usize) -> SegmentIndex {
    SegmentIndex::new(number).unwrap()
}

/// A dissection of degree `2^log2_degree` behind `moves` moves, of `2^log2_length` steps.
fn position(phase: Phase, (moves, log2_length): (u32, u8), log2_degree: u8) -> Position {
    let mut header = [0; 32];
    let (code, graph_step) = match phase {
        Phase::Graph => (1, 0),
        Phase::Run { graph_step } => (2, graph_step),
    };
    header[3] = code;
    header[4..8].copy_from_slice(&moves.to_be_bytes());
    header[8..16].copy_from_slice(&graph_step.to_be_bytes());
    header[27] = log2_length;
    header[31] = 1 << log2_degree;
    Position::decode(&header, &cuts((1 << log2_degree) + 1)).unwrap()
}

fn graph(moves: u32, log2_length: u8, log2_degree: u8) -> Position {
    position(Phase::Graph, (moves, log2_length), log2_degree)
}

fn run(moves: u32, log2_length: u8, log2_degree: u8) -> Position {
    position(Phase::Run { graph_step: 77 }, (moves, log2_length), log2_degree)
}

fn dissect(segment: usize, ends: &[B256]) -> Move {
    Move::Dissect { segment: index(segment), ends: Ends::new(ends).unwrap() }
}

fn others(count: usize) -> Vec<B256> {
    (0..count).map(|number| hash(&format!("other {number}"))).collect()
}

#[track_caller]
fn assert_illegal(position: &Position, mv: &Move, steps: &mut Script, illegal: Illegal) {
    assert_eq!(play(position, mv, steps), Err(PlayError::Illegal(illegal)));
}

#[test]
fn a_dissection_keeps_the_start_and_changes_the_end() {
    let before = graph(3, 12, 5);
    let ends = others(32);
    let outcome = play(&before, &dissect(4, &ends), &mut Script::default()).unwrap();
    let Outcome::Next(after) = outcome else { panic!("{outcome:?}") };
    assert_eq!(after.phase(), Phase::Graph);
    assert_eq!((after.moves(), after.base(), after.log2_length()), (4, 4 << 7, 7));
    assert_eq!(after.on_turn(), Side::Challenger);
    assert_eq!(after.segments().start, hash("cut 4"));
    assert_eq!(after.segments().ends.hashes(), ends);
}

#[test]
fn a_dissection_to_the_disputed_end_is_illegal() {
    for position in [graph(3, 12, 5), run(3, 12, 5)] {
        let mut ends = others(32);
        ends[31] = hash("cut 5");
        let end = ends[31];
        let same = Illegal::SameEnd { end };
        assert_illegal(&position, &dissect(4, &ends), &mut Script::default(), same);
    }
}

#[test]
fn a_dissection_has_as_many_segments_as_there_can_be() {
    for position in [graph, run] {
        // Lengths of a segment, and the degree that goes with it.
        for (log2_length, full) in [(1, 2), (2, 4), (4, 16), (5, 32), (6, 32), (20, 32)] {
            let position = position(0, log2_length + 2, 2);
            for degree in [1, 2, 4, 8, 16, 32] {
                let outcome = play(&position, &dissect(3, &others(degree)), &mut Script::default());
                if degree == full {
                    assert!(outcome.is_ok());
                } else {
                    let [expected, actual] = [full, degree].map(|n| u8::try_from(n).unwrap());
                    assert_eq!(outcome, Err(Illegal::Degree { expected, actual }.into()));
                }
            }
        }
    }
}

#[test]
fn a_single_step_is_not_dissected() {
    for position in [graph(2, 5, 5), run(2, 5, 5), graph(0, 0, 0), run(1, 0, 0)] {
        let mv = dissect(0, &others(1));
        assert_illegal(&position, &mv, &mut Script::default(), Illegal::OneStep);
    }
}

#[test]
fn a_segment_that_is_not_there_is_not_picked() {
    let position = graph(2, 12, 3);
    let illegal = Illegal::NoSuchSegment { segment: 8, degree: 8 };
    assert_illegal(&position, &dissect(8, &others(32)), &mut Script::default(), illegal);
    let illegal = Illegal::NoSuchSegment { segment: 31, degree: 8 };
    let mv = Move::Prove { segment: index(31) };
    assert_illegal(&position, &mv, &mut Script::default(), illegal);
}

#[test]
fn steps_decide_at_length_one_only() {
    let segment = index(1);
    let (mut script, many) = (Script::default(), Illegal::ManySteps { log2_length: 1 });
    assert_illegal(&graph(2, 6, 5), &Move::Conclude { segment }, &mut script, many);
    assert_illegal(&graph(2, 6, 5), &Move::Descend { segment }, &mut script, many);
    assert_illegal(&run(2, 6, 5), &Move::Prove { segment }, &mut script, many);
}

#[test]
fn each_machine_has_its_own_moves() {
    let segment = index(1);
    let mut script = Script::default();
    assert_illegal(&graph(2, 5, 5), &Move::Prove { segment }, &mut script, Illegal::InGraph);
    assert_illegal(&run(2, 5, 5), &Move::Conclude { segment }, &mut script, Illegal::InRun);
    assert_illegal(&run(2, 5, 5), &Move::Descend { segment }, &mut script, Illegal::InRun);
}

#[test]
fn a_conclusion_wins_for_the_side_on_turn() {
    for (moves, winner) in [(2, Side::Challenger), (3, Side::Server)] {
        let begin = Some(Begin::Direct { successor: hash("true") });
        let mut script = Script { agreed: hash("cut 6"), begin, ..Script::default() };
        let mv = Move::Conclude { segment: index(6) };
        let won = Outcome::Won(Verdict { winner, cause: Cause::Concluded });
        assert_eq!(play(&graph(moves, 5, 5), &mv, &mut script), Ok(won));
    }
}

#[test]
fn a_conclusion_that_shows_the_disputed_end_decides_nothing() {
    let end = hash("cut 7");
    let begin = Some(Begin::Direct { successor: end });
    let mut script = Script { agreed: hash("cut 6"), begin, ..Script::default() };
    let mv = Move::Conclude { segment: index(6) };
    assert_illegal(&graph(2, 5, 5), &mv, &mut script, Illegal::SameEnd { end });
}

#[test]
fn a_step_with_a_run_is_not_concluded_and_one_without_not_descended() {
    let segment = index(6);
    let begin = Some(Begin::Run { initial: hash("initial"), bound: 25 });
    let mut script = Script { agreed: hash("cut 6"), begin, ..Script::default() };
    assert_illegal(&graph(2, 5, 5), &Move::Conclude { segment }, &mut script, Illegal::HasRun);
    script.begin = Some(Begin::Direct { successor: hash("true") });
    assert_illegal(&graph(2, 5, 5), &Move::Descend { segment }, &mut script, Illegal::HasNoRun);
}

fn handover(successor: B256, bound: u8) -> Script {
    Script {
        agreed: hash("cut 6"),
        begin: Some(Begin::Run { initial: hash("initial"), bound }),
        end: Some(End { successor, last: hash("last") }),
        step: None,
    }
}

#[test]
fn a_handover_opens_the_run_for_the_other_side() {
    let mv = Move::Descend { segment: index(6) };
    let outcome = play(&graph(3, 5, 5), &mv, &mut handover(hash("true"), 25)).unwrap();
    let Outcome::Next(after) = outcome else { panic!("{outcome:?}") };
    assert_eq!(after.phase(), Phase::Run { graph_step: 6 });
    assert_eq!((after.moves(), after.base(), after.log2_length()), (4, 0, 25));
    assert_eq!(after.on_turn(), Side::Challenger);
    assert_eq!(after.segments().start, hash("initial"));
    assert_eq!(after.segments().ends.hashes(), [hash("last")]);
}

/// Otherwise a true run would beat an honest server: it could not dispute the run's end.
#[test]
fn a_handover_that_leads_to_the_disputed_state_is_illegal() {
    let end = hash("cut 7");
    let mv = Move::Descend { segment: index(6) };
    assert_illegal(&graph(2, 5, 5), &mv, &mut handover(end, 25), Illegal::SameEnd { end });
}

#[test]
fn a_run_longer_than_any_range_is_refused() {
    let mv = Move::Descend { segment: index(6) };
    let mut script = handover(hash("true"), 63);
    assert_illegal(&graph(2, 5, 5), &mv, &mut script, Illegal::Bound { bound: 63 });
}

#[test]
fn a_proof_wins_only_with_another_end() {
    let mv = Move::Prove { segment: index(6) };
    for (moves, winner) in [(2, Side::Challenger), (3, Side::Server)] {
        let step = Some(hash("true"));
        let mut script = Script { agreed: hash("cut 6"), step, ..Script::default() };
        let won = Outcome::Won(Verdict { winner, cause: Cause::Proven });
        assert_eq!(play(&run(moves, 5, 5), &mv, &mut script), Ok(won));

        let end = hash("cut 7");
        script.step = Some(end);
        assert_illegal(&run(moves, 5, 5), &mv, &mut script, Illegal::SameEnd { end });
    }
}

#[test]
fn the_machine_is_asked_about_the_agreed_state() {
    // Shown for another segment than the one that is picked.
    let step = Some(hash("true"));
    let mut script = Script { agreed: hash("cut 5"), step, ..Script::default() };
    let mv = Move::Prove { segment: index(6) };
    assert_eq!(play(&run(2, 5, 5), &mv, &mut script), Err(PlayError::Proof(NotProven)));
}

#[test]
fn a_game_does_not_count_beyond_its_moves() {
    let mv = dissect(0, &others(32));
    assert_illegal(&graph(u32::MAX, 12, 5), &mv, &mut Script::default(), Illegal::Moves);
}
