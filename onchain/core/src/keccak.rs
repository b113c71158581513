//! Keccak-256 behind a trait.

use alloy_primitives::B256;

/// Keccak-256 as the EVM defines it. A contract implements it with its host function, a program
/// with whatever is fastest on its machine; all implementations return the same 32 bytes.
pub trait Keccak {
    /// Hash of `bytes`.
    fn keccak256(bytes: &[u8]) -> B256;

    /// Inner node of a Merkle memory: `keccak256(left || right)`.
    fn node(left: &B256, right: &B256) -> B256 {
        let mut pair = [0; 64];
        let (low, high) = pair.split_at_mut(32);
        low.copy_from_slice(left.as_slice());
        high.copy_from_slice(right.as_slice());
        Self::keccak256(&pair)
    }
}

/// The implementation of `alloy-primitives`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlloyKeccak;

impl Keccak for AlloyKeccak {
    fn keccak256(bytes: &[u8]) -> B256 {
        alloy_primitives::keccak256(bytes)
    }
}
