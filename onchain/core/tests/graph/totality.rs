//! States without a run have one successor, and no proof of the program's faults is refused.

use opml_core::graph::handover::{Begun, HandoverError, begin, end};
use opml_core::graph::operator::{Descriptor, WORKING_BASE};
use opml_core::graph::{GraphState, GraphStatus};
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::Status;

use crate::graph::{Ended, Scene};
use crate::naive::NaiveMemory;
use crate::scenes::{emit, filled, matmul, region, relu};

/// The successor of a state that has no run; `end` refuses to lead anywhere from it.
fn direct(scene: &Scene) -> GraphState {
    let (state, witness) = (scene.state(), scene.begin_witness());
    let ended = Ended { memory: NaiveMemory::mips(), status: Status::Exited(0) };
    let program_root = scene.roots().program_root;
    let result = end::<AlloyKeccak>(&state, program_root, &ended.state(), &witness);
    assert_eq!(result, Err(HandoverError::NoRun));

    let longer = [witness.clone(), vec![0]].concat();
    let begin = |witness: &[u8]| begin::<AlloyKeccak>(&state, &scene.roots(), witness);
    assert_eq!(begin(&longer), Err(HandoverError::Long { surplus: 1 }));
    match begin(&witness) {
        Ok(Begun::Direct(successor)) => successor,
        result => panic!("{result:?}"),
    }
}

fn fails(scene: &Scene) {
    let failed = GraphState { status: GraphStatus::Failed, ..scene.state() };
    assert_eq!(direct(scene), failed);
}

#[test]
fn halted_and_failed_states_are_their_own_successors() {
    for status in [GraphStatus::Halted, GraphStatus::Failed] {
        for pc in [5, 65_535, 65_536, u32::MAX] {
            let scene = Scene { pc, status, ..filled(&matmul()) };
            assert_eq!(scene.begin_witness(), []);
            assert_eq!(direct(&scene), scene.state());
        }
    }
}

#[test]
fn a_pc_outside_the_program_fails_without_proof() {
    for pc in [65_536, 65_541, 1 << 31, u32::MAX] {
        let scene = Scene { pc, ..filled(&matmul()) };
        assert_eq!(scene.begin_witness(), []);
        fails(&scene);
    }
}

#[test]
fn an_absent_operator_fails() {
    let mut scene = filled(&matmul());
    scene.place(&[0; 512]);
    fails(&scene);
    let empty = Scene { program: NaiveMemory::new(20), pc: 65_535, ..scene };
    fails(&empty);
}

#[test]
fn a_tile_that_the_operator_does_not_have_fails() {
    for tile in [4, 5, u32::MAX] {
        fails(&Scene { tile, ..filled(&matmul()) });
    }
}

#[test]
fn reserved_bytes_fail() {
    let scene = filled(&matmul());
    for byte in [132, 135, 172, 176, 455, 456, 511] {
        let mut scene = scene.clone();
        let mut descriptor = scene.descriptor.clone();
        descriptor[byte] = 1;
        scene.place(&descriptor);
        fails(&scene);
    }
}

#[test]
fn every_kind_of_illegal_operator_fails() {
    const CHANGES: [fn(&mut Descriptor); 31] = [
        |d| d.kernel = 0,
        |d| d.kernel = 20,
        |d| d.kernel = u32::MAX,
        |d| d.input_count = 1,
        |d| d.input_count = 3,
        |d| d.input_count = 9,
        |d| d.tiles = 0,
        |d| d.columns = 0,
        |d| d.bound = 31,
        |d| d.bound = 0,
        |d| d.bound = u32::MAX,
        |d| d.control = 4,
        |d| d.target = 1,
        |d| d.count = 1,
        |d| (d.control, d.target, d.count) = (1, 1, 0),
        |d| (d.control, d.target, d.count) = (1, 65_536, 1),
        |d| (d.control, d.target) = (2, 65_536),
        |d| (d.control, d.count) = (3, 1),
        |d| d.params[3] = 1,
        |d| d.params[2] = 5,
        |d| d.params[0] = 95,
        |d| d.output.base += 32,
        |d| d.output.base = 0,
        |d| d.output.base = 1 << 39,
        |d| d.output.base = 1 << 40,
        |d| d.output.log2_size = 4,
        |d| d.output.log2_size = 29,
        |d| d.output.log2_size = 261,
        |d| d.input_specs[0].base = (1 << 40) - 32,
        |d| d.input_specs[0].log2_size = 29,
        |d| d.input_specs[2].base = 1 << 20,
    ];
    for change in CHANGES {
        let mut descriptor = matmul();
        change(&mut descriptor);
        fails(&Scene::new(&descriptor));
    }
}

#[test]
fn strides_that_overflow_or_leave_the_memory_fail() {
    const CHANGES: [fn(&mut Descriptor); 8] = [
        |d| d.output.column_stride = u64::MAX,
        |d| d.output.column_stride = 1 << 40,
        |d| d.output.iteration_stride = u64::MAX,
        |d| d.output.iteration_stride = 1 << 63,
        |d| d.input_specs[0].column_stride = 1 << 62,
        |d| d.input_specs[0].base = u64::MAX << 13,
        |d| d.input_specs[1].iteration_stride = 1 << 62,
        |d| d.input_specs[1].column_stride = 64,
    ];
    for change in CHANGES {
        let mut descriptor = matmul();
        change(&mut descriptor);
        fails(&Scene { tile: 3, iteration: 7, ..Scene::new(&descriptor) });
    }
    // Nothing overflows where nothing is multiplied.
    let mut descriptor = matmul();
    descriptor.output.iteration_stride = u64::MAX;
    assert!(Scene::new(&descriptor).run().is_some());
}

#[test]
fn regions_have_32_bytes_to_256_mebibytes() {
    for log2_size in [0, 4, 29, 32, 40, 64, 255, 256, u32::MAX] {
        fails(&Scene::new(&emit(log2_size, 6)));
        fails(&Scene::new(&emit(6, log2_size)));
    }
    for log2_size in [6, 28] {
        assert!(Scene::new(&emit(log2_size, log2_size)).run().is_some());
    }
    let leaf = region(WORKING_BASE, 5);
    assert!(Scene::new(&relu(leaf, leaf)).run().is_some());
}
