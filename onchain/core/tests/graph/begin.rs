//! From a graph state to the run of its step.

use opml_core::graph::handover::{Begun, HandoverError, Part, Run, begin};
use opml_core::graph::operator::{RegionSpec, WORKING_BASE};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::PathError;

use crate::graph::{Scene, write};
use crate::scenes::{emit, filled, matmul, region, relu};

fn begun(scene: &Scene, witness: &[u8]) -> Result<Begun, HandoverError> {
    begin::<AlloyKeccak>(&scene.state(), &scene.roots(), witness)
}

/// The run begins with the memory that is written out byte by byte.
fn begins(scene: &Scene, bound: u8) {
    let run = Run { initial: scene.initial(), bound };
    assert_eq!(begun(scene, &scene.begin_witness()), Ok(Begun::Run(run)));
}

#[test]
fn every_tile_of_a_matrix_product_begins_with_its_regions() {
    let mut descriptor = matmul();
    descriptor.input_specs[1].iteration_stride = 1 << 20;
    descriptor.output.iteration_stride = 1 << 12;
    let mut scene = filled(&descriptor);
    for (iteration, tile) in [(0, 0), (0, 1), (0, 3), (1, 2), (77, 3)] {
        (scene.iteration, scene.tile) = (iteration, tile);
        let vector = scene.inputs()[1].base;
        write(&mut scene.memory, vector, &[iteration.to_le_bytes()[0]; 64]);
        begins(&scene, 25);
    }
}

#[test]
fn regions_of_every_size_are_mapped() {
    for (input, output) in [(5, 6), (28, 28), (5, 28), (28, 6), (17, 9)] {
        begins(&filled(&emit(input, output)), 28);
    }
    let leaf = region(WORKING_BASE, 5);
    begins(&filled(&relu(leaf, leaf)), 20);
}

#[test]
fn inputs_may_overlap_each_other_and_the_output() {
    let mut descriptor = matmul();
    descriptor.output = RegionSpec { column_stride: 0, ..region(WORKING_BASE + 4096, 6) };
    begins(&filled(&descriptor), 25);
    descriptor.input_specs[0] = region(WORKING_BASE, 13);
    begins(&filled(&descriptor), 25);
}

#[test]
fn the_first_and_the_last_operator_of_a_program_are_found() {
    for pc in [0, 1, 65_534, 65_535] {
        let mut scene = filled(&matmul());
        scene.pc = pc;
        let descriptor = scene.descriptor.clone();
        scene.place(&descriptor);
        begins(&scene, 25);
    }
}

#[test]
fn every_bit_of_the_witness_counts() {
    let scene = filled(&matmul());
    let witness = scene.begin_witness();
    // Descriptor, 16 siblings; then a root and 27 or 33 siblings for regions of 2^13 and 2^7 bytes.
    let starts = [0, 1024, 1024 + 28 * 32, 1024 + (28 + 34) * 32];
    assert_eq!(witness.len(), starts[3]);
    let parts = [Part::Descriptor, Part::Input(0), Part::Input(1)];
    for byte in 0..witness.len() {
        let mut other = witness.clone();
        other[byte] ^= 1 << (byte % 8);
        let expected = parts[starts.iter().filter(|start| **start <= byte).count() - 1];
        match begun(&scene, &other) {
            Err(HandoverError::Proof { part, source: PathError::WrongRoot { .. } }) => {
                assert_eq!(part, expected, "byte {byte}");
            }
            result => panic!("byte {byte}: {result:?}"),
        }
    }
}

#[test]
fn the_witness_ends_where_the_step_ends() {
    let scene = filled(&matmul());
    let witness = scene.begin_witness();
    for length in 0..witness.len() {
        let result = begun(&scene, &witness[..length]);
        assert!(matches!(result, Err(HandoverError::Short { .. })), "{length}: {result:?}");
    }
    for surplus in [1, 32, 1024] {
        let longer = [witness.clone(), vec![0; surplus]].concat();
        assert_eq!(begun(&scene, &longer), Err(HandoverError::Long { surplus }));
    }
    let short = HandoverError::Short { part: Part::Descriptor, needed: 512, available: 0 };
    assert_eq!(begun(&scene, &[]), Err(short));
    let short = HandoverError::Short { part: Part::Input(1), needed: 33 * 32, available: 1055 };
    assert_eq!(begun(&scene, &witness[..witness.len() - 1]), Err(short));
}

#[test]
fn another_state_or_model_has_another_run_or_none() {
    let scene = filled(&matmul());
    let (state, roots, witness) = (scene.state(), scene.roots(), scene.begin_witness());
    let honest = begun(&scene, &witness).unwrap();
    let refused = |state, roots| begin::<AlloyKeccak>(&state, &roots, &witness).is_err();

    let mut other = state;
    other.memory_root.0[31] ^= 1;
    assert!(refused(other, roots));
    let mut other = state;
    other.pc += 1;
    assert!(refused(other, roots));
    let mut other = roots;
    other.program_root.0[0] ^= 1;
    assert!(refused(state, other));

    for change in [
        |s: &mut Scene| s.tile = 1,
        |s: &mut Scene| s.iteration = 1,
        |s: &mut Scene| {
            s.image.write(0, b"another image");
        },
    ] {
        let mut other = scene.clone();
        change(&mut other);
        let run = begun(&other, &witness).unwrap();
        assert_ne!(run, honest);
        assert_eq!(run, Begun::Run(Run { initial: other.initial(), bound: 25 }));
    }
}

#[test]
fn another_operator_cannot_be_shown_instead() {
    let scene = filled(&matmul());
    let mut other = scene.clone();
    let mut cheaper = matmul();
    cheaper.bound = 30;
    other.descriptor = cheaper.encode().to_vec();
    // Its own path leads to another program; the path of the true one to another root.
    assert!(begun(&scene, &other.begin_witness()).is_err());
    // An operator that the program has, but at another pc.
    let mut elsewhere = scene.clone();
    elsewhere.pc = 6;
    elsewhere.descriptor = vec![0x5a; 512];
    assert!(begun(&scene, &elsewhere.descriptor_part()).is_err());
}

#[test]
fn inputs_cannot_change_places() {
    let mut descriptor = relu(region(WORKING_BASE, 6), region(WORKING_BASE + 64, 6));
    descriptor.kernel = 3;
    descriptor.input_count = 2;
    descriptor.input_specs[1] = region(WORKING_BASE + 128, 6);
    let scene = filled(&descriptor);
    begins(&scene, 20);
    let witness = scene.begin_witness();
    let (front, inputs) = witness.split_at(1024);
    let (first, second) = inputs.split_at(35 * 32);
    assert!(begun(&scene, &[front, second, first].concat()).is_err());
    assert!(begun(&scene, &[front, first, first].concat()).is_err());
}
