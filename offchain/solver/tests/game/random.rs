//! Sides without a plan, by the thousand.

use alloy_primitives::keccak256;
use opml_core::game::{Position, Side, max_moves};
use proptest::prelude::*;

use crate::strategies::{ATTACKS, Attack, CUTS, Cut, Dice, Wild};
use crate::table::{Follower, Record, play_out};
use crate::toy::{Ending, Graph, Lie, Program, Story};

fn program() -> impl Strategy<Value = Program> {
    let ending = (0_u64..2_100, 0..3).prop_map(|(at, kind)| match kind {
        0 => Ending::Halts { at },
        1 => Ending::Traps { at },
        _ => Ending::Illegal { at },
    });
    (ending, 0_u8..=11).prop_map(|(ending, max_bound)| Program { ending, max_bound })
}

fn habits() -> impl Strategy<Value = (Vec<Attack>, Vec<Cut>, usize)> {
    let attacks = prop_oneof![
        prop::sample::select(ATTACKS.to_vec()).prop_map(|attack| vec![attack]),
        Just(ATTACKS.to_vec()),
    ];
    let cuts = prop_oneof![
        prop::sample::select(CUTS.to_vec()).prop_map(|cut| vec![cut]),
        Just(CUTS.to_vec()),
    ];
    (attacks, cuts, prop::sample::select(vec![0, 0, 20, 4]))
}

/// Two stories that differ in the end; the lie is anywhere.
fn stories(program: Program, log2_length: u8, dice: &mut Dice) -> Option<(Story, Story)> {
    let graph_step = dice.next() % (1 << log2_length);
    let truth = Story::new(program, log2_length, None);
    let run = truth.ticks(graph_step).map_or(1, |ticks| ticks.len() - 1);
    let lie = Lie { graph_step, tick: dice.below(run) as u64, traps: dice.below(2) == 0 };
    let lying = Story::new(program, log2_length, Some(lie));
    (truth.end() != lying.end()).then_some((truth, lying))
}

fn game(truth: &Story, wild: &mut Wild, honest_side: Side) -> Record {
    let wrong = match wild.dice.below(3) {
        0 => keccak256(wild.dice.next().to_be_bytes()),
        _ => wild.lying.end(),
    };
    let end = if honest_side == Side::Server { truth.end() } else { wrong };
    let claim = Position::claim(truth.log2_length(), Graph::START.hash(), end).unwrap();
    let mut honest = Follower { story: truth.clone(), side: honest_side };
    play_out(&claim, truth.program, (&mut honest, wild))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_honest_side_is_never_beaten_and_never_stuck(
        program in program(),
        log2_length in 0_u8..=11,
        (attacks, cuts, stalls) in habits(),
        seed: u64,
    ) {
        let mut dice = Dice(seed);
        let Some((truth, lying)) = stories(program, log2_length, &mut dice) else { return Ok(()) };
        let mut wild = Wild { truth: truth.clone(), lying, attacks, cuts, stalls, dice };
        for side in [Side::Server, Side::Challenger] {
            for _ in 0..4 {
                let record = game(&truth, &mut wild, side);
                prop_assert_eq!(record.verdict.winner, side);
                prop_assert!(record.moves <= max_moves(log2_length, program.max_bound));
            }
        }
    }
}
