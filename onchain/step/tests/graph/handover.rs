//! `begin` and `end`.

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use opml_core::graph::GraphStatus;
use opml_core::graph::operator::Control;
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::Status;
use opml_step::IStepVerifier::{self, GraphPart, IStepVerifierErrors as Revert, StepKind};

use crate::calls::{BEGIN, begin_call, begin_returns, calldata, end_call, end_returns, noise};
use crate::draw;
use crate::graph::{Ended, Scene};
use crate::scenario::Entropy;
use crate::scenes::{filled, matmul, with_control};
use crate::{call, revert};

fn choosing() -> (Scene, Ended) {
    let mut scene = filled(&with_control(matmul(), Control::ExitIf { target: 2 }));
    scene.tile = 3;
    let ended = scene.ended(Status::Exited(0), b"sixteen numbers, or rather, letters");
    (scene, ended)
}

#[test]
fn begin_returns_the_first_state_of_a_run() {
    let (scene, _) = choosing();
    let calldata = begin_call(&scene, &scene.begin_witness());
    let returned = call(&calldata).unwrap();
    let returned = IStepVerifier::beginCall::abi_decode_returns_validate(&returned).unwrap();
    assert_eq!(returned.kind, StepKind::Run);
    assert_eq!(returned.result, scene.initial().hash::<AlloyKeccak>());
    assert_eq!(returned.bound, 25);
}

#[test]
fn begin_returns_the_successor_where_there_is_no_run() {
    let (mut scene, _) = choosing();
    scene.tile = 4;
    let failed = scene.state().failed();
    let halted = Scene { status: GraphStatus::Halted, ..scene.clone() };
    for (scene, successor) in [(&scene, failed), (&halted, halted.state())] {
        let returned = call(&begin_call(scene, &scene.begin_witness())).unwrap();
        let returned = IStepVerifier::beginCall::abi_decode_returns_validate(&returned).unwrap();
        assert_eq!(returned.kind, StepKind::Direct);
        assert_eq!(returned.result, successor.hash::<AlloyKeccak>());
        assert_eq!(returned.bound, 0);
    }
}

#[test]
fn end_returns_the_successor_and_the_hash_of_the_last_state() {
    let (scene, ended) = choosing();
    let returned = call(&end_call(&scene, &ended, &scene.end_witness(&ended))).unwrap();
    let returned = IStepVerifier::endCall::abi_decode_returns_validate(&returned).unwrap();
    assert_eq!(returned.successor, scene.successor(&ended).hash::<AlloyKeccak>());
    assert_eq!(returned.finalStateHash, ended.state().hash::<AlloyKeccak>());
}

#[test]
fn the_state_shown_must_be_the_one_agreed_on() {
    let (scene, _) = choosing();
    let honest = begin_call(&scene, &scene.begin_witness());
    // The agreed hash, and every field of the state that is shown.
    let state = 4 + 5 * 32 + 32;
    for byte in (4..36).chain(state..state + 44).chain([state + 47]) {
        let mut other = honest.clone();
        other[byte] ^= 1;
        match revert(&other) {
            Revert::GraphStateNotAgreed(error) => assert_ne!(error.expected, error.computed),
            // The last byte is the status: a halted state is one, but not this one.
            error => panic!("byte {byte}: {error:?}"),
        }
    }
}

#[test]
fn every_bit_of_a_call_counts() {
    let (scene, ended) = choosing();
    let begin = begin_call(&scene, &scene.begin_witness());
    // All but the image root, which the caller vouches for.
    let image = 4 + 64..4 + 96;
    for byte in (0..begin.len()).filter(|byte| !image.contains(byte)) {
        let mut other = begin.clone();
        other[byte] ^= 1 << (byte % 8);
        revert(&other);
    }
    let end = end_call(&scene, &ended, &scene.end_witness(&ended));
    let honest = call(&end).unwrap();
    for byte in 0..end.len() {
        let mut other = end.clone();
        other[byte] ^= 1 << (byte % 8);
        // Another last state is another claim, and says so in the hash returned.
        if let Ok(returned) = call(&other) {
            assert_ne!(returned[32..], honest[32..], "byte {byte}");
        }
    }
}

#[test]
fn calldata_cut_or_extended_reverts() {
    let (scene, ended) = choosing();
    let end = end_call(&scene, &ended, &scene.end_witness(&ended));
    for calldata in [begin_call(&scene, &scene.begin_witness()), end] {
        for length in 4..calldata.len() {
            let error = revert(&calldata[..length]);
            assert!(matches!(error, Revert::CalldataTooShort(_)), "{length}: {error:?}");
        }
        for tail in [&[0][..], &[1; 32]] {
            let error = revert(&[&calldata, tail].concat());
            assert!(matches!(error, Revert::CalldataTooLong(_)), "{error:?}");
        }
    }
}

