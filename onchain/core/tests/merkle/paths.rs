//! Paths: proving a region's root, and replacing it.

use alloy_primitives::{B256, b256, keccak256};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::{PathError, Proof, Region, Space, zero_root};
use proptest::prelude::*;

use crate::naive::NaiveMemory;

fn levels(space: Space) -> u8 {
    space.log2_size() - 5
}

/// Whether `bytes` can be the path of `region`.
fn parse(region: Region, bytes: &[u8]) -> Result<(), PathError> {
    Proof::parse(region, B256::ZERO, bytes).map(|_| ())
}

/// Four leaves: bytes 0 to 63 ascending, "opmlopml..." at `0x0040_0100`, ones at the end.
fn four_leaves(space: Space) -> NaiveMemory {
    let mut memory = NaiveMemory::new(levels(space));
    let ascending: Vec<u8> = (0..64).collect();
    memory.write(0, &ascending);
    memory.write(0x0040_0100, &b"opml".repeat(8));
    memory.write(0xffff_ffe0, &[0xff; 32]);
    memory
}

#[test]
fn the_naive_tree_matches_an_independent_keccak() {
    let memory = four_leaves(Space::MIPS);
    let roots = [
        (27, 0, b256!("0x97b3c7a3a8c753f017e8dcc92bcb75fb9d7651a06c945c94b93da8ac7166a750")),
        (7, 0, b256!("0x078df1639a725e87e37e15833293e231dbc992f05adc5799e0b40c2d1e253b63")),
        (23, 15, b256!("0x699461b09f1b1c55f0f9d01fbe30c057955894b025d971c47891401d3801f3c9")),
    ];
    for (level, index, root) in roots {
        assert_eq!(memory.node(level, index), root);
    }
    let graph = b256!("0x4b3fbbf791c14deb33dcfc63279ff990e9fbc5892a19639ad8729118b6ecd7ee");
    assert_eq!(four_leaves(Space::GRAPH).root(), graph);
}

#[test]
fn every_size_of_region_is_proven_by_its_path() {
    for space in [Space::MIPS, Space::GRAPH] {
        let memory = four_leaves(space);
        for address in [0, 0x20, 0x0040_0100, 0x1234_5678, 0xffff_ffe0_u64] {
            for level in 0..=levels(space) {
                let index = address >> (level + 5);
                let region = Region::new(space, index << (level + 5), level + 5).unwrap();
                let path = memory.path_bytes(level, index);
                let proof = Proof::parse(region, memory.node(level, index), &path).unwrap();
                assert_eq!(proof.memory_root::<AlloyKeccak>(), memory.root());
                assert_eq!(proof.check::<AlloyKeccak>(memory.root()), Ok(()));
            }
        }
    }
}

#[test]
fn a_region_of_zeros_is_proven_by_its_zero_root() {
    let memory = four_leaves(Space::MIPS);
    let window = Region::new(Space::MIPS, 0xa000_0000, 28).unwrap();
    let path = memory.path_bytes(23, 10);
    let node = zero_root(23).unwrap();
    let proof = Proof::parse(window, node, &path).unwrap();
    assert_eq!(proof.check::<AlloyKeccak>(memory.root()), Ok(()));
}

#[test]
fn a_path_has_exactly_the_length_that_the_region_asks_for() {
    let bytes = vec![0; 36 * 32 + 1];
    for space in [Space::MIPS, Space::GRAPH] {
        for log2_size in 5..=space.log2_size() {
            let region = Region::new(space, 0, log2_size).unwrap();
            let expected = 32 * usize::from(space.log2_size() - log2_size);
            let lengths =
                (0..=36).flat_map(|n: usize| [32 * n, 32 * n + 1, (32 * n).wrapping_sub(1)]);
            for actual in lengths.filter(|length| *length <= bytes.len()) {
                let parsed = parse(region, &bytes[..actual]);
                let wanted = if actual == expected {
                    Ok(())
                } else {
                    Err(PathError::Length { expected, actual })
                };
                assert_eq!(parsed, wanted, "{region:?}");
            }
        }
    }
}

