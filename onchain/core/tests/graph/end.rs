//! From the end of a run to the next graph state.

use opml_core::graph::handover::{HandoverError, Part, end};
use opml_core::graph::operator::{Control, WORKING_BASE};
use opml_core::graph::{GraphState, GraphStatus};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::PathError;
use opml_core::mips::{Status, Trap};

use crate::graph::{Ended, Range, Scene};
use crate::scenes::{emit, filled, matmul, region, relu, with_control};

fn reached(scene: &Scene, ended: &Ended, witness: &[u8]) -> Result<GraphState, HandoverError> {
    let program_root = scene.roots().program_root;
    end::<AlloyKeccak>(&scene.state(), program_root, &ended.state(), witness)
}

/// The last tile of an operator that looks at its output, and a run that wrote text.
fn choosing() -> (Scene, Ended) {
    let mut scene = filled(&with_control(matmul(), Control::ExitIf { target: 2 }));
    scene.tile = 3;
    let ended = scene.ended(Status::Exited(0), b"sixteen numbers, or rather, letters");
    (scene, ended)
}

fn wrong(result: &Result<GraphState, HandoverError>) -> Option<Part> {
    match result {
        Err(HandoverError::Proof { part, source: PathError::WrongRoot { .. } }) => Some(*part),
        _ => None,
    }
}

#[test]
fn the_output_is_spliced_and_nothing_else_changes() {
    let leaf = region(WORKING_BASE + 32, 5);
    let descriptors = [
        matmul(),
        with_control(matmul(), Control::Halt),
        emit(5, 6),
        emit(28, 28),
        relu(leaf, leaf),
        with_control(relu(leaf, leaf), Control::ExitIf { target: 1 }),
        with_control(emit(9, 28), Control::ExitIf { target: 1 }),
    ];
    for descriptor in descriptors {
        let scene = filled(&descriptor);
        for output in [&b"an output"[..], &[], &[0xff; 100]] {
            let ended = scene.ended(Status::Exited(0), output);
            let after = reached(&scene, &ended, &scene.end_witness(&ended)).unwrap();
            assert_eq!(after, scene.successor(&ended));
            assert_ne!(after.status, GraphStatus::Failed);
        }
    }
}

#[test]
fn what_lies_above_the_output_in_its_window_is_ignored() {
    let scene = filled(&matmul());
    let short = scene.ended(Status::Exited(0), &[3; 64]);
    let long = scene.ended(Status::Exited(0), &[3; 200]);
    assert_ne!(short.root(), long.root());
    let reached = |ended| reached(&scene, ended, &scene.end_witness(ended)).unwrap();
    assert_eq!(reached(&short), reached(&long));
}

#[test]
fn a_run_that_does_not_exit_with_0_gives_the_failed_state() {
    let (scene, _) = choosing();
    let others = [Status::Running, Status::Exited(1), Status::Exited(255)];
    for status in others.into_iter().chain(Trap::ALL.map(Status::Trapped)) {
        let ended = scene.ended(status, b"an output all the same");
        let witness = scene.end_witness(&ended);
        assert_eq!(witness.len(), 1024);
        let failed = GraphState { status: GraphStatus::Failed, ..scene.state() };
        assert_eq!(reached(&scene, &ended, &witness), Ok(failed));
        // Proofs of an output have no place there.
        let exited = Ended { status: Status::Exited(0), ..ended.clone() };
        let longer = scene.end_witness(&exited);
        let error = HandoverError::Long { surplus: longer.len() - 1024 };
        assert_eq!(reached(&scene, &ended, &longer), Err(error));
    }
}

#[test]
fn every_bit_of_the_witness_counts() {
    let (scene, ended) = choosing();
    let witness = scene.end_witness(&ended);
    // Regions of 2^6 bytes: 26 and 34 siblings, and one below.
    let lengths = [1024, 27 * 32, 35 * 32, 2 * 32];
    let parts = [Part::Descriptor, Part::NewOutput, Part::OldOutput, Part::FirstLeaf];
    let parts: Vec<Part> =
        parts.iter().zip(lengths).flat_map(|(part, length)| vec![*part; length]).collect();
    assert_eq!(witness.len(), parts.len());
    for (byte, part) in parts.iter().enumerate() {
        let mut other = witness.clone();
        other[byte] ^= 1 << (byte % 8);
        assert_eq!(wrong(&reached(&scene, &ended, &other)), Some(*part), "byte {byte}");
    }
}

