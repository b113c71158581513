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

#[cfg(test)]
mod tests {
    use alloy_primitives::{b256, keccak256};
    use opml_core::keccak::AlloyKeccak;

    use super::*;
    use crate::ids::{Committed, commitment};

    /// The values of the specification.
    #[test]
    fn draws_and_commitments_are_those_of_the_specification() {
        let (claim, secret) = (keccak256("claim"), keccak256("secret"));
        let first = 0xafe5_d925_602b_ae41;
        assert!(!is_drawn::<AlloyKeccak>(claim, secret, first));
        assert!(is_drawn::<AlloyKeccak>(claim, secret, first.saturating_add(1)));
        assert_eq!(step::<AlloyKeccak>(claim, secret, 1_000_000), 511_430);
        let registration = keccak256("registration");
        let hashes = [keccak256("cut 0").0, keccak256("cut 1").0];
        let hashes = hashes.as_flattened();
        let answer = Committed { registration, claim, secret, steps: 1_000_000, hashes };
        let known = b256!("92cd31ef5b104fb18fb5beff0302377e29587f15d0ca008285f76f43c86aae80");
        assert_eq!(commitment::<AlloyKeccak>(&answer), known);
    }

    #[test]
    fn a_step_is_one_of_the_trace() {
        let claim = keccak256("claim");
        for steps in [1, 2, 3, 1 << 62] {
            for seed in 0..50_u8 {
                assert!(step::<AlloyKeccak>(claim, keccak256([seed]), steps) < steps);
            }
        }
        assert_eq!(step::<AlloyKeccak>(claim, claim, 0), 0);
    }
}
