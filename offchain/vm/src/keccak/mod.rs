//! Keccak-256 of many Merkle nodes at once.
//!
//! A node hashes 64 bytes: one permutation. [`fold`] hashes a row of nodes with as many lanes as
//! the machine has (AVX-512: 8, AVX2: 4, otherwise one), all with the same result.

#![allow(clippy::inline_always, reason = "the permutation must inline into its vector callers")]

mod lanes;
#[cfg(target_arch = "x86_64")]
mod x86;

use alloy_primitives::B256;
use opml_core::keccak::Keccak;

/// Bytes that one node hashes: two children.
pub const PAIR_BYTES: usize = 64;
/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// Keccak-256 for this machine; nodes skip the sponge's general case.
#[derive(Clone, Copy, Debug, Default)]
pub struct FastKeccak;

impl Keccak for FastKeccak {
    fn keccak256(bytes: &[u8]) -> B256 {
        alloy_primitives::keccak256(bytes)
    }

    fn node(left: &B256, right: &B256) -> B256 {
        let mut pair = [0; PAIR_BYTES];
        pair[..HASH_BYTES].copy_from_slice(left.as_slice());
        pair[HASH_BYTES..].copy_from_slice(right.as_slice());
        let mut hash = B256::ZERO;
        lanes::hash_pair(&pair, &mut hash.0);
        hash
    }
}

/// A way to hash a row of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One node at a time, on any machine.
    Scalar,
    /// Four lanes.
    Avx2,
    /// Eight lanes.
    Avx512,
}

impl Backend {
    /// The backends that this machine can run, slowest first.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "grows on x86-64 only")]
        let mut backends = vec![Self::Scalar];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                backends.push(Self::Avx2);
            }
            if std::arch::is_x86_feature_detected!("avx512f") {
                backends.push(Self::Avx512);
            }
        }
        backends
    }

    /// The fastest backend of this machine.
    pub fn best() -> Self {
        static BEST: std::sync::OnceLock<Backend> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::available().pop().unwrap_or(Self::Scalar))
    }
}

/// One level of a Merkle tree: the hash of every 64-byte pair of `input`, in order.
///
/// `output` holds exactly one hash for every pair; bytes beyond the shorter of the two are ignored.
pub fn fold(input: &[u8], output: &mut [u8]) {
    fold_with(Backend::best(), input, output);
}

/// As [`fold`], by a backend out of [`Backend::available`]; another one falls back to scalar.
pub fn fold_with(backend: Backend, input: &[u8], output: &mut [u8]) {
    let pairs = input.as_chunks::<PAIR_BYTES>().0;
    let hashes = output.as_chunks_mut::<HASH_BYTES>().0;
    // Both are cut into lanes: a row longer than the other would leave its lanes unpaired.
    let nodes = pairs.len().min(hashes.len());
    let (pairs, hashes) = (&pairs[..nodes], &mut hashes[..nodes]);
    #[cfg(target_arch = "x86_64")]
    let (pairs, hashes) = x86::fold_lanes(backend, pairs, hashes);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = backend;
    for (pair, hash) in pairs.iter().zip(hashes) {
        lanes::hash_pair(pair, hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_hashes_rows_of_every_length_like_alloy() {
        let input: Vec<u8> =
            (0..64 * 37_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for backend in Backend::available() {
            for nodes in 0..37 {
                let mut output = vec![0; 32 * nodes];
                fold_with(backend, &input[..64 * nodes], &mut output);
                let expected: Vec<u8> = input[..64 * nodes]
                    .chunks(64)
                    .flat_map(|pair| alloy_primitives::keccak256(pair).0)
                    .collect();
                assert_eq!(output, expected, "{backend:?}, {nodes} nodes");
            }
        }
    }

    #[test]
    fn a_row_may_be_longer_than_the_other() {
        let input = vec![7; 64 * 20];
        let hash = alloy_primitives::keccak256(&input[..64]);
        for backend in Backend::available() {
            for (pairs, room) in (0..20).flat_map(|pairs| (0..20).map(move |room| (pairs, room))) {
                let mut output = vec![0; 32 * room];
                fold_with(backend, &input[..64 * pairs], &mut output);
                for (node, bytes) in output.chunks(32).enumerate() {
                    let expected = if node < pairs { hash.0 } else { [0; 32] };
                    assert_eq!(bytes, expected, "{backend:?}, node {node} of {pairs} in {room}");
                }
            }
        }
    }

    #[test]
    fn a_node_is_the_hash_of_its_children() {
        let (left, right) = (B256::repeat_byte(7), B256::repeat_byte(0xf1));
        let expected = opml_core::keccak::AlloyKeccak::node(&left, &right);
        assert_eq!(FastKeccak::node(&left, &right), expected);
    }
}