#[test]
fn the_witness_ends_where_the_step_ends() {
    let (scene, ended) = choosing();
    let witness = scene.end_witness(&ended);
    for length in 0..witness.len() {
        let result = reached(&scene, &ended, &witness[..length]);
        assert!(matches!(result, Err(HandoverError::Short { .. })), "{length}: {result:?}");
    }
    let longer = [witness, vec![0; 32]].concat();
    assert_eq!(reached(&scene, &ended, &longer), Err(HandoverError::Long { surplus: 32 }));
}

#[test]
fn another_output_than_the_machines_cannot_be_spliced() {
    let (scene, ended) = choosing();
    // A run that wrote something else, with proofs that fit that run.
    let lie = scene.ended(Status::Exited(0), b"another output");
    let result = reached(&scene, &ended, &scene.end_witness(&lie));
    assert_eq!(wrong(&result), Some(Part::NewOutput));
}

#[test]
fn the_output_is_taken_from_the_base_of_its_window() {
    let (scene, mut ended) = choosing();
    ended.memory.write(0xa000_0040, &[5; 64]);
    let next = Range { base: 0xa000_0040, log2_size: 6 }.proof(&ended.memory);
    let honest = scene.end_witness(&ended);
    let moved = [&honest[..1024], &next, &honest[1024 + next.len()..]].concat();
    assert_eq!(wrong(&reached(&scene, &ended, &moved)), Some(Part::NewOutput));
}

#[test]
fn the_old_output_is_the_agreed_one() {
    let (scene, ended) = choosing();
    let honest = scene.end_witness(&ended);
    let old = 1024 + 27 * 32;
    // Siblings of a memory in which a weight differs: the splice would smuggle it in.
    let mut other = scene.clone();
    other.memory.set_leaf(0x200, [0xee; 32]);
    let forged = scene.output().proof(&other.memory);
    let witness = [&honest[..old], &forged, &honest[old + forged.len()..]].concat();
    assert_eq!(wrong(&reached(&scene, &ended, &witness)), Some(Part::OldOutput));
    // The right siblings with the new root in the old one's place.
    let mut witness = honest.clone();
    let new = honest[1024..1056].to_vec();
    witness[old..old + 32].copy_from_slice(&new);
    assert_eq!(wrong(&reached(&scene, &ended, &witness)), Some(Part::OldOutput));
}

#[test]
fn the_first_leaf_is_the_first() {
    let (scene, ended) = choosing();
    let honest = scene.end_witness(&ended);
    let (front, leaf) = honest.split_at(honest.len() - 64);
    let swapped = [front, &leaf[32..], &leaf[..32]].concat();
    assert_eq!(wrong(&reached(&scene, &ended, &swapped)), Some(Part::FirstLeaf));
    // Only there where control looks at it.
    let mut scene = scene;
    scene.tile = 2;
    let ended = scene.ended(Status::Exited(0), b"not the last tile");
    let witness = scene.end_witness(&ended);
    assert_eq!(witness.len(), front.len());
    assert_eq!(reached(&scene, &ended, &witness), Ok(scene.successor(&ended)));
    let longer = [&witness[..], leaf].concat();
    assert_eq!(reached(&scene, &ended, &longer), Err(HandoverError::Long { surplus: 64 }));
}

#[test]
fn another_state_is_refused_or_has_another_successor() {
    let (scene, ended) = choosing();
    let (state, witness) = (scene.state(), scene.end_witness(&ended));
    let program_root = scene.roots().program_root;
    let honest = reached(&scene, &ended, &witness).unwrap();
    let end = |state: &GraphState| {
        end::<AlloyKeccak>(state, program_root, &ended.state(), &witness).map(Some)
    };
    let mut root = state.memory_root;
    root.0[0] ^= 1;
    for other in [
        GraphState { memory_root: root, ..state },
        GraphState { pc: 4, ..state },
        GraphState { pc: 65_536, ..state },
        GraphState { tile: 0, ..state },
        GraphState { tile: 2, ..state },
        GraphState { tile: 4, ..state },
        GraphState { status: GraphStatus::Halted, ..state },
        GraphState { status: GraphStatus::Failed, ..state },
    ] {
        assert!(end(&other).is_err(), "{other:?}");
    }
    // Leaving a loop resets the iteration, so that only the region would differ: it has no stride.
    assert_eq!(end(&GraphState { iteration: 1, ..state }), Ok(Some(honest)));
}
