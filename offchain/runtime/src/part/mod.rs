//! Parts of an output, and what proves them by the root of its region: docs/spec.md, section "Parts of an output".

mod error;
mod picture;

use std::collections::BTreeSet;
use std::ops::Range;

use alloy_primitives::B256;

use crate::tree::SparseTree;

pub use error::PartError;
pub use picture::{Size, Tile};

/// Bytes of a leaf.
const LEAF: usize = 32;
/// The same as a power of two; least and greatest size of an output region.
const LEAF_LOG2: u8 = 5;
const REGION_LOG2: u8 = 28;

/// Runs of bytes of an output, as far apart from one another as the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runs {
    /// First byte of the first run.
    pub offset: usize,
    /// Bytes of a run.
    pub length: usize,
    /// Bytes from the beginning of a run to that of the next.
    pub stride: usize,
    /// How many there are.
    pub count: usize,
}

impl Runs {
    /// The bytes of an output in this range.
    pub const fn range(range: &Range<usize>) -> Self {
        let length = range.end.saturating_sub(range.start);
        Self { offset: range.start, length, stride: length, count: 1 }
    }

    /// Each run as a range of bytes of an output of `length` bytes.
    fn ranges(self, length: usize) -> Result<Vec<Range<usize>>, PartError> {
        if self.length == 0 || self.count == 0 || (self.count > 1 && self.stride < self.length) {
            return Err(PartError::NoPart(self));
        }
        let outside = PartError::OutsideOutput { runs: self, length };
        let last = self.stride.checked_mul(self.count - 1).ok_or(outside)?;
        let end = self.offset.checked_add(last).and_then(|last| last.checked_add(self.length));
        if end.is_none_or(|end| end > length) {
            return Err(outside);
        }
        let run = |number: usize| self.offset + self.stride * number;
        Ok((0..self.count).map(|number| run(number)..run(number) + self.length).collect())
    }
}

/// A part with its proof, as `OpmlPart.read` in `sol/OpmlPart.sol` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its bytes, one run after the other.
    pub bytes: Vec<u8>,
    /// The leaves that hold them, whole.
    pub leaves: Vec<u8>,
    /// The nodes beside the way to the root, lowest level first.
    pub siblings: Vec<B256>,
}

/// The tree of an output region: length of the output, output, zeros.
#[derive(Clone, Debug)]
pub struct OutputTree {
    tree: SparseTree,
    height: u8,
    /// Length, output, and zeros to the end of its last leaf.
    bytes: Vec<u8>,
    length: usize,
}

impl OutputTree {
    /// The tree of a region of `2^log2_size` bytes that holds an output.
    pub fn new(output: &[u8], log2_size: u8) -> Result<Self, PartError> {
        let small = PartError::RegionTooSmall { length: output.len(), log2_size };
        let header = u32::try_from(output.len()).map_err(|_| small)?.to_le_bytes();
        let leaves = 1 + output.len().div_ceil(LEAF);
        if !(LEAF_LOG2..=REGION_LOG2).contains(&log2_size) || leaves > 1 << (log2_size - LEAF_LOG2)
        {
            return Err(small);
        }
        let mut bytes = header.to_vec();
        bytes.resize(LEAF, 0);
        bytes.extend_from_slice(output);
        bytes.resize(leaves * LEAF, 0);
        let roots: Vec<B256> = bytes.chunks_exact(LEAF).map(B256::from_slice).collect();
        let height = log2_size - LEAF_LOG2;
        let tree = SparseTree::new(height, 0, &roots);
        Ok(Self { tree, height, bytes, length: output.len() })
    }

    /// Root of the region.
    pub fn root(&self) -> B256 {
        self.tree.root()
    }

    /// A part of the output with its proof.
    pub fn part(&self, runs: Runs) -> Result<Part, PartError> {
        let (mut bytes, mut places) = (Vec::new(), BTreeSet::new());
        for run in runs.ranges(self.length)? {
            // The leaf of the length stands in front of the output.
            let stored = run.start + LEAF..run.end + LEAF;
            bytes.extend_from_slice(&self.bytes[stored.clone()]);
            places.extend(stored.start / LEAF..stored.end.div_ceil(LEAF));
        }
        let leaf = |place: &usize| &self.bytes[place * LEAF..][..LEAF];
        let leaves = places.iter().flat_map(leaf).copied().collect();
        Ok(Part { bytes, leaves, siblings: self.siblings(places) })
    }

