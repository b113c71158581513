//! Outputs of final states.

use alloy_primitives::{B256, b256};
use opml_core::graph::{
    GraphState, GraphStatus, Output, OutputError, OutputProof, output_region_root,
};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::{PathError, RegionError};

use crate::graph::{GRAPH_LEVELS, Range, write};
use crate::naive::NaiveMemory;

const TEXT: &[u8] = b"forty-two, as everybody knows by now";
const REGION: Range = Range { base: 0xc0_1234_5400, log2_size: 10 };

/// A halted state whose output region holds `bytes`, and the path of the region.
fn halted(bytes: &[u8]) -> (GraphState, Vec<u8>) {
    let mut memory = NaiveMemory::new(GRAPH_LEVELS);
    write(&mut memory, REGION.base, bytes);
    write(&mut memory, REGION.base ^ 0x400, b"a neighbour");
    let state = GraphState { status: GraphStatus::Halted, ..GraphState::start(memory.root()) };
    (state, memory.path_bytes(REGION.level(), REGION.index()))
}

fn region_bytes(output: &[u8]) -> Vec<u8> {
    let length = u32::try_from(output.len()).unwrap().to_le_bytes();
    [&length[..], &[0; 28], output].concat()
}

fn check(state: &GraphState, output: &[u8], path: &[u8]) -> Result<Output, OutputError> {
    let Range { base, log2_size } = REGION;
    OutputProof { base, log2_size, output, path }.check::<AlloyKeccak>(state)
}

fn is_elsewhere(result: Result<Output, OutputError>) -> bool {
    matches!(result, Err(OutputError::Path(PathError::WrongRoot { .. })))
}

#[test]
fn region_roots_match_an_independent_keccak() {
    let text = b256!("0x7843026571d2092b3040c99da1ef9b9e492930c2752fe4f9d9d63c49bb6a0720");
    assert_eq!(output_region_root::<AlloyKeccak>(TEXT, 10), Some(text));
    let empty = b256!("0x0eb01ebfc9ed27500cd4dfc979272d1f0913cc9f66540d7e8005811109e1cf2d");
    assert_eq!(output_region_root::<AlloyKeccak>(&[], 10), Some(empty));
}

#[test]
fn a_halted_states_output_is_what_its_region_holds() {
    for output in [TEXT, &[], &[1], &[0], &[7; 32], &[7; 33], &[9; 992]] {
        let (state, path) = halted(&region_bytes(output));
        let length = u32::try_from(output.len()).unwrap();
        let root = output_region_root::<AlloyKeccak>(output, 10).unwrap();
        assert_eq!(check(&state, output, &path), Ok(Output { length, root }));
    }
}

#[test]
fn nobody_trims_extends_or_alters_an_output() {
    let (state, path) = halted(&region_bytes(TEXT));
    for end in 0..TEXT.len() {
        assert!(is_elsewhere(check(&state, &TEXT[..end], &path)));
        let mut altered = TEXT.to_vec();
        altered[end] ^= 1;
        assert!(is_elsewhere(check(&state, &altered, &path)));
    }
    for more in 1..64 {
        assert!(is_elsewhere(check(&state, &[TEXT, &vec![0; more]].concat(), &path)));
    }
}

#[test]
fn a_region_of_another_form_has_no_output() {
    let full = [region_bytes(TEXT), vec![0; 956]].concat();
    for place in (4..32).chain([68, 69, 96, 1023]) {
        let mut bytes = full.clone();
        bytes[place] = 1;
        let (state, path) = halted(&bytes);
        assert!(is_elsewhere(check(&state, TEXT, &path)), "byte {place}");
    }
}

#[test]
fn an_output_fits_its_region() {
    let (state, path) = halted(&region_bytes(&[9; 992]));
    let error = OutputError::TooLong { actual: 993, log2_size: 10 };
    assert_eq!(check(&state, &[9; 993], &path), Err(error));
    assert_eq!(output_region_root::<AlloyKeccak>(&[], 4), None);
    assert!(output_region_root::<AlloyKeccak>(&[], 5).is_some());
    assert_eq!(output_region_root::<AlloyKeccak>(&[1], 5), None);
    assert!(output_region_root::<AlloyKeccak>(&[1], 40).is_some());
    assert_eq!(output_region_root::<AlloyKeccak>(&[1], 41), None);
}

#[test]
fn the_path_has_one_sibling_a_level_and_every_bit_counts() {
    let (state, path) = halted(&region_bytes(TEXT));
    assert_eq!(path.len(), 30 * 32);
    for length in [0, 32, 959, 961, 992] {
        let mut other = path.clone();
        other.resize(length, 0);
        let error = PathError::Length { expected: 960, actual: length };
        assert_eq!(check(&state, TEXT, &other), Err(OutputError::Path(error)));
    }
    for byte in 0..path.len() {
        let mut other = path.clone();
        other[byte] ^= 0x10;
        assert!(is_elsewhere(check(&state, TEXT, &other)));
    }
}

#[test]
fn a_failed_states_output_is_empty() {
    let (state, path) = halted(&region_bytes(TEXT));
    let failed = state.failed();
    assert_eq!(check(&failed, &[], &[]), Ok(Output { length: 0, root: B256::ZERO }));
    let refused = |output: &[u8], path: &[u8]| {
        let error = OutputError::Failed { output: output.len(), path: path.len() };
        assert_eq!(check(&failed, output, path), Err(error));
    };
    refused(TEXT, &path);
    refused(&[], &path);
    refused(&[0], &[]);
}

#[test]
fn a_running_state_has_no_output() {
    let (state, path) = halted(&region_bytes(TEXT));
    let running = GraphState { status: GraphStatus::Running, ..state };
    assert_eq!(check(&running, TEXT, &path), Err(OutputError::Running));
    assert_eq!(check(&running, &[], &[]), Err(OutputError::Running));
}

#[test]
fn the_region_must_be_one() {
    let (state, path) = halted(&region_bytes(TEXT));
    let check = |base, log2_size| {
        OutputProof { base, log2_size, output: TEXT, path: &path }.check::<AlloyKeccak>(&state)
    };
    for (base, log2_size) in [(32, 10), (1 << 40, 10), (0, 4), (0, 41), (u64::MAX, 255)] {
        assert!(matches!(check(base, log2_size), Err(OutputError::Region(_))));
    }
    let error = RegionError::Alignment { base: 32, log2_size: 10 };
    assert_eq!(check(32, 10), Err(OutputError::Region(error)));
    assert!(is_elsewhere(check(REGION.base ^ 0x400, 10)));
}
