//! Random steps: what the proofs lead to is what the memories written out lead to, and nothing else
//! is taken for a proof.

use opml_core::graph::handover::{Begun, HandoverError, Run, begin, end};
use opml_core::graph::operator::{Descriptor, legal};
use opml_core::graph::{GraphStatus, GraphStep};
use opml_core::keccak::AlloyKeccak;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::draw;
use crate::graph::{Ended, Scene};
use crate::scenario::Entropy;

fn begun(scene: &Scene, witness: &[u8]) -> Result<Begun, HandoverError> {
    begin::<AlloyKeccak>(&scene.state(), &scene.roots(), witness)
}

/// What the step leads to, from the memories written out.
fn expected(scene: &Scene) -> Begun {
    match scene.run() {
        Some(tile) => Begun::Run(Run { initial: scene.initial(), bound: tile.bound }),
        None if scene.status == GraphStatus::Running => Begun::Direct(scene.state().failed()),
        None => Begun::Direct(scene.state()),
    }
}

pub fn edited(witness: &[u8], entropy: &mut Entropy<'_>) -> Vec<u8> {
    let mut witness = witness.to_vec();
    let at = entropy.word() as usize % (witness.len() + 1);
    match entropy.below(5) {
        0 => witness.truncate(at),
        1 => witness.extend([entropy.byte(); 32]),
        2 => witness.insert(at, entropy.byte()),
        3 => witness.rotate_left(at),
        _ => {
            if let Some(byte) = witness.get_mut(at) {
                *byte ^= entropy.byte();
            }
        }
    }
    witness
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_step_has_the_successor_that_is_written_out(bytes in prop::collection::vec(any::<u8>(), 400)) {
        let mut entropy = Entropy::new(&bytes);
        let scene = draw::scene(&mut entropy);
        prop_assert_eq!(begun(&scene, &scene.begin_witness()), Ok(expected(&scene)));
        let program_root = scene.roots().program_root;
        let end = |ended: &Ended, witness: &[u8]| {
            end::<AlloyKeccak>(&scene.state(), program_root, &ended.state(), witness)
        };
        if let Some(ended) = draw::ended(&scene, &mut entropy) {
            prop_assert_eq!(end(&ended, &scene.end_witness(&ended)), Ok(scene.successor(&ended)));
        }
    }

    #[test]
    fn no_other_witness_is_taken(bytes in prop::collection::vec(any::<u8>(), 400)) {
        let mut entropy = Entropy::new(&bytes);
        let scene = draw::scene(&mut entropy);
        let witness = scene.begin_witness();
        let other = edited(&witness, &mut entropy);
        prop_assert_eq!(begun(&scene, &other).is_ok(), other == witness);
        if let Some(ended) = draw::ended(&scene, &mut entropy) {
            let witness = scene.end_witness(&ended);
            let other = edited(&witness, &mut entropy);
            let program_root = scene.roots().program_root;
            let result =
                end::<AlloyKeccak>(&scene.state(), program_root, &ended.state(), &other);
            prop_assert_eq!(result.is_ok(), other == witness);
        }
    }

    #[test]
    fn arbitrary_bytes_as_a_descriptor_fail_or_are_legal(
        bytes in prop::collection::vec(any::<u8>(), 512),
        plain in any::<bool>(), numbers in any::<[u32; 2]>(),
    ) {
        // Also small numbers, which get further.
        let bytes: Vec<u8> = bytes.iter().map(|byte| if plain { *byte } else { byte % 3 }).collect();
        let mut scene = draw::scene(&mut Entropy::new(&[7; 64]));
        (scene.pc, scene.status) = (9, GraphStatus::Running);
        [scene.tile, scene.iteration] = numbers;
        scene.place(&bytes);
        let descriptor: [u8; 512] = bytes.try_into().unwrap();
        let tile = Descriptor::decode(&descriptor)
            .and_then(|descriptor| legal(&descriptor, scene.iteration, scene.tile));
        let step = GraphStep::of(&scene.state(), &descriptor);
        prop_assert_eq!(matches!(step, GraphStep::Tile(_)), tile.is_ok());
        prop_assert_eq!(begun(&scene, &scene.begin_witness()), Ok(expected(&scene)));
    }
}

/// The generator reaches what it is for.
#[test]
fn random_steps_are_of_every_kind() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(any::<u8>(), 400);
    let (mut runs, mut direct, mut kernels) = (0, 0, std::collections::BTreeSet::new());
    for _ in 0..400 {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        let scene = draw::scene(&mut Entropy::new(&bytes));
        match scene.run() {
            Some(tile) => {
                runs += 1;
                kernels.insert((tile.operator.kernel(), tile.last));
            }
            None => direct += 1,
        }
    }
    assert!(runs > 100 && direct > 50, "{runs} runs, {direct} without");
    assert_eq!(kernels.len(), 16, "{kernels:?}");
}