#[test]
fn offsets_are_counted_from_the_first_argument() {
    let (scene, _) = choosing();
    let honest = begin_call(&scene, &scene.begin_witness());
    for (argument, expected) in [(3_u64, 160_u64), (4, 256)] {
        let mut other = honest.clone();
        let place = 4 + 32 * usize::try_from(argument).unwrap();
        other[place + 31] ^= 0x20;
        let offset = expected ^ 0x20;
        let error = IStepVerifier::OffsetNotCanonical { argument, offset, expected };
        assert_eq!(revert(&other), Revert::OffsetNotCanonical(error));
    }
}

#[test]
fn malformed_graph_states_are_named() {
    let words = [B256::ZERO; 3];
    let error = IStepVerifier::GraphStateLength { actual: 47 };
    assert_eq!(revert(&calldata(BEGIN, &words, &[&[0; 47], &[]])), Revert::GraphStateLength(error));
    let mut state = [0; 48];
    state[47] = 3;
    let error = IStepVerifier::GraphStateStatus { status: 3 };
    assert_eq!(revert(&calldata(BEGIN, &words, &[&state, &[]])), Revert::GraphStateStatus(error));
}

#[test]
fn a_malformed_last_state_is_named() {
    let (scene, ended) = choosing();
    let mut other = end_call(&scene, &ended, &scene.end_witness(&ended));
    // Behind selector, five head words, the graph state: the last byte of the machine's code.
    let last = 4 + 5 * 32 + 32 + 64 + 32;
    other[last + 191] = 1;
    let exit = call(&other).unwrap_err();
    assert!(matches!(exit, Revert::HandoverTooLong(_)), "{exit:?}");
    other[last + 190] = 1;
    let error = IStepVerifier::StateStatus { status: 1, code: 257 };
    assert_eq!(revert(&other), Revert::StateStatus(error));
}

#[test]
fn parts_of_the_witness_are_named() {
    let (scene, ended) = choosing();
    let begin = scene.begin_witness();
    let short = |part, needed, available| {
        Revert::HandoverTooShort(IStepVerifier::HandoverTooShort { part, needed, available })
    };
    let begins = |witness: &[u8]| revert(&begin_call(&scene, witness));
    assert_eq!(begins(&[]), short(GraphPart::Descriptor, 512, 0));
    assert_eq!(begins(&begin[..1024]), short(GraphPart::Input0, 32, 0));
    assert_eq!(begins(&begin[..begin.len() - 1]), short(GraphPart::Input1, 33 * 32, 33 * 32 - 1));
    let error = IStepVerifier::HandoverTooLong { surplus: 3 };
    assert_eq!(begins(&[&begin[..], &[0; 3]].concat()), Revert::HandoverTooLong(error));

    let end = scene.end_witness(&ended);
    let parts = [
        (0, GraphPart::Descriptor),
        (1024, GraphPart::NewOutput),
        (1024 + 27 * 32, GraphPart::OldOutput),
        (1024 + (27 + 35) * 32, GraphPart::FirstLeaf),
    ];
    for (place, part) in parts {
        let mut other = end.clone();
        other[place] ^= 1;
        let error = revert(&end_call(&scene, &ended, &other));
        let Revert::HandoverWrongRoot(error) = error else { panic!("{error:?}") };
        assert_eq!(error.part, part);
        assert_ne!(error.expected, error.computed);
    }
}

#[test]
fn end_has_no_answer_where_there_is_no_run() {
    let (scene, ended) = choosing();
    for status in [GraphStatus::Halted, GraphStatus::Failed] {
        let scene = Scene { status, ..scene.clone() };
        let error = revert(&end_call(&scene, &ended, &[]));
        assert_eq!(error, Revert::NoRun(IStepVerifier::NoRun {}));
    }
    let scene = Scene { tile: 4, ..scene };
    let error = revert(&end_call(&scene, &ended, &scene.descriptor_part()));
    assert_eq!(error, Revert::NoRun(IStepVerifier::NoRun {}));
}

#[test]
fn random_calls_return_what_the_library_says() {
    for seed in 0..300 {
        let bytes = noise(seed, 400);
        let mut entropy = Entropy::new(&bytes);
        let scene = draw::scene(&mut entropy);
        let mut witness = scene.begin_witness();
        if seed % 3 == 0 {
            witness.truncate(usize::from(entropy.byte()) * 16);
        }
        let result = call(&begin_call(&scene, &witness)).ok();
        assert_eq!(result, begin_returns(&scene, &witness).ok(), "seed {seed}");
        let Some(ended) = draw::ended(&scene, &mut entropy) else { continue };
        let witness = scene.end_witness(&ended);
        let result = call(&end_call(&scene, &ended, &witness)).ok();
        assert_eq!(result, end_returns(&scene, &ended, &witness).ok(), "seed {seed}");
        assert!(result.is_some());
    }
}
