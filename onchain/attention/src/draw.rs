//! What a claim and a secret draw.

use alloy_primitives::B256;
use opml_core::keccak::Keccak;

use crate::ids::{hash, tag};

const DRAW: B256 = tag(b"opml.attention.draw.v1");
const STEP: B256 = tag(b"opml.attention.step.v1");

/// Whether the claim draws who has the secret, which happens with probability `threshold` / 2^64.
pub fn is_drawn<K: Keccak>(claim: B256, secret: B256, threshold: u64) -> bool {
    let word = hash::<K>(&[DRAW, claim, secret]);
    word.first_chunk().copied().map(u64::from_be_bytes).is_some_and(|number| number < threshold)
}

/// The step drawn of a trace that stands still behind `steps` steps: less than `steps`; 0 if that is 0.
pub fn step<K: Keccak>(claim: B256, secret: B256, steps: u64) -> u64 {
    let word = hash::<K>(&[STEP, claim, secret]);
    let number = word.first_chunk().copied().map(u128::from_be_bytes).unwrap_or_default();
    let drawn = number.checked_rem(steps.into()).unwrap_or_default();
    // Less than `steps`.
    u64::try_from(drawn).unwrap_or_default()
}
