//! The output: the bytes that a final state stands for.
//!
//! ```text
//! 0   length  u32 little-endian
//! 4   zero    28 bytes
//! 32  output  `length` bytes, then zeros to the end of the region
//! ```
//!
//! Length and bytes determine the region's root, and the state determines the memory's: a state has
//! at most one output, which nobody can trim or extend.

use alloy_primitives::B256;
use thiserror::Error;

use super::{GraphState, GraphStatus};
use crate::keccak::Keccak;
use crate::merkle::{LEAF_LOG2, PathError, Proof, Region, RegionError, RootBuilder, Space};

/// Why bytes are not the output of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// The state is running: it has no output.
    #[error("a running state has no output")]
    Running,
    /// A failed state's output is empty and needs no path.
    #[error("a failed state has no output: {output} bytes of output, {path} bytes of path given")]
    Failed {
        /// Bytes of output.
        output: usize,
        /// Bytes of path.
        path: usize,
    },
    /// Base and size name no region of the graph memory.
    #[error("there is no such output region")]
    Region(#[from] RegionError),
    /// The output and its length do not fit the region.
    #[error("{actual} bytes of output do not fit a region of 2^{log2_size} bytes")]
    TooLong {
        /// Bytes of output.
        actual: usize,
        /// Size of the region, as a power of two.
        log2_size: u8,
    },
    /// The path does not lead to the state's memory.
    #[error("the output is not in the state's memory")]
    Path(#[from] PathError),
}

/// Root of an output region of `2^log2_size` bytes that holds `output`; `None` if it does not fit.
pub fn output_region_root<K: Keccak>(output: &[u8], log2_size: u8) -> Option<B256> {
    let length = u32::try_from(output.len()).ok()?;
    let mut leaves = RootBuilder::<K>::new(LEAF_LOG2);
    leaves.push(B256::right_padding_from(&length.to_le_bytes()));
    leaves.extend(output);
    leaves.finish(log2_size)
}

/// What is known of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its bytes.
    pub length: u32,
    /// Root of its region; zero for a failed state, whose output is in none.
    pub root: B256,
}

/// What a final state's output is claimed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputProof<'a> {
    /// First byte of the model's output region.
    pub base: u64,
    /// Size of that region in bytes, as a power of two.
    pub log2_size: u8,
    /// The output.
    pub output: &'a [u8],
    /// Siblings of the region in the state's memory; empty for a failed state.
    pub path: &'a [u8],
}

impl OutputProof<'_> {
    /// Checks that `output` is the output of `state`: of a halted state, the content of its output
    /// region; of a failed one, nothing.
    pub fn check<K: Keccak>(&self, state: &GraphState) -> Result<Output, OutputError> {
        let Self { base, log2_size, output, path } = *self;
        let region = Region::new(Space::GRAPH, base, log2_size)?;
        match state.status {
            GraphStatus::Running => Err(OutputError::Running),
            GraphStatus::Failed if output.is_empty() && path.is_empty() => Ok(Output::default()),
            GraphStatus::Failed => {
                Err(OutputError::Failed { output: output.len(), path: path.len() })
            }
            GraphStatus::Halted => {
                let too_long = OutputError::TooLong { actual: output.len(), log2_size };
                let root = output_region_root::<K>(output, log2_size).ok_or(too_long)?;
                Proof::parse(region, root, path)?.check::<K>(state.memory_root)?;
                // Lossless: it has a root.
                Ok(Output { length: u32::try_from(output.len()).unwrap_or(u32::MAX), root })
            }
        }
    }
}
