//! What a batch commits to.

use alloy_primitives::B256;
use opml_core::keccak::Keccak;
use opml_core::merkle::{LEAF_LOG2, RootBuilder};

/// Most items of a batch: one transaction carries so many claims.
pub const MAX_ITEMS: usize = 32;

const TAG: &[u8; 32] = b"opml.batch.item.v1\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// A hash for each item, 32 bytes each.
const ROOT_LOG2: u8 = 10;

/// An item, as the ABI has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The request answered.
    pub request: B256,
    /// Encoded state.
    pub final_state: &'a [u8],
    /// Output.
    pub output: &'a [u8],
    /// Siblings of the output region.
    pub path: &'a [u8],
}

impl Item<'_> {
    /// The item's hash, a leaf of its batch.
    pub fn hash<K: Keccak>(&self) -> B256 {
        let parts = [self.final_state, self.output, self.path].map(K::keccak256);
        let [state, output, path] = parts;
        K::keccak256(
            [B256::from(TAG), self.request, state, output, path].map(|word| word.0).as_flattened(),
        )
    }
}

/// Root of the items' hashes, zeros behind them up to 32; of more items than that it is zero.
pub fn root<K: Keccak>(hashes: &[B256]) -> B256 {
    let mut leaves = RootBuilder::<K>::new(LEAF_LOG2);
    for hash in hashes {
        leaves.push(*hash);
    }
    leaves.finish(ROOT_LOG2).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{b256, keccak256};
    use opml_core::keccak::AlloyKeccak;

    use super::*;

    fn join(left: B256, right: B256) -> B256 {
        keccak256([left.0, right.0].concat())
    }

    #[test]
    fn a_root_is_a_tree_of_five_levels() {
        let hashes = [B256::repeat_byte(1), B256::repeat_byte(2), B256::repeat_byte(3)];
        let mut level = hashes.to_vec();
        level.resize(MAX_ITEMS, B256::ZERO);
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| join(pair[0], pair[1])).collect();
        }
        assert_eq!(root::<AlloyKeccak>(&hashes), level[0]);
        assert!(root::<AlloyKeccak>(&[B256::ZERO; MAX_ITEMS + 1]).is_zero());
    }

    /// The vector of the specification.
    #[test]
    fn a_root_is_that_of_the_specification() {
        let hashes = [1, 2].map(|byte| {
            let request = B256::repeat_byte(byte);
            let item = Item { request, final_state: b"state", output: b"output", path: b"" };
            item.hash::<AlloyKeccak>()
        });
        let wanted = b256!("2af62006c2423179928ccdcaa550165a2368b103f940436cf98a6edec3c4f791");
        assert_eq!(root::<AlloyKeccak>(&hashes), wanted);
    }

    #[test]
    fn an_item_commits_to_each_of_its_parts() {
        let item = Item { request: B256::ZERO, final_state: b"a", output: b"b", path: b"c" };
        let others = [
            Item { request: B256::repeat_byte(1), ..item },
            Item { final_state: b"ab", output: b"", ..item },
            Item { output: b"bc", path: b"", ..item },
            Item { path: b"d", ..item },
        ];
        for other in others {
            assert_ne!(item.hash::<AlloyKeccak>(), other.hash::<AlloyKeccak>());
        }
    }
}
