//! A liar that plays by its false trace, for every step at which the trace may turn false.

use std::collections::BTreeMap;

use opml_core::game::{Cause, Position, Side, max_moves};

use crate::table::{Follower, Record, play_out};
use crate::toy::{Ending, Graph, Lie, Program, Story};

const MAX_BOUND: u8 = 7;

/// The claim of `claimed`, played by an honest side and a liar.
fn game(truth: &Story, lying: &Story, honest_side: Side) -> Record {
    let claimed = if honest_side == Side::Server { truth } else { lying };
    let claim = Position::claim(truth.log2_length(), Graph::START.hash(), claimed.end()).unwrap();
    let mut honest = Follower { story: truth.clone(), side: honest_side };
    let mut liar = Follower { story: lying.clone(), side: honest_side.other() };
    play_out(&claim, truth.program, (&mut honest, &mut liar))
}

/// Ticks at which a run of a step may turn false: all, or those at the edges.
fn ticks(truth: &Story, graph_step: u64, all: bool) -> Vec<u64> {
    let Some(states) = truth.ticks(graph_step) else { return vec![0] };
    let length = states.len() as u64 - 1;
    if all {
        return (0..length).collect();
    }
    let mut some = vec![0, length / 2, length - length / 4, length - 1];
    some.retain(|tick| *tick < length);
    some.dedup();
    some
}

fn endings(log2_length: u8) -> Vec<Ending> {
    let length = 1_u64 << log2_length;
    let (early, late) = (length * 3 / 5, length - 1);
    vec![
        Ending::Halts { at: late },
        Ending::Halts { at: early },
        Ending::Traps { at: early },
        Ending::Illegal { at: early },
    ]
}

/// Moves by kind and side, verdicts by cause.
type Seen = BTreeMap<(&'static str, u8), u32>;

/// Plays every lie about a computation, on both sides; returns what was seen, and the most moves.
fn every_lie(log2_length: u8, ending: Ending) -> (Seen, u32) {
    let program = Program { ending, max_bound: MAX_BOUND };
    let truth = Story::new(program, log2_length, None);
    let (mut kinds, mut most_moves) = (Seen::new(), 0);
    for graph_step in 0..1_u64 << log2_length {
        for tick in ticks(&truth, graph_step, log2_length <= 5) {
            for traps in [false, true] {
                let lie = Lie { graph_step, tick, traps };
                let lying = Story::new(program, log2_length, Some(lie));
                if lying.end() == truth.end() {
                    // A trap that is none to be: the run traps anyway.
                    assert!(matches!(ending, Ending::Traps { .. }), "{lie:?} is no lie");
                    continue;
                }
                for side in [Side::Server, Side::Challenger] {
                    let record = game(&truth, &lying, side);
                    assert_eq!(record.verdict.winner, side, "{lie:?}: {record:?}");
                    most_moves = most_moves.max(record.moves);
                    for (kind, count) in record.kinds {
                        *kinds.entry(kind).or_default() += count;
                    }
                    *kinds.entry(("verdict", record.verdict.cause as u8)).or_default() += 1;
                }
            }
        }
    }
    (kinds, most_moves)
}

/// Lengths 2^n for all n mod 5, so that either side comes to the handover and to the proof.
#[test]
fn a_liar_loses_wherever_its_trace_turns_false() {
    let mut seen = BTreeMap::new();
    for log2_length in 0..=11 {
        let endings = endings(log2_length);
        let count = if log2_length > 8 { 1 } else { endings.len() };
        // Above 2^8 steps one of the endings each, in turn.
        for ending in endings.into_iter().cycle().skip(usize::from(log2_length)).take(count) {
            let (kinds, most_moves) = every_lie(log2_length, ending);
            let limit = max_moves(log2_length, MAX_BOUND);
            // From 2^5 steps on there is one whose run has the largest bound.
            assert!(most_moves == limit || most_moves < limit && log2_length < 5);
            for (kind, count) in kinds {
                *seen.entry(kind).or_insert(0) += count;
            }
        }
    }
    for side in [Side::Server, Side::Challenger] {
        for kind in ["dissect", "conclude", "descend", "prove"] {
            assert!(seen.contains_key(&(kind, side as u8)), "no {kind} by {side:?}: {seen:?}");
        }
    }
    for cause in [Cause::Timeout, Cause::Concluded, Cause::Proven] {
        assert!(seen.contains_key(&("verdict", cause as u8)), "no {cause:?}: {seen:?}");
    }
}