#[test]
fn a_path_one_level_short_or_long_proves_nothing() {
    let memory = four_leaves(Space::MIPS);
    let leaf = Region::mips_leaf(0x0040_0100);
    let path = memory.path_bytes(0, leaf.index());
    let long = [path.clone(), B256::ZERO.to_vec()].concat();
    for (bytes, actual) in [(&path[..26 * 32], 832), (&path[32..], 832), (&long[..], 896)] {
        let parsed = parse(leaf, bytes);
        assert_eq!(parsed, Err(PathError::Length { expected: 864, actual }));
    }
    // Nor for the parent, from which the same bytes would lead to the root.
    let parent = Region::new(Space::MIPS, 0x0040_0100, 6).unwrap();
    let parsed = parse(parent, &path);
    assert_eq!(parsed, Err(PathError::Length { expected: 832, actual: 864 }));
}

#[test]
fn a_leaf_of_another_place_is_refused() {
    let memory = four_leaves(Space::MIPS);
    // The leaf 0x20 with its own path, claimed to be at 0x00 and elsewhere.
    let path = memory.path_bytes(0, 1);
    let node = B256::new(memory.leaf(1));
    for address in [0, 0x40, 0x0040_0100, 0x8000_0020] {
        let wrong = Proof::parse(Region::mips_leaf(address), node, &path).unwrap();
        let computed = wrong.memory_root::<AlloyKeccak>();
        let expected = memory.root();
        assert_ne!(computed, expected);
        let error = PathError::WrongRoot { expected, computed };
        assert_eq!(wrong.check::<AlloyKeccak>(expected), Err(error));
    }
}

#[test]
fn the_side_of_each_sibling_follows_from_the_index() {
    // Two levels below the root of 2^32 bytes: hashes by hand.
    let (a, b, c) = ([0xaa; 32], [0xbb; 32], [0xcc; 32]);
    let join = |left: [u8; 32], right: [u8; 32]| keccak256([left, right].concat()).0;
    let expected =
        [join(join(a, b), c), join(join(b, a), c), join(c, join(a, b)), join(c, join(b, a))];
    for (index, expected) in (0..).zip(expected) {
        let region = Region::new(Space::MIPS, index << 30, 30).unwrap();
        let path = [b, c].concat();
        let proof = Proof::parse(region, B256::new(a), &path).unwrap();
        assert_eq!(proof.memory_root::<AlloyKeccak>(), B256::new(expected), "{index}");
    }
}

prop_compose! {
    /// Some leaves, crowded so that they share paths.
    fn memory()(
        leaves in prop::collection::vec((0..0x0800_0000_u64, 0..27_u32, any::<[u8; 32]>()), 0..12),
    ) -> NaiveMemory {
        let mut memory = NaiveMemory::mips();
        for (index, shift, leaf) in leaves {
            memory.set_leaf(index >> shift, leaf);
        }
        memory
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_region_of_a_sparse_memory_is_proven_and_replaced(
        memory in memory(), index in 0..0x0800_0000_u64, level in 0..28_u8, leaf: [u8; 32],
    ) {
        let index = index >> level;
        let region = Region::new(Space::MIPS, index << (level + 5), level + 5).unwrap();
        let path = memory.path_bytes(level, index);
        let proof = Proof::parse(region, memory.node(level, index), &path).unwrap();
        prop_assert_eq!(proof.check::<AlloyKeccak>(memory.root()), Ok(()));

        // One leaf of the region changes; only the region's root is given.
        let mut changed = memory.clone();
        changed.set_leaf(index << level, leaf);
        let replaced = proof.with_node(changed.node(level, index));
        prop_assert_eq!(replaced.memory_root::<AlloyKeccak>(), changed.root());
        prop_assert_eq!(replaced.with_node(proof.node()), proof);
    }

    #[test]
    fn a_flipped_bit_anywhere_in_node_or_path_is_refused(
        memory in memory(), index in 0..0x0800_0000_u64, level in 0..28_u8, position: usize,
    ) {
        let index = index >> level;
        let region = Region::new(Space::MIPS, index << (level + 5), level + 5).unwrap();
        let mut bytes = memory.node(level, index).to_vec();
        bytes.extend(memory.path_bytes(level, index));
        let bit = position % (8 * bytes.len());
        bytes[bit / 8] ^= 1 << (bit % 8);
        let (node, path) = bytes.split_at(32);
        let forged = Proof::parse(region, B256::from_slice(node), path).unwrap();
        prop_assert!(forged.check::<AlloyKeccak>(memory.root()).is_err());
    }
}
