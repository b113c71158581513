//! Requests and the first state of a program on them. Roots are literals of an independent keccak.

use alloy_primitives::{B256, b256, keccak256};
use opml_core::graph::{
    GraphState, MAX_INPUT_BYTES, Request, RequestError, initial_memory_root, initial_state,
};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::zero_root;
use proptest::prelude::*;

use crate::graph::{GRAPH_LEVELS, Range, WINDOW_LEVELS, write};
use crate::naive::{NaiveMemory, join, zero};

const INPUT: &[u8] = b"What is seven times six?";

fn example() -> Request<'static> {
    let mut params = [0; 28];
    params[..3].copy_from_slice(&[0x3f00_0000, 40, 128]);
    params[27] = 0xdead_beef;
    Request::new(INPUT, 0x0123_4567_89ab_cdef, params).unwrap()
}

const HEADER: &str = "\
    1800000000000000efcdab89674523010000003f280000008000000000000000\
    0000000000000000000000000000000000000000000000000000000000000000\
    0000000000000000000000000000000000000000000000000000000000000000\
    00000000000000000000000000000000000000000000000000000000efbeadde";

#[test]
fn a_header_is_encoded_field_by_field_little_endian() {
    assert_eq!(hex::encode(example().header()), HEADER);
    let bytes = [hex::decode(HEADER).unwrap(), INPUT.to_vec()].concat();
    assert_eq!(Request::decode(&bytes), Ok(example()));
}

#[test]
fn roots_match_an_independent_keccak() {
    let request = example();
    let root = b256!("0x5cd80097118c90dff19ebdf6ee3979a84361a43dea701a28b4acd4945da4d583");
    assert_eq!(request.region_root::<AlloyKeccak>(), root);
    let weights = keccak256("weights");
    let memory_root = b256!("0x0b7fdf03b5ec69d822afd2ef446eec4a766f216bdf46f7fd873d70e62a3e2cc8");
    assert_eq!(initial_memory_root::<AlloyKeccak>(&weights, root), memory_root);
    let state = initial_state::<AlloyKeccak>(&weights, &request);
    assert_eq!(state, GraphState::start(memory_root));
    let hash = b256!("0x2ca7b991124bef588af4ea88db63d005b5d2785d11e5233a38e58ad591e615af");
    assert_eq!(state.hash::<AlloyKeccak>(), hash);
}

#[test]
fn the_empty_request_is_zero_memory() {
    let request = Request::new(&[], 0, [0; 28]).unwrap();
    assert_eq!(request.region_root::<AlloyKeccak>(), zero_root(WINDOW_LEVELS).unwrap());
    let weights = zero_root(34).unwrap();
    let state = initial_state::<AlloyKeccak>(&weights, &request);
    assert_eq!(state.memory_root, zero_root(GRAPH_LEVELS).unwrap());
}

#[test]
fn the_first_state_is_the_request_at_the_middle_of_a_memory_of_weights() {
    let mut memory = NaiveMemory::new(GRAPH_LEVELS);
    write(&mut memory, 0x40, &[7; 77]);
    write(&mut memory, (1 << 39) - 32, &[8; 32]);
    let weights = memory.node(34, 0);
    write(&mut memory, 1 << 39, &hex::decode(HEADER).unwrap());
    write(&mut memory, (1 << 39) + 128, INPUT);
    let state = initial_state::<AlloyKeccak>(&weights, &example());
    assert_eq!(state, GraphState::start(memory.root()));
}

#[test]
fn a_request_has_one_encoding() {
    let bytes = [hex::decode(HEADER).unwrap(), INPUT.to_vec()].concat();
    for actual in 0..128 {
        assert_eq!(Request::decode(&bytes[..actual]), Err(RequestError::Short { actual }));
    }
    for length in (128..bytes.len()).chain([bytes.len() + 1]) {
        let mut other = bytes.clone();
        other.resize(length, 0);
        let error = RequestError::InputLength { stated: 24, actual: length - 128 };
        assert_eq!(Request::decode(&other), Err(error));
    }
    for byte in 4..8 {
        let mut other = bytes.clone();
        other[byte] = 1;
        let value = 1 << (8 * (byte - 4));
        assert_eq!(Request::decode(&other), Err(RequestError::Reserved { value }));
    }
    for byte in 0..4 {
        let mut other = bytes.clone();
        other[byte] ^= 0x80;
        assert!(matches!(Request::decode(&other), Err(RequestError::InputLength { .. })));
    }
}

#[test]
fn the_longest_input_fits_the_region() {
    let longest = vec![0; MAX_INPUT_BYTES as usize + 1];
    let actual = longest.len();
    assert_eq!(Request::new(&longest, 0, [0; 28]), Err(RequestError::TooLong { actual }));
    assert!(Request::new(&longest[1..], 1, [2; 28]).is_ok());
    assert_eq!(u64::from(MAX_INPUT_BYTES) + 128, 1 << 28);
}

#[test]
fn a_long_input_is_hashed_without_being_copied() {
    const LOG2: u8 = 20;
    let input = vec![0xa5; (1 << LOG2) - 128];
    let request = Request::new(&input, 1, [2; 28]).unwrap();
    // Four leaves of header, then nothing but leaves of 0xa5.
    let mut header = NaiveMemory::new(2);
    header.write(0, &request.header());
    let (mut expected, mut same) = (header.root(), B256::repeat_byte(0xa5));
    for level in 0..WINDOW_LEVELS {
        if (2..LOG2 - 5).contains(&level) {
            expected = join(expected, same);
        } else if level >= 2 {
            expected = join(expected, zero(level));
        }
        same = join(same, same);
    }
    assert_eq!(request.region_root::<AlloyKeccak>(), expected);
}

proptest! {
    #[test]
    fn the_region_is_header_and_input_written_out(input in prop::collection::vec(any::<u8>(), 0..700), seed: u64, params: [u32; 28]) {
        let request = Request::new(&input, seed, params).unwrap();
        let bytes = [request.header().to_vec(), input.clone()].concat();
        prop_assert_eq!(Request::decode(&bytes), Ok(request));
        let mut window = NaiveMemory::new(WINDOW_LEVELS);
        write(&mut window, 0, &bytes);
        let region = Range { base: 0, log2_size: 28 };
        prop_assert_eq!(request.region_root::<AlloyKeccak>(), window.node(region.level(), 0));
    }
}
