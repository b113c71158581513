//! What a claim shows of an output.

use alloy_primitives::{B256, Bytes};
use opml_core::merkle::{LEAF_LOG2, Region, RegionError, Space};
use opml_runtime::Executor;
use opml_runtime::bundle::manifest::OutputRegion;

/// Longest output in bytes that is put into a transaction. A longer one is claimed by its length and root: each byte
/// costs gas, rollups take transactions of about 95,000 bytes, and who wants the bytes can compute them.
const MOST_SHOWN: u32 = 4 << 10;

/// Longest output in bytes that the hub hands out itself, and takes by its bytes alone.
const INLINE: u32 = 1024;

/// What a claim shows of a result; empty if the state is failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The output; empty if it is claimed by its root.
    pub bytes: Bytes,
    /// Siblings of the output region. For an output that is claimed by its root: the region's first leaf, which
    /// holds the length, and its siblings.
    pub path: Bytes,
}

impl Output {
    /// That of a machine that has halted; none if its region holds no output.
    pub fn of(end: &mut Executor, output: OutputRegion) -> Result<Option<Self>, RegionError> {
        let Some(length) = end.output_length(output) else { return Ok(None) };
        let bytes = if length <= MOST_SHOWN { end.output(output) } else { None };
        if let Some(bytes) = bytes {
            let region = Region::new(Space::GRAPH, output.base, output.log2_size)?;
            let path = siblings(end, region);
            return Ok(Some(Self { bytes: bytes.into(), path: path.into() }));
        }
        // With something behind it an output cannot be claimed by its bytes.
        if length <= INLINE {
            return Ok(None);
        }
        let leaf = Region::new(Space::GRAPH, output.base, LEAF_LOG2)?;
        let mut path = B256::right_padding_from(&length.to_le_bytes()).to_vec();
        path.extend(siblings(end, leaf));
        Ok(Some(Self { bytes: Bytes::new(), path: path.into() }))
    }
}

fn siblings(end: &mut Executor, region: Region) -> Vec<u8> {
    let path = end.hashed_memory().path(region);
    path.iter().flat_map(|sibling| sibling.0).collect()
}
