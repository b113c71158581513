//! Outputs of final states by their length and root.

use opml_core::graph::{
    GraphState, GraphStatus, OUTPUT_ROOT_PROOF_BYTES, Output, OutputRootError, OutputRootProof,
};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::{PathError, RegionError};

use crate::graph::{GRAPH_LEVELS, Range, write};
use crate::naive::NaiveMemory;

const TEXT: &[u8] = b"forty-two, as everybody knows by now";
const REGION: Range = Range { base: 0xc0_1234_5400, log2_size: 10 };
/// The first leaf of the region, and a leaf behind it.
const LEAF: Range = Range { base: REGION.base, log2_size: 5 };

/// A memory whose output region holds `bytes`.
fn holding(bytes: &[u8]) -> NaiveMemory {
    let mut memory = NaiveMemory::new(GRAPH_LEVELS);
    write(&mut memory, REGION.base, bytes);
    write(&mut memory, REGION.base ^ 0x400, b"a neighbour");
    memory
}

fn halted(memory: &NaiveMemory) -> GraphState {
    GraphState { status: GraphStatus::Halted, ..GraphState::start(memory.root()) }
}

fn region_bytes(output: &[u8]) -> Vec<u8> {
    let length = u32::try_from(output.len()).unwrap().to_le_bytes();
    [&length[..], &[0; 28], output].concat()
}

/// What shows that `leaf` of `memory` is `bytes`.
fn proof_of(memory: &NaiveMemory, leaf: Range, bytes: &[u8]) -> Vec<u8> {
    [bytes, &memory.path_bytes(leaf.level(), leaf.index())].concat()
}

fn check(state: &GraphState, path: &[u8]) -> Result<Output, OutputRootError> {
    let Range { base, log2_size } = REGION;
    OutputRootProof { base, log2_size, path }.check::<AlloyKeccak>(state)
}

/// The proof for a region that holds `bytes`, and what comes of it.
fn shown(bytes: &[u8]) -> (GraphState, Vec<u8>, Result<Output, OutputRootError>) {
    let memory = holding(bytes);
    let mut leaf = bytes.to_vec();
    leaf.resize(32, 0);
    let path = proof_of(&memory, LEAF, &leaf[..32]);
    let state = halted(&memory);
    let answer = check(&state, &path);
    (state, path, answer)
}

#[test]
fn length_and_root_are_those_of_the_region() {
    for output in [TEXT, &[], &[1], &[0], &[7; 32], &[7; 33], &[9; 992]] {
        let memory = holding(&region_bytes(output));
        let length = u32::try_from(output.len()).unwrap();
        let root = memory.node(REGION.level(), REGION.index());
        let (_, path, answer) = shown(&region_bytes(output));
        assert_eq!(path.len(), OUTPUT_ROOT_PROOF_BYTES);
        assert_eq!(answer, Ok(Output { length, root }));
    }
}

#[test]
fn a_length_fits_its_region_and_has_nothing_behind_it() {
    for place in 4..32 {
        let mut bytes = region_bytes(TEXT);
        bytes[place] = 1;
        let (_, path, answer) = shown(&bytes);
        let leaf = path[..32].try_into().unwrap();
        assert_eq!(answer, Err(OutputRootError::Length { leaf, log2_size: 10 }), "byte {place}");
    }
    for length in [993_u32, 1024, u32::MAX] {
        let answer = shown(&length.to_le_bytes()).2;
        assert!(matches!(answer, Err(OutputRootError::Length { .. })), "{length}");
    }
    assert_eq!(shown(&992_u32.to_le_bytes()).2.unwrap().length, 992);
}

#[test]
fn what_lies_behind_the_output_changes_the_root_alone() {
    let mut bytes = region_bytes(TEXT);
    let clean = shown(&bytes).2.unwrap();
    bytes.resize(1024, 0);
    bytes[1023] = 1;
    let dirty = shown(&bytes).2.unwrap();
    assert_eq!(clean.length, dirty.length);
    assert_ne!(clean.root, dirty.root);
}

#[test]
fn every_bit_of_the_proof_counts() {
    let (state, path, _) = shown(&region_bytes(TEXT));
    for byte in 0..path.len() {
        let mut other = path.clone();
        other[byte] ^= 0x10;
        assert!(check(&state, &other).is_err(), "byte {byte}");
    }
    for length in [0, 31, 32, 960, 1120, 1151, 1153, 1184] {
        let mut other = path.clone();
        other.resize(length, 0);
        let expected = OUTPUT_ROOT_PROOF_BYTES;
        let error = PathError::Length { expected, actual: length };
        assert_eq!(check(&state, &other), Err(OutputRootError::Path(error)));
    }
}

/// A leaf elsewhere that looks like a length, with its own siblings, is not the region's first.
#[test]
fn only_the_first_leaf_tells_the_length() {
    let mut bytes = region_bytes(TEXT);
    bytes.resize(96, 0);
    bytes.extend(region_bytes(b"another"));
    let memory = holding(&bytes);
    let second = Range { base: REGION.base + 96, log2_size: 5 };
    let mut leaf = region_bytes(b"another");
    leaf.truncate(32);
    let path = proof_of(&memory, second, &leaf);
    let error = check(&halted(&memory), &path).unwrap_err();
    assert!(matches!(error, OutputRootError::Path(PathError::WrongRoot { .. })));
}

#[test]
fn only_halted_states_have_a_region() {
    let (state, path, _) = shown(&region_bytes(TEXT));
    for status in [GraphStatus::Running, GraphStatus::Failed] {
        let other = GraphState { status, ..state };
        assert_eq!(check(&other, &path), Err(OutputRootError::NotHalted));
    }
}

#[test]
fn the_region_must_be_one() {
    let (state, path, _) = shown(&region_bytes(TEXT));
    for (base, log2_size) in [(32, 10), (1 << 40, 10), (0, 4), (0, 41), (u64::MAX, 255)] {
        let proof = OutputRootProof { base, log2_size, path: &path };
        let error = proof.check::<AlloyKeccak>(&state).unwrap_err();
        assert!(matches!(error, OutputRootError::Region(_)));
    }
    let error = RegionError::Alignment { base: 32, log2_size: 10 };
    let proof = OutputRootProof { base: 32, log2_size: 10, path: &path };
    assert_eq!(proof.check::<AlloyKeccak>(&state), Err(OutputRootError::Region(error)));
    let smaller = OutputRootProof { base: REGION.base, log2_size: 6, path: &path };
    let error = smaller.check::<AlloyKeccak>(&state).unwrap_err();
    assert!(matches!(error, OutputRootError::Length { .. }), "36 bytes do not fit in 32");
}
