//! Calls of the contract's graph part as calldata, written by hand from the ABI.

use alloy_primitives::{B256, keccak256};
use opml_core::graph::handover::{Begun, HandoverError, begin, end};
use opml_core::keccak::AlloyKeccak;

use crate::graph::{Ended, Scene};

pub const BEGIN: &str = "begin(bytes32,bytes32,bytes32,bytes,bytes)";
pub const END: &str = "end(bytes32,bytes32,bytes,bytes,bytes)";

/// A number as an ABI word.
pub fn word(number: usize) -> B256 {
    B256::left_padding_from(&(number as u64).to_be_bytes())
}

/// Canonical calldata: words, then byte strings.
pub fn calldata(signature: &str, words: &[B256], strings: &[&[u8]]) -> Vec<u8> {
    let mut data = keccak256(signature)[..4].to_vec();
    data.extend(words.iter().flatten());
    let padded = |string: &[u8]| string.len().next_multiple_of(32);
    let mut offset = 32 * (words.len() + strings.len());
    for string in strings {
        data.extend(word(offset));
        offset += 32 + padded(string);
    }
    for string in strings {
        data.extend(word(string.len()));
        data.extend(*string);
        data.resize(data.len() + padded(string) - string.len(), 0);
    }
    data
}

/// A call of `begin` on the scene's state.
pub fn begin_call(scene: &Scene, witness: &[u8]) -> Vec<u8> {
    let (state, roots) = (scene.state(), scene.roots());
    let words = [state.hash::<AlloyKeccak>(), roots.program_root, roots.image_root];
    calldata(BEGIN, &words, &[&state.encode(), witness])
}

/// A call of `end` on the scene's state.
pub fn end_call(scene: &Scene, ended: &Ended, witness: &[u8]) -> Vec<u8> {
    let state = scene.state();
    let words = [state.hash::<AlloyKeccak>(), scene.roots().program_root];
    calldata(END, &words, &[&state.encode(), &ended.state().encode(), witness])
}

/// What `begin` returns, by the library.
pub fn begin_returns(scene: &Scene, witness: &[u8]) -> Result<Vec<u8>, HandoverError> {
    let begun = begin::<AlloyKeccak>(&scene.state(), &scene.roots(), witness)?;
    let words = match begun {
        Begun::Direct(state) => [word(0), state.hash::<AlloyKeccak>(), word(0)],
        Begun::Run(run) => [word(1), run.initial.hash::<AlloyKeccak>(), word(run.bound.into())],
    };
    Ok(words.concat())
}

/// What `end` returns, by the library.
pub fn end_returns(scene: &Scene, ended: &Ended, witness: &[u8]) -> Result<Vec<u8>, HandoverError> {
    let (root, last) = (scene.roots().program_root, ended.state());
    let after = end::<AlloyKeccak>(&scene.state(), root, &last, witness)?;
    Ok([after.hash::<AlloyKeccak>(), last.hash::<AlloyKeccak>()].concat())
}

/// Bytes that look random and are the same every time.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let words = (0_u64..).map(|number| keccak256([seed, number].map(u64::to_be_bytes).concat()));
    words.flatten().take(length).collect()
}
