//! Ids: hashes that commit to the chain, the hub and the contents.
//!
//! An id is the hash of words as Solidity's `abi.encode` puts them, the first a domain tag.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use opml_core::keccak::Keccak;

use crate::abi::IHub::Model;

const MODEL: &[u8; 32] = b"opml.model.v1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const REQUEST: &[u8; 32] = b"opml.request.v1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const CLAIM: &[u8; 32] = b"opml.claim.v1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const GAME: &[u8; 32] = b"opml.game.v1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Where a hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Chain id.
    pub chain: u64,
    /// The hub's address.
    pub hub: Address,
}

/// What a request is, apart from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Who asks.
    pub requester: Address,
    /// Requests that it made before.
    pub nonce: u64,
    /// The model asked.
    pub model: B256,
    /// Root of the request's region.
    pub region_root: B256,
}

/// What a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimKey {
    /// The request answered.
    pub request: B256,
    /// Who answers.
    pub server: Address,
    /// Claims on the request before it.
    pub attempt: u32,
    /// Hash of the trace's first state.
    pub start: B256,
    /// Hash of its last state.
    pub last: B256,
}

/// Id of a model.
pub fn model<K: Keccak>(place: Place, owner: Address, model: &Model, uri: &[u8]) -> B256 {
    hash::<K>(&[
        MODEL.into(),
        number(place.chain),
        place.hub.into_word(),
        owner.into_word(),
        model.programRoot,
        model.weightsRoot,
        model.imageRoot,
        number(model.outputBase),
        number(model.outputLog2.into()),
        number(model.stepsLog2.into()),
        number(model.maxInput.into()),
        U256::from(model.fee).into(),
        U256::from(model.iterationFee).into(),
        number(model.maxIterations.into()),
        K::keccak256(uri),
    ])
}

/// Id of a request.
pub fn request<K: Keccak>(place: Place, key: &RequestKey) -> B256 {
    hash::<K>(&[
        REQUEST.into(),
        number(place.chain),
        place.hub.into_word(),
        key.requester.into_word(),
        number(key.nonce),
        key.model,
        key.region_root,
    ])
}

/// Id of a claim.
pub fn claim<K: Keccak>(key: &ClaimKey) -> B256 {
    hash::<K>(&[
        CLAIM.into(),
        key.request,
        key.server.into_word(),
        number(key.attempt.into()),
        key.start,
        key.last,
    ])
}

/// Id of a game against `claim`, before which there were `games`.
pub fn game<K: Keccak>(claim: B256, challenger: Address, games: u64) -> B256 {
    hash::<K>(&[GAME.into(), claim, challenger.into_word(), number(games)])
}

fn number(value: u64) -> B256 {
    U256::from(value).into()
}

#[inline(never)]
fn hash<K: Keccak>(words: &[B256]) -> B256 {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.0).collect();
    K::keccak256(&bytes)
}
