//! `initialState`, `output` and the views of a graph state.

use alloy_primitives::{B256, Bytes, b256, keccak256};
use alloy_sol_types::SolCall;
use opml_core::graph::{GraphState, GraphStatus, Request};
use opml_core::keccak::AlloyKeccak;
use opml_step::IStepVerifier::{self, IStepVerifierErrors as Revert};

use crate::calls::calldata;
use crate::graph::{GRAPH_LEVELS, Range, write};
use crate::naive::NaiveMemory;
use crate::{call, revert};

const REGION: Range = Range { base: 0xc0_1234_5400, log2_size: 10 };
const TEXT: &[u8] = b"forty-two, as everybody knows by now";

fn request() -> Vec<u8> {
    let mut params = [0; 28];
    params[..3].copy_from_slice(&[0x3f00_0000, 40, 128]);
    params[27] = 0xdead_beef;
    let input = b"What is seven times six?";
    let request = Request::new(input, 0x0123_4567_89ab_cdef, params).unwrap();
    [&request.header()[..], input].concat()
}

fn initial(request: &[u8]) -> Vec<u8> {
    let request = Bytes::copy_from_slice(request);
    let call = IStepVerifier::initialStateCall { weightsRoot: keccak256("weights"), request };
    let encoded = call.abi_encode();
    let by_hand = calldata("initialState(bytes32,bytes)", &[call.weightsRoot], &[&call.request]);
    assert_eq!(encoded, by_hand);
    encoded
}

#[test]
fn the_first_state_follows_from_weights_and_request() {
    let hash = b256!("0x2ca7b991124bef588af4ea88db63d005b5d2785d11e5233a38e58ad591e615af");
    assert_eq!(call(&initial(&request())).unwrap(), hash.to_vec());
}

#[test]
fn malformed_requests_are_named() {
    let request = request();
    let error = IStepVerifier::RequestTooShort { actual: 127 };
    assert_eq!(revert(&initial(&request[..127])), Revert::RequestTooShort(error));
    let error = IStepVerifier::RequestInputLength { stated: 24, actual: 23 };
    assert_eq!(revert(&initial(&request[..151])), Revert::RequestInputLength(error));
    let mut reserved = request;
    reserved[7] = 1;
    let error = IStepVerifier::RequestReserved { value: 0x0100_0000 };
    assert_eq!(revert(&initial(&reserved)), Revert::RequestReserved(error));
}

/// A halted state with [`TEXT`] in its output region.
fn halted() -> (GraphState, Vec<u8>) {
    let mut memory = NaiveMemory::new(GRAPH_LEVELS);
    let length = [u8::try_from(TEXT.len()).unwrap()];
    write(&mut memory, REGION.base, &length);
    write(&mut memory, REGION.base + 32, TEXT);
    let state = GraphState { status: GraphStatus::Halted, ..GraphState::start(memory.root()) };
    (state, memory.path_bytes(REGION.level(), REGION.index()))
}

fn output(state: &GraphState, output: &[u8], path: &[u8]) -> Vec<u8> {
    IStepVerifier::outputCall {
        finalHash: state.hash::<AlloyKeccak>(),
        base: REGION.base,
        log2Size: REGION.log2_size,
        graphState: state.encode().to_vec().into(),
        output_: Bytes::copy_from_slice(output),
        path: Bytes::copy_from_slice(path),
    }
    .abi_encode()
}

#[test]
fn the_output_of_a_final_state_is_proven() {
    let (state, path) = halted();
    let status = |calldata: &[u8]| {
        let returned = call(calldata).unwrap();
        IStepVerifier::outputCall::abi_decode_returns_validate(&returned).unwrap()
    };
    assert_eq!(status(&output(&state, TEXT, &path)), 1);
    assert_eq!(status(&output(&state.failed(), &[], &[])), 2);
}

#[test]
fn wrong_outputs_are_named() {
    let (state, path) = halted();
    let error = revert(&output(&state, &TEXT[1..], &path));
    let Revert::OutputWrongRoot(error) = error else { panic!("{error:?}") };
    assert_eq!(error.expected, state.memory_root);
    let error = IStepVerifier::OutputPathLength { expected: 960, actual: 928 };
    assert_eq!(revert(&output(&state, TEXT, &path[32..])), Revert::OutputPathLength(error));
    let error = IStepVerifier::OutputTooLong { actual: 993, log2Size: 10 };
    assert_eq!(revert(&output(&state, &[1; 993], &path)), Revert::OutputTooLong(error));
    let running = GraphState { status: GraphStatus::Running, ..state };
    let error = IStepVerifier::OutputOfRunningState {};
    assert_eq!(revert(&output(&running, TEXT, &path)), Revert::OutputOfRunningState(error));
    let error = IStepVerifier::OutputOfFailedState { outputLength: 36, pathLength: 0 };
    assert_eq!(revert(&output(&state.failed(), TEXT, &[])), Revert::OutputOfFailedState(error));
}

#[test]
fn the_region_and_its_words_are_checked() {
    let (state, path) = halted();
    let honest = output(&state, TEXT, &path);
    let mut other = honest.clone();
    other[4 + 95] = 41;
    let error = IStepVerifier::OutputRegion { base: REGION.base, log2Size: 41 };
    assert_eq!(revert(&other), Revert::OutputRegion(error));
    // Any higher bit of a number is not canonical.
    for (argument, bytes) in [(1, 36..60), (2, 68..99)] {
        for byte in bytes {
            let mut other = honest.clone();
            other[byte] = 1;
            let error = IStepVerifier::ArgumentOutOfRange { argument };
            assert_eq!(revert(&other), Revert::ArgumentOutOfRange(error), "byte {byte}");
        }
    }
    for byte in 0..honest.len() {
        let mut other = honest.clone();
        other[byte] ^= 0x40;
        revert(&other);
    }
}

#[test]
fn the_views_show_a_state() {
    let state = GraphState {
        memory_root: B256::repeat_byte(7),
        pc: 1,
        tile: 2,
        iteration: 3,
        status: GraphStatus::Failed,
    };
    let bytes = Bytes::from(state.encode().to_vec());
    let hash = IStepVerifier::graphStateHashCall { graphState: bytes.clone() }.abi_encode();
    assert_eq!(call(&hash).unwrap(), state.hash::<AlloyKeccak>().to_vec());
    let fields = IStepVerifier::decodeGraphStateCall { graphState: bytes }.abi_encode();
    let shown = call(&fields).unwrap();
    let shown = IStepVerifier::decodeGraphStateCall::abi_decode_returns_validate(&shown).unwrap();
    let expected = IStepVerifier::GraphMachineState {
        memoryRoot: state.memory_root,
        pc: 1,
        tile: 2,
        iteration: 3,
        status: 2,
    };
    assert_eq!(shown, expected);
}
