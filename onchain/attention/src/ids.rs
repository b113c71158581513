//! Ids and commitments: hashes of words as Solidity's `abi.encode` puts them, the first a domain tag.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use opml_core::keccak::Keccak;

const ENROLMENT: B256 = tag(b"opml.attention.enrolment.v1");
const REGISTRATION: B256 = tag(b"opml.attention.registration.v1");
const COMMITMENT: B256 = tag(b"opml.attention.commitment.v1");
const GAME: B256 = tag(b"opml.attention.game.v1");

/// Where an attention contract is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Chain id.
    pub chain: u64,
    /// The contract's address.
    pub contract: Address,
}

/// What an enrolment offers and asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Wei that the right answers about a claim share.
    pub pot: u128,
    /// A verifier is drawn with probability threshold / 2^64.
    pub threshold: u64,
    /// Claims of an epoch to which attention can be summoned.
    pub summons_per_epoch: u32,
}

/// What an answer commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed<'a> {
    /// The verifier's registration.
    pub registration: B256,
    /// The claim.
    pub claim: B256,
    /// The registration's secret of the claim's epoch.
    pub secret: B256,
    /// Steps until the trace first stands still.
    pub steps: u64,
    /// State hashes at the cuts, one behind the other.
    pub hashes: &'a [u8],
}

/// Id of an enrolment.
pub fn enrolment<K: Keccak>(place: Place, model: B256, terms: Terms) -> B256 {
    let Terms { pot, threshold, summons_per_epoch } = terms;
    hash::<K>(&[
        ENROLMENT,
        number(place.chain.into()),
        place.contract.into_word(),
        model,
        number(pot),
        number(threshold.into()),
        number(summons_per_epoch.into()),
    ])
}

/// Id of a verifier's registration with an enrolment, before which it made `registrations`. The
/// enrolment's id says where.
pub fn registration<K: Keccak>(enrolment: B256, verifier: Address, registrations: u64) -> B256 {
    hash::<K>(&[REGISTRATION, enrolment, verifier.into_word(), number(registrations.into())])
}

/// Commitment to an answer. The registration's id says whose; the secret hides what.
pub fn commitment<K: Keccak>(answer: &Committed<'_>) -> B256 {
    let Committed { registration, claim, secret, steps, hashes } = *answer;
    let mut bytes = concat(&[COMMITMENT, registration, claim, secret, number(steps.into())]);
    bytes.extend(hashes);
    K::keccak256(&bytes)
}

/// Id of a game against a registration's answer, before which there were `games` against it.
pub fn game<K: Keccak>(registration: B256, claim: B256, disputer: Address, games: u64) -> B256 {
    hash::<K>(&[GAME, registration, claim, disputer.into_word(), number(games.into())])
}

fn number(value: u128) -> B256 {
    U256::from(value).into()
}

#[inline(never)]
pub(crate) fn hash<K: Keccak>(words: &[B256]) -> B256 {
    K::keccak256(&concat(words))
}

fn concat(words: &[B256]) -> Vec<u8> {
    words.iter().flat_map(|word| word.0).collect()
}

/// ASCII text and zeros behind it.
pub(crate) const fn tag<const N: usize>(text: &[u8; N]) -> B256 {
    let mut word = [0; 32];
    let (head, _) = word.split_at_mut(N);
    head.copy_from_slice(text);
    B256::new(word)
}
