//! One number for the results of many cases.

use opml_operator::Kernel;

use crate::{Case, generate};

/// The 64-bit FNV-1a hash of the words' little-endian bytes, from `digest` on.
pub fn update(digest: u64, words: &[u32]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    bytes.fold(digest, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Where a digest starts.
pub const START: u64 = 0xcbf2_9ce4_8422_2325;

/// Digest of what `compute` gives for the first `count` cases of a kernel.
pub fn of_kernel<E>(
    kernel: Kernel,
    count: u64,
    mut compute: impl FnMut(&Case) -> Result<Vec<u32>, E>,
) -> Result<u64, E> {
    (0..count)
        .try_fold(START, |digest, seed| Ok(update(digest, &compute(&generate(kernel, seed))?)))
}

/// The line that every target prints for a kernel.
pub fn line(kernel: Kernel, digest: u64) -> String {
    format!("{kernel:?} {digest:016x}")
}
