//! Chess clocks, by block timestamps.

use alloy_sol_types::SolError;
use opml_core::game::{Clock, Side};
use opml_solver::machines::Evidence;

use crate::encoding::IGame;
use crate::stage::{Stage, cut};
use crate::table::{CLOCK, HubCall, NOW, account, published, told};

const BUDGET: u64 = CLOCK as u64;

#[test]
fn a_side_may_move_until_the_second_before_its_deadline() {
    let mut stage = Stage::opened(12);
    let (id, deadline) = (stage.case.id, NOW + BUDGET);
    assert_eq!(stage.table.deadline(id), deadline);
    stage.table.at(deadline - 1);
    let receipt = stage.play(Side::Server, &cut(0, 32, 1)).unwrap();
    let (_, clock) = published(&receipt).unwrap();
    assert_eq!(clock, Clock { server: 1, challenger: BUDGET, started: deadline - 1 });
    let kept = stage.table.state(id);
    assert_eq!((kept.serverSeconds, kept.challengerSeconds), (1, CLOCK));
    assert_eq!((kept.started, kept.onTurn), (deadline - 1, IGame::Side::Challenger));
    assert_eq!(stage.table.deadline(id), deadline - 1 + BUDGET);
}

#[test]
fn from_its_deadline_on_a_side_has_lost() {
    for late in [0, 1, 1_000_000] {
        let mut stage = Stage::opened(12);
        let (deadline, now) = (NOW + BUDGET, NOW + BUDGET + late);
        stage.table.at(now);
        let refused = stage.play(Side::Server, &cut(0, 32, 1)).unwrap_err();
        assert_eq!(refused, IGame::Late { deadline, now_: now }.abi_encode());
        let receipt = stage.table.timeout(stage.case.id).unwrap();
        assert_eq!(told(&receipt), [HubCall::Verdict(stage.case.id, true)]);
    }
}

#[test]
fn nobody_ends_a_game_before_the_deadline() {
    let mut stage = Stage::opened(12);
    let deadline = NOW + BUDGET;
    for now in [NOW, NOW + 1, deadline - 1] {
        stage.table.at(now);
        let refused = stage.table.timeout(stage.case.id).unwrap_err();
        assert_eq!(refused, IGame::Early { deadline, now_: now }.abi_encode());
    }
    stage.table.at(deadline);
    stage.table.timeout(stage.case.id).unwrap();
}

/// Only the clock of the side on turn runs, and none of both ever gains.
#[test]
fn clocks_run_in_turns_down_to_one_second_each() {
    let mut stage = Stage::opened(60);
    let mut left = [BUDGET, BUDGET];
    let mut now = NOW;
    for (turn, seconds) in [7, 5, 0, 100, 3_000].into_iter().enumerate() {
        let side = if turn % 2 == 0 { Side::Server } else { Side::Challenger };
        now += seconds;
        left[side as usize] -= seconds;
        stage.table.at(now);
        stage.play(side, &cut(0, 32, u8::try_from(turn).unwrap())).unwrap();
        let kept = stage.table.state(stage.case.id);
        let shown = [kept.serverSeconds, kept.challengerSeconds].map(u64::from);
        assert_eq!((shown, kept.started), (left, now));
    }
    // Both spend all but their last second.
    for side in [Side::Challenger, Side::Server] {
        now += left[side as usize] - 1;
        left[side as usize] = 1;
        stage.table.at(now);
        stage.play(side, &cut(0, 32, 0x40 + side as u8)).unwrap();
    }
    // The challenger has one second: a move in the same second counts and costs nothing.
    stage.play(Side::Challenger, &cut(0, 32, 0x50)).unwrap();
    let kept = stage.table.state(stage.case.id);
    assert_eq!((kept.serverSeconds, kept.challengerSeconds), (1, 1));
    // The server has one too, and lets it pass.
    stage.table.at(now + 1);
    let refused = stage.play(Side::Server, &cut(0, 32, 0x60)).unwrap_err();
    assert_eq!(refused, IGame::Late { deadline: now + 1, now_: now + 1 }.abi_encode());
    let receipt = stage.table.timeout(stage.case.id).unwrap();
    assert_eq!(told(&receipt), [HubCall::Verdict(stage.case.id, true)]);
}

/// A move that is refused does not stop the clock.
#[test]
fn a_refused_move_leaves_the_clock_running() {
    let mut stage = Stage::opened(12);
    stage.table.at(NOW + 100);
    stage.play(Side::Server, &cut(0, 16, 1)).unwrap_err();
    let kept = stage.table.state(stage.case.id);
    assert_eq!((kept.serverSeconds, kept.started), (CLOCK, NOW));
    let play = (&cut(0, 32, 1), &Evidence::Dissect);
    let (case, position) = (stage.case.clone(), stage.position.clone());
    let receipt = stage.table.play(account(Side::Server), (&case, &position), play).unwrap();
    assert_eq!(published(&receipt).unwrap().1.server, BUDGET - 100);
}
