//! What follows a tile, one outcome after another, as literals.

use opml_core::graph::handover::end;
use opml_core::graph::operator::Control;
use opml_core::graph::{GraphState, GraphStatus};
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::Status;

use crate::graph::Scene;
use crate::scenes::{filled, matmul, with_control};

/// pc, tile, iteration and status behind tile `tile` of four at pc 5.
fn after(
    control: Control,
    tile: u32,
    iteration: u32,
    first_word: u32,
) -> (u32, u32, u32, GraphStatus) {
    let mut scene = filled(&with_control(matmul(), control));
    (scene.tile, scene.iteration) = (tile, iteration);
    let after = ended(&scene, first_word);
    (after.pc, after.tile, after.iteration, after.status)
}

fn ended(scene: &Scene, first_word: u32) -> GraphState {
    let output = [first_word.to_le_bytes().to_vec(), vec![9; 60]].concat();
    let ended = scene.ended(Status::Exited(0), &output);
    let witness = scene.end_witness(&ended);
    let root = scene.roots().program_root;
    let after = end::<AlloyKeccak>(&scene.state(), root, &ended.state(), &witness).unwrap();
    assert_eq!(after, scene.successor(&ended));
    after
}

use GraphStatus::{Halted, Running};

const EVERY: [Control; 5] = [
    Control::Next,
    Control::Loop { target: 2, count: 3 },
    Control::Loop { target: 2, count: u32::MAX },
    Control::ExitIf { target: 2 },
    Control::Halt,
];

#[test]
fn a_tile_that_is_not_the_last_leads_to_the_next_one() {
    for control in EVERY {
        for (tile, iteration) in [(0, 0), (1, 1), (2, 2), (0, u32::MAX), (2, u32::MAX)] {
            assert_eq!(after(control, tile, iteration, 1), (5, tile + 1, iteration, Running));
        }
    }
}

#[test]
fn next_keeps_the_iteration() {
    for iteration in [0, 1, u32::MAX] {
        assert_eq!(after(Control::Next, 3, iteration, 1), (6, 0, iteration, Running));
    }
}

#[test]
fn a_loop_runs_its_body_count_times() {
    let control = Control::Loop { target: 2, count: 3 };
    assert_eq!(after(control, 3, 0, 1), (2, 0, 1, Running));
    assert_eq!(after(control, 3, 1, 1), (2, 0, 2, Running));
    assert_eq!(after(control, 3, 2, 1), (6, 0, 0, Running));
    assert_eq!(after(control, 3, 3, 1), (6, 0, 0, Running));
    let once = Control::Loop { target: 5, count: 1 };
    assert_eq!(after(once, 3, 0, 1), (6, 0, 0, Running));
}

#[test]
fn the_last_iterations_do_not_overflow() {
    let longest = Control::Loop { target: 0, count: u32::MAX };
    assert_eq!(after(longest, 3, u32::MAX - 2, 1), (0, 0, u32::MAX - 1, Running));
    assert_eq!(after(longest, 3, u32::MAX - 1, 1), (6, 0, 0, Running));
    assert_eq!(after(longest, 3, u32::MAX, 1), (6, 0, 0, Running));
}

#[test]
fn exit_if_looks_at_the_first_word_of_the_output() {
    let control = Control::ExitIf { target: 65_535 };
    for iteration in [0, 7, u32::MAX] {
        assert_eq!(after(control, 3, iteration, 0), (6, 0, iteration, Running));
        for word in [1, 0x100, 0x1_0000, 0x0100_0000, 0x8000_0000, u32::MAX] {
            assert_eq!(after(control, 3, iteration, word), (65_535, 0, 0, Running));
        }
    }
}

#[test]
fn halt_keeps_pc_and_iteration() {
    assert_eq!(after(Control::Halt, 3, 0, 1), (5, 0, 0, Halted));
    assert_eq!(after(Control::Halt, 3, 9, 0), (5, 0, 9, Halted));
}

#[test]
fn behind_the_last_operator_is_a_pc_outside_the_program() {
    for control in
        [Control::Next, Control::Loop { target: 0, count: 1 }, Control::ExitIf { target: 1 }]
    {
        let mut scene = filled(&with_control(matmul(), control));
        (scene.pc, scene.tile) = (65_535, 3);
        let descriptor = scene.descriptor.clone();
        scene.place(&descriptor);
        let after = ended(&scene, 0);
        assert_eq!((after.pc, after.tile, after.status), (65_536, 0, Running));
    }
}
