//! The encoding of graph states and their hash. Hashes are literals of an independent keccak.

use alloy_primitives::{B256, b256};
use opml_core::graph::{GRAPH_STATE_BYTES, GraphState, GraphStateError, GraphStatus};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::zero_root;
use proptest::prelude::*;

/// Every field with a value of its own.
fn filled(status: GraphStatus) -> GraphState {
    GraphState {
        memory_root: B256::new(std::array::from_fn(|i| 0x20 + u8::try_from(i).unwrap())),
        pc: 0x1122_3344,
        tile: 0x5566_7788,
        iteration: 0x99aa_bbcc,
        status,
    }
}

const FILLED: &str = "\
    202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\
    112233445566778899aabbcc00000002";

#[test]
fn a_state_is_encoded_field_by_field_big_endian() {
    let state = filled(GraphStatus::Failed);
    assert_eq!(hex::encode(state.encode()), FILLED);
    assert_eq!(GraphState::decode(&hex::decode(FILLED).unwrap()), Ok(state));
}

#[test]
fn hashes_match_an_independent_keccak() {
    let start = GraphState::start(zero_root(35).unwrap());
    let vectors = [
        (start, b256!("0x81f0eb49914bb5ecf574c32d25cce91c346d2331e39f8d4d72964f2b1c7d7ce7")),
        (
            filled(GraphStatus::Running),
            b256!("0x7037908c61fd70902e499b458f9d4193502ff2b2a6d89dc1fbb9ea0150b387aa"),
        ),
        (
            filled(GraphStatus::Halted),
            b256!("0x46d14ffa8480ab2a9b83855ff6a47e2567e4018cee8dfc00fd47e687e6cebfbb"),
        ),
        (
            filled(GraphStatus::Failed),
            b256!("0x6ff938e8daae57bb091550adfaa5d4160a32cb77176621d94995e557e0525216"),
        ),
    ];
    for (state, expected) in vectors {
        assert_eq!(state.hash::<AlloyKeccak>(), expected);
    }
}

#[test]
fn the_status_must_name_a_state() {
    let known = [GraphStatus::Running, GraphStatus::Halted, GraphStatus::Failed];
    for status in [0_u32, 1, 2, 3, 255, 256, 0x0100_0000, u32::MAX] {
        let mut bytes = filled(GraphStatus::Running).encode();
        bytes[44..].copy_from_slice(&status.to_be_bytes());
        let expected = match known.get(status as usize) {
            Some(known) => Ok(filled(*known)),
            None => Err(GraphStateError::Status { status }),
        };
        assert_eq!(GraphState::decode(&bytes), expected);
    }
}

#[test]
fn only_48_bytes_are_a_state() {
    for actual in (0..=96).filter(|length| *length != GRAPH_STATE_BYTES) {
        let error = GraphStateError::Length { actual };
        assert_eq!(GraphState::decode(&vec![0; actual]), Err(error));
    }
    assert_eq!(GRAPH_STATE_BYTES, 48);
}

proptest! {
    #[test]
    fn what_decodes_encodes_to_the_same_bytes(bytes in prop::collection::vec(any::<u8>(), 47), status in 0..4_u8) {
        let bytes = [bytes, vec![status]].concat();
        if let Ok(state) = GraphState::decode(&bytes) {
            prop_assert_eq!(state.encode().to_vec(), bytes);
        }
    }

    #[test]
    fn states_that_differ_anywhere_differ_in_their_hash(root: [u8; 32], numbers: [u32; 3], at in 0..48_usize, flip in 1..=255_u8) {
        let [pc, tile, iteration] = numbers;
        let memory_root = B256::new(root);
        let state = GraphState { memory_root, pc, tile, iteration, status: GraphStatus::Running };
        let mut bytes = state.encode();
        bytes[at] ^= flip;
        if let Ok(other) = GraphState::decode(&bytes) {
            prop_assert_ne!(other.hash::<AlloyKeccak>(), state.hash::<AlloyKeccak>());
        }
    }
}