    /// Nodes beside the ways from some leaves to the root that do not follow from those leaves or from the
    /// output's length.
    fn siblings(&self, mut places: BTreeSet<usize>) -> Vec<B256> {
        let mut siblings = Vec::new();
        let mut used = self.bytes.len() / LEAF;
        for level in 0..self.height {
            let beside = places.iter().map(|place| place ^ 1);
            let missing = beside.filter(|place| *place < used && !places.contains(place));
            siblings.extend(missing.map(|place| self.tree.node(level, place)));
            places = places.iter().map(|place| place / 2).collect();
            used = used.div_ceil(2);
        }
        siblings
    }
}

#[cfg(test)]
mod tests {
    use opml_core::graph::output_region_root;
    use opml_core::keccak::AlloyKeccak;

    use super::*;

    fn tree(length: u8, log2_size: u8) -> OutputTree {
        let output: Vec<u8> = (1..=length).collect();
        let tree = OutputTree::new(&output, log2_size).expect("it fits");
        assert_eq!(Some(tree.root()), output_region_root::<AlloyKeccak>(&output, log2_size));
        tree
    }

    #[test]
    fn a_part_has_its_leaves_and_the_nodes_beside_them() {
        // Leaves: 0 the length, 1 to 4 the output, 5 to 15 zeros.
        let tree = tree(100, 9);
        let part = tree.part(Runs::range(&(30..34))).expect("a part");
        assert_eq!(part.bytes, [31, 32, 33, 34]);
        assert_eq!(part.leaves, (1..=64).collect::<Vec<u8>>());
        let nodes = |nodes: &[(u8, usize)]| -> Vec<B256> {
            nodes.iter().map(|(level, place)| tree.tree.node(*level, *place)).collect()
        };
        // Leaves 1 and 2; above 4 there is the last leaf of the output, above 8 only zeros.
        assert_eq!(part.siblings, nodes(&[(0, 0), (0, 3), (2, 1)]));

        let runs = Runs { offset: 0, length: 2, stride: 98, count: 2 };
        let part = tree.part(runs).expect("a part");
        assert_eq!(part.bytes, [1, 2, 99, 100]);
        // Leaves 1 and 4: behind 4 there are zeros.
        assert_eq!(part.siblings, nodes(&[(0, 0), (1, 1)]));
    }

    #[test]
    fn all_of_an_output_needs_its_length_alone() {
        let tree = tree(96, 28);
        let part = tree.part(Runs::range(&(0..96))).expect("a part");
        assert_eq!((part.bytes, part.siblings), (part.leaves, vec![tree.tree.node(0, 0)]));
    }

    #[test]
    fn what_is_not_in_the_output_is_refused() {
        let tree = tree(100, 9);
        let runs = |offset, length, stride, count| Runs { offset, length, stride, count };
        for empty in [runs(0, 0, 1, 1), runs(0, 1, 1, 0), runs(0, 2, 1, 2)] {
            assert_eq!(tree.part(empty), Err(PartError::NoPart(empty)));
        }
        for behind in [
            runs(100, 1, 1, 1),
            runs(0, 101, 101, 1),
            runs(0, 1, 50, 3),
            runs(usize::MAX, 1, 1, 1),
            runs(1, usize::MAX, usize::MAX, 2),
        ] {
            let refusal = PartError::OutsideOutput { runs: behind, length: 100 };
            assert_eq!(tree.part(behind), Err(refusal));
        }
        for (length, log2_size) in [(33, 6), (1, 5), (0, 4), (0, 29)] {
            let refusal = PartError::RegionTooSmall { length, log2_size };
            assert_eq!(OutputTree::new(&vec![0; length], log2_size).map(drop), Err(refusal));
        }
    }
}
