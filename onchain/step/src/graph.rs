//! The entry points that deal with the graph machine.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use opml_core::graph::handover::{self, Begun, Program};
use opml_core::graph::{self, GraphState, OutputProof, Request};
use opml_core::keccak::Keccak;
use opml_core::mips::State;

use crate::abi::IStepVerifier::{
    GraphMachineState, GraphStateNotAgreed, IStepVerifierErrors as Revert, StepKind, beginCall,
    beginReturn, decodeGraphStateCall, endCall, endReturn, graphStateHashCall, initialStateCall,
    outputCall,
};
use crate::calldata::{arguments, byte_strings, number};
use crate::graph_errors::output_refused;

pub fn begin<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let ([agreed, program_root, image_root], [state, witness]) = arguments(params)?;
    let state = agreed_state::<K>(state, agreed)?;
    let program = Program { program_root, image_root };
    let (kind, result, bound) = match handover::begin::<K>(&state, &program, witness)? {
        Begun::Direct(successor) => (StepKind::Direct, successor.hash::<K>(), 0),
        Begun::Run(run) => (StepKind::Run, run.initial.hash::<K>(), run.bound),
    };
    Ok(beginCall::abi_encode_returns(&beginReturn { kind, result, bound }))
}

pub fn end<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let ([agreed, program_root], [state, last, witness]) = arguments(params)?;
    let state = agreed_state::<K>(state, agreed)?;
    let last = State::decode(last)?;
    let successor = handover::end::<K>(&state, program_root, &last, witness)?.hash::<K>();
    let returned = endReturn { successor, finalStateHash: last.hash::<K>() };
    Ok(endCall::abi_encode_returns(&returned))
}

pub fn initial_state<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let ([weights_root], [request]) = arguments(params)?;
    let request = Request::decode(request)?;
    let state = graph::initial_state::<K>(&weights_root, &request);
    Ok(initialStateCall::abi_encode_returns(&state.hash::<K>()))
}

pub fn output<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let ([final_hash, base, log2_size], [state, output, path]) = arguments(params)?;
    let (base, log2_size) = (number(&base, 1)?, number(&log2_size, 2)?);
    let state = agreed_state::<K>(state, final_hash)?;
    let proof = OutputProof { base, log2_size, output, path };
    proof.check::<K>(&state).map_err(|error| output_refused(&proof, error))?;
    Ok(outputCall::abi_encode_returns(&state.status.code()))
}

pub fn state_hash<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let [state] = byte_strings(params)?;
    Ok(graphStateHashCall::abi_encode_returns(&GraphState::decode(state)?.hash::<K>()))
}

pub fn decode_state(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let [state] = byte_strings(params)?;
    let state = GraphState::decode(state)?;
    Ok(decodeGraphStateCall::abi_encode_returns(&GraphMachineState {
        memoryRoot: state.memory_root,
        pc: state.pc,
        tile: state.tile,
        iteration: state.iteration,
        status: state.status.code(),
    }))
}

/// The state that `agreed` commits to: the caller shows it, the hash decides.
fn agreed_state<K: Keccak>(state: &[u8], agreed: B256) -> Result<GraphState, Revert> {
    let state = GraphState::decode(state)?;
    let computed = state.hash::<K>();
    if computed == agreed {
        Ok(state)
    } else {
        let expected = agreed;
        Err(Revert::GraphStateNotAgreed(GraphStateNotAgreed { expected, computed }))
    }
}
