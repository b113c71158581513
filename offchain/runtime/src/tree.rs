//! Merkle trees of which only the first nodes at the bottom are not zero.

use alloy_primitives::B256;
use opml_core::merkle::zero_root;
use opml_vm::keccak::fold;

/// A node; bare, so that a row of them is a row of bytes to [`fold`].
type Node = [u8; 32];

/// A tree over subtrees known by their roots; those behind the first ones are zero.
#[derive(Clone, Debug)]
pub struct SparseTree {
    /// `levels[l][i]` is the root of the `i`-th group of `2^l` subtrees.
    levels: Vec<Vec<Node>>,
    /// Levels of the subtrees above their leaves.
    depth_below: u8,
}

impl SparseTree {
    /// The tree of `2^height` subtrees, each `depth_below` levels above leaves, of which the first
    /// ones have these roots. There are at most `2^height` of them.
    pub fn new(height: u8, depth_below: u8, roots: &[B256]) -> Self {
        let mut tree =
            Self { levels: vec![roots.iter().map(|root| root.0).collect()], depth_below };
        for level in 0..usize::from(height) {
            let above = tree.parents(level);
            tree.levels.push(above);
        }
        tree
    }

    /// Root of the `index`-th group of `2^level` subtrees.
    pub fn node(&self, level: u8, index: usize) -> B256 {
        B256::new(self.at(level.into(), index))
    }

    /// Root of all.
    pub fn root(&self) -> B256 {
        B256::new(self.at(self.levels.len() - 1, 0))
    }

    /// Siblings of a subtree up to the root, lowest first.
    pub fn path(&self, index: usize) -> Vec<B256> {
        let siblings = 0..self.levels.len() - 1;
        siblings.map(|level| B256::new(self.at(level, index >> level ^ 1))).collect()
    }

    /// Roots of the first subtrees.
    pub fn roots(&self) -> &[Node] {
        &self.levels[0]
    }

    /// Replaces roots; their numbers ascend and are below `2^height`.
    pub fn update(&mut self, changed: &[(usize, B256)]) {
        let Some((last, _)) = changed.last() else { return };
        self.reach(*last);
        for (index, root) in changed {
            self.levels[0][*index] = root.0;
        }
        let mut indices: Vec<usize> = changed.iter().map(|(index, _)| *index).collect();
        for level in 1..self.levels.len() {
            for index in &mut indices {
                *index /= 2;
            }
            indices.dedup();
            let children = indices.iter().flat_map(|index| [2 * index, 2 * index + 1]);
            let pairs: Vec<Node> = children.map(|child| self.at(level - 1, child)).collect();
            let mut hashes = vec![Node::default(); indices.len()];
            fold(pairs.as_flattened(), hashes.as_flattened_mut());
            for (index, hash) in indices.iter().zip(hashes) {
                self.levels[level][*index] = hash;
            }
        }
    }

    /// Stores nodes up to the subtree `last`; what is added is zero.
    fn reach(&mut self, last: usize) {
        for level in 0..self.levels.len() {
            let zero = self.zero(level);
            let nodes = &mut self.levels[level];
            nodes.resize(nodes.len().max((last >> level) + 1), zero);
        }
    }

    fn at(&self, level: usize, index: usize) -> Node {
        let known = self.levels.get(level).and_then(|nodes| nodes.get(index));
        known.copied().unwrap_or_else(|| self.zero(level))
    }

    /// Root of `2^level` zero subtrees.
    fn zero(&self, level: usize) -> Node {
        let height = u8::try_from(level).ok().and_then(|level| level.checked_add(self.depth_below));
        height.and_then(zero_root).unwrap_or_default().0
    }

    /// The level above `level`.
    fn parents(&self, level: usize) -> Vec<Node> {
        let below = &self.levels[level];
        let mut above = vec![Node::default(); below.len().div_ceil(2)];
        let (pairs, odd) = below.split_at(below.len() & !1);
        let whole = pairs.len() / 2;
        fold(pairs.as_flattened(), above[..whole].as_flattened_mut());
        if let ([odd], Some(last)) = (odd, above.last_mut()) {
            fold([*odd, self.zero(level)].as_flattened(), last);
        }
        above
    }
}

/// Root of `2^log2_size` bytes of which these are the first words.
pub fn words_root(words: &[u32], log2_size: u8) -> B256 {
    let mut level = vec![Node::default(); 1 << log2_size.saturating_sub(5)];
    for (place, word) in level.as_flattened_mut().as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    while level.len() > 1 {
        let mut above = vec![Node::default(); level.len() / 2];
        fold(level.as_flattened(), above.as_flattened_mut());
        level = above;
    }
    B256::new(level[0])
}

#[cfg(test)]
mod tests {
    use opml_core::keccak::{AlloyKeccak, Keccak as _};

    use super::*;

    /// Root of `2^level` subtrees from `first` on, by the definition.
    fn naive(roots: &[B256], first: usize, level: u8) -> B256 {
        if level == 0 {
            return roots.get(first).copied().unwrap_or_else(|| zero_root(7).unwrap_or_default());
        }
        let half = 1 << (level - 1);
        AlloyKeccak::node(&naive(roots, first, level - 1), &naive(roots, first + half, level - 1))
    }

    #[test]
    fn trees_of_every_width_are_those_of_the_definition() {
        let roots: Vec<B256> = (0..64).map(|i| B256::repeat_byte(i + 1)).collect();
        for count in 0..=roots.len() {
            let roots = &roots[..count];
            let mut tree = SparseTree::new(6, 7, roots);
            assert_eq!(tree.root(), naive(roots, 0, 6), "{count} subtrees");
            assert_eq!(tree.node(2, 3), naive(roots, 12, 2));

            let changed: Vec<_> =
                (0..count).step_by(3).map(|i| (i, B256::repeat_byte(0xee))).collect();
            tree.update(&changed);
            let mut roots = roots.to_vec();
            for (index, root) in changed {
                roots[index] = root;
            }
            assert_eq!(tree.root(), naive(&roots, 0, 6), "{count} subtrees, changed");
        }
    }

    #[test]
    fn a_tree_grows_to_what_is_written() {
        let mut roots = vec![zero_root(7).unwrap_or_default(); 64];
        let mut tree = SparseTree::new(6, 7, &[]);
        for (index, byte) in [5, 0, 33, 32, 63, 6].into_iter().zip(1..) {
            roots[index] = B256::repeat_byte(byte);
            tree.update(&[(index, roots[index])]);
            assert_eq!(tree.root(), naive(&roots, 0, 6), "{index}");
        }
    }

    #[test]
    fn a_path_leads_to_the_root() {
        let roots: Vec<B256> = (0..27).map(|i| B256::repeat_byte(i + 1)).collect();
        let tree = SparseTree::new(5, 7, &roots);
        for index in 0..32 {
            let mut node = tree.node(0, index);
            for (level, sibling) in tree.path(index).into_iter().enumerate() {
                let left = index >> level & 1 == 0;
                let (left, right) = if left { (node, sibling) } else { (sibling, node) };
                node = AlloyKeccak::node(&left, &right);
            }
            assert_eq!(node, tree.root(), "subtree {index}");
        }
    }
}
