//! Outputs by their root: for those that are too long to be shown.
//!
//! ```text
//! 0   leaf      first of the region: length u32 little-endian, 28 zero bytes
//! 32  siblings  of that leaf in the state's memory, lowest first
//! ```

use alloy_primitives::B256;
use thiserror::Error;

use super::{GraphState, GraphStatus, Output};
use crate::keccak::Keccak;
use crate::merkle::{LEAF_LOG2, PathError, Proof, Region, RegionError, Space};

/// A leaf, and the 35 siblings on its way to the root of the graph memory: longer than the path of any region.
pub const OUTPUT_ROOT_PROOF_BYTES: usize = 36 * 32;

/// Why a proof shows no length and root of a state's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OutputRootError {
    /// A state that has not halted has no output region.
    #[error("the state has not halted")]
    NotHalted,
    /// Base and size name no region of the graph memory.
    #[error("there is no such output region")]
    Region(#[from] RegionError),
    /// The first leaf is no length of an output that fits.
    #[error("the leaf {leaf} holds no length of an output in a region of 2^{log2_size} bytes")]
    Length {
        /// The leaf.
        leaf: B256,
        /// Size of the region, as a power of two.
        log2_size: u8,
    },
    /// The siblings do not lead to the state's memory.
    #[error("the leaf is not in the state's memory")]
    Path(#[from] PathError),
}

/// Proof of length and root of a halted state's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputRootProof<'a> {
    /// First byte of the model's output region.
    pub base: u64,
    /// Size of that region in bytes, as a power of two.
    pub log2_size: u8,
    /// The leaf and its siblings.
    pub path: &'a [u8],
}

impl OutputRootProof<'_> {
    /// Length and root of the output of `state`.
    ///
    /// What the region holds behind the output is not looked at: it is no part of it.
    pub fn check<K: Keccak>(&self, state: &GraphState) -> Result<Output, OutputRootError> {
        let Self { base, log2_size, path } = *self;
        let region = Region::new(Space::GRAPH, base, log2_size)?;
        let within = region.first_leaf_within();
        if state.status != GraphStatus::Halted {
            return Err(OutputRootError::NotHalted);
        }
        let wrong = PathError::Length { expected: OUTPUT_ROOT_PROOF_BYTES, actual: path.len() };
        let full = path.len() == OUTPUT_ROOT_PROOF_BYTES;
        let (leaf, siblings) = path.split_first_chunk::<32>().filter(|_| full).ok_or(wrong)?;
        let levels = within.path_len().saturating_mul(32);
        let (inner, outer) = siblings.split_at_checked(levels).ok_or(wrong)?;
        let leaf = B256::new(*leaf);
        let length =
            length_of(leaf, log2_size).ok_or(OutputRootError::Length { leaf, log2_size })?;
        let root = Proof::parse(within, leaf, inner)?.memory_root::<K>();
        Proof::parse(region, root, outer)?.check::<K>(state.memory_root)?;
        Ok(Output { length, root })
    }
}

/// The length in the first leaf of a region, of at most 2^40 bytes.
fn length_of(leaf: B256, log2_size: u8) -> Option<u32> {
    let [a, b, c, d, zeros @ ..] = leaf.0;
    let length = u32::from_le_bytes([a, b, c, d]);
    let most = (1_u64 << log2_size).saturating_sub(1 << LEAF_LOG2);
    (zeros == [0; 28] && u64::from(length) <= most).then_some(length)
}
