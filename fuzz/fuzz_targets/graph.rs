//! A graph state, a descriptor and proofs. Nothing panics; right proofs are never refused and lead where
//! the memories written out lead; other proofs lead nowhere, so no step has a second answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opml_core::graph::handover::{Begun, HandoverError, Program, Run, begin, end};
use opml_core::graph::{GraphState, GraphStatus, OutputProof, Request};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::zero_root;
use opml_core::mips;

#[path = "../../onchain/core/tests/support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "../../onchain/core/tests/support/graph.rs"]
#[allow(dead_code)]
mod graph;
#[path = "../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code)]
mod naive;
#[path = "../../onchain/core/tests/support/scenario.rs"]
#[allow(dead_code)]
mod scenario;
#[path = "../../onchain/core/tests/support/table.rs"]
#[allow(dead_code)]
mod table;

use graph::{Ended, Scene};
use scenario::Entropy;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else { return };
    match mode % 4 {
        0 => arbitrary(rest),
        1 => step(described(rest), &mut Entropy::new(rest)),
        _ => {
            let mut entropy = Entropy::new(rest);
            step(draw::scene(&mut entropy), &mut entropy);
        }
    }
});

/// Everything from the input as it stands.
fn arbitrary(data: &[u8]) {
    let (state, rest) = data.split_at(data.len().min(48));
    let Ok(state) = GraphState::decode(state) else { return };
    let zero = zero_root(20).unwrap_or_default();
    let program = Program { program_root: zero, image_root: zero };
    let _ = begin::<AlloyKeccak>(&state, &program, rest);
    let proof = OutputProof { base: 1 << 39, log2_size: 10, output: rest, path: &[] };
    let _ = proof.check::<AlloyKeccak>(&state);
    if let Ok(request) = Request::decode(rest) {
        assert_eq!(&rest[..128], request.header());
    }
    let (last, rest) = rest.split_at(rest.len().min(192));
    if let Ok(last) = mips::State::decode(last) {
        let _ = end::<AlloyKeccak>(&state, zero, &last, rest);
    }
}

/// A scene whose descriptor is the input.
fn described(data: &[u8]) -> Scene {
    let mut scene = draw::scene(&mut Entropy::new(&[]));
    (scene.pc, scene.status) = (9, GraphStatus::Running);
    let mut place = Entropy::new(data.get(512..).unwrap_or_default());
    (scene.tile, scene.iteration) = (place.value(), place.value());
    let mut descriptor = [0; 512];
    for (to, from) in descriptor.iter_mut().zip(data) {
        *to = *from;
    }
    scene.place(&descriptor);
    scene
}

/// The step of a scene, by its proofs and by others.
fn step(scene: Scene, entropy: &mut Entropy<'_>) {
    let witness = scene.begin_witness();
    assert_eq!(begun(&scene, &witness), Ok(expected(&scene)));
    let other = edited(&witness, entropy);
    assert_eq!(begun(&scene, &other).is_ok(), other == witness);

    let Some(ended) = draw::ended(&scene, entropy) else { return };
    let witness = scene.end_witness(&ended);
    assert_eq!(reached(&scene, &ended, &witness), Ok(scene.successor(&ended)));
    let other = edited(&witness, entropy);
    assert_eq!(reached(&scene, &ended, &other).is_ok(), other == witness);
}

fn begun(scene: &Scene, witness: &[u8]) -> Result<Begun, HandoverError> {
    begin::<AlloyKeccak>(&scene.state(), &scene.roots(), witness)
}

fn reached(scene: &Scene, ended: &Ended, witness: &[u8]) -> Result<GraphState, HandoverError> {
    let program_root = scene.roots().program_root;
    end::<AlloyKeccak>(&scene.state(), program_root, &ended.state(), witness)
}

fn expected(scene: &Scene) -> Begun {
    match scene.run() {
        Some(tile) => Begun::Run(Run { initial: scene.initial(), bound: tile.bound }),
        None if scene.status == GraphStatus::Running => Begun::Direct(scene.state().failed()),
        None => Begun::Direct(scene.state()),
    }
}

fn edited(witness: &[u8], entropy: &mut Entropy<'_>) -> Vec<u8> {
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
