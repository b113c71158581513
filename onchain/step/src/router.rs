//! From calldata to the data returned or reverted with.

use alloc::string::ToString;
use alloc::vec::Vec;

use alloy_sol_types::SolCall;
use opml_core::keccak::Keccak;
use opml_core::mips::{State, Status, step_witness};

use crate::abi::IStepVerifier::{
    IStepVerifierErrors as Revert, MachineState, UnknownSelector, beginCall, decodeGraphStateCall,
    decodeStateCall, endCall, graphStateHashCall, initialStateCall, outputCall, stateHashCall,
    stepCall, versionCall,
};
use crate::calldata::byte_strings;
use crate::graph;

/// Executes one call: the ABI-encoded result, or the error to revert with.
pub fn call<K: Keccak>(calldata: &[u8]) -> Result<Vec<u8>, Revert> {
    let (selector, params) = split_selector(calldata);
    match selector {
        stepCall::SELECTOR => step::<K>(params),
        stateHashCall::SELECTOR => state_hash::<K>(params),
        decodeStateCall::SELECTOR => decode_state(params),
        beginCall::SELECTOR => graph::begin::<K>(params),
        endCall::SELECTOR => graph::end::<K>(params),
        initialStateCall::SELECTOR => graph::initial_state::<K>(params),
        outputCall::SELECTOR => graph::output::<K>(params),
        graphStateHashCall::SELECTOR => graph::state_hash::<K>(params),
        decodeGraphStateCall::SELECTOR => graph::decode_state(params),
        versionCall::SELECTOR => version(params),
        _ => Err(Revert::UnknownSelector(UnknownSelector { selector: selector.into() })),
    }
}

/// The first four bytes, padded with zeros where there are fewer, and the rest.
fn split_selector(calldata: &[u8]) -> ([u8; 4], &[u8]) {
    if let Some((selector, params)) = calldata.split_first_chunk() {
        return (*selector, params);
    }
    let mut selector = [0; 4];
    for (to, from) in selector.iter_mut().zip(calldata) {
        *to = *from;
    }
    (selector, &[])
}

fn step<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let [state, witness] = byte_strings(params)?;
    let post = step_witness::<K>(state, witness)?;
    Ok(stepCall::abi_encode_returns(&post.hash::<K>()))
}

fn state_hash<K: Keccak>(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let [state] = byte_strings(params)?;
    Ok(stateHashCall::abi_encode_returns(&State::decode(state)?.hash::<K>()))
}

fn decode_state(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let [state] = byte_strings(params)?;
    Ok(decodeStateCall::abi_encode_returns(&fields(&State::decode(state)?)))
}

fn version(params: &[u8]) -> Result<Vec<u8>, Revert> {
    let [] = byte_strings(params)?;
    Ok(versionCall::abi_encode_returns(&env!("CARGO_PKG_VERSION").to_string()))
}

fn fields(state: &State) -> MachineState {
    let cpu = &state.cpu;
    let (status, code) = match cpu.status {
        Status::Running => (0, 0),
        Status::Exited(code) => (1, code),
        Status::Trapped(trap) => (2, trap.code()),
    };
    MachineState {
        memoryRoot: state.memory_root,
        pc: cpu.pc,
        nextPc: cpu.next_pc,
        hi: cpu.hi,
        lo: cpu.lo,
        registers: *cpu.regs(),
        status,
        code,
        step: cpu.step,
    }
}
