//! Regions swept: every base of every size that a small memory has, and every size of a large one.

use alloy_primitives::{B256, keccak256};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::{Proof, Region, RegionError, Space};

use crate::naive::{NaiveMemory, join, zero};

/// Levels above the leaves of the smallest memory: 2^25 bytes.
const LEVELS: u8 = 20;

/// Leaves at the ends, in the middle, beside each other and far apart.
fn memory() -> NaiveMemory {
    let mut memory = NaiveMemory::new(LEVELS);
    for index in [0, 1, 2, 3, 0x1234, 0x7_ffff, 0x8_0000, 0x8_0001, 0xf_fffe, 0xf_ffff_u64] {
        memory.set_leaf(index, keccak256(index.to_be_bytes()).0);
    }
    memory
}

/// Every region of 2^16 bytes and more, 1,023 of them: its path leads to the root from its own root and its
/// own place, from nothing else and from nowhere else.
#[test]
fn every_large_region_is_proven_in_its_place_only() {
    let memory = memory();
    let root = memory.root();
    for level in 11..=LEVELS {
        for index in 0..1_u64 << (LEVELS - level) {
            let region = |index: u64| Region::new(Space::PROGRAM, index << (level + 5), level + 5);
            let (path, node) = (memory.path_bytes(level, index), memory.node(level, index));
            let leads = |index: u64, node: B256| {
                let proof = Proof::parse(region(index).unwrap(), node, &path).unwrap();
                proof.check::<AlloyKeccak>(root).is_ok()
            };
            assert!(leads(index, node), "level {level}, index {index}");
            assert!(!leads(index, keccak256(node)));
            for bit in 0..LEVELS - level {
                let elsewhere = index ^ (1 << bit);
                // Beside each other, equal subtrees have equal paths: zeros, here.
                let same = memory.node(level + bit, index >> bit)
                    == memory.node(level + bit, elsewhere >> bit);
                assert_eq!(leads(elsewhere, node), same, "level {level}, {index} at {elsewhere}");
            }
            let beyond = index + (1 << (LEVELS - level));
            let outside = RegionError::Outside { base: beyond << (level + 5), space_log2: 25 };
            assert_eq!(region(beyond), Err(outside));
        }
    }
}

/// Every base of a region of 2^s bytes among the multiples of 2^(s-1) up to the end of the smallest memory.
#[test]
fn every_base_between_two_regions_is_refused() {
    for log2_size in 14..=25_u8 {
        let half = 1_u64 << (log2_size - 1);
        for base in (0..1_u64 << 26).step_by(usize::try_from(half).unwrap()) {
            let wanted = base % (2 * half) == 0 && base + 2 * half <= 1 << 25;
            let region = Region::new(Space::PROGRAM, base, log2_size);
            assert_eq!(region.is_ok(), wanted, "{base:#x}, 2^{log2_size}");
        }
    }
}

/// Where a region of every size is replaced in memories of both machines, the root is that of the memory
/// written out; in particular in the first, the last and the middle place.
#[test]
fn a_region_of_every_size_is_replaced_in_its_place_only() {
    for space in [Space::MIPS, Space::GRAPH, Space::PROGRAM] {
        let levels = space.log2_size() - 5;
        let mut before = NaiveMemory::new(levels);
        let leaves = 1_u64 << levels;
        for index in [0, leaves / 2 - 1, leaves / 2, leaves - 1] {
            before.set_leaf(index, keccak256(index.to_be_bytes()).0);
        }
        for level in 0..=levels {
            for leaf in [0, leaves / 3, leaves / 2 - 1, leaves / 2, leaves - 1] {
                let index = leaf >> level;
                let region = Region::new(space, index << (level + 5), level + 5).unwrap();
                let (path, node) = (before.path_bytes(level, index), before.node(level, index));
                let proof = Proof::parse(region, node, &path).unwrap();
                assert_eq!(proof.check::<AlloyKeccak>(before.root()), Ok(()));
                let mut after = before.clone();
                after.set_leaf(leaf, [0x5a; 32]);
                let replaced = proof.with_node(after.node(level, index));
                assert_eq!(
                    replaced.memory_root::<AlloyKeccak>(),
                    after.root(),
                    "{space:?} {level}"
                );
            }
        }
    }
}

/// A region as a memory of its own: its first leaf has one sibling a level, always on the right.
#[test]
fn the_first_leaf_of_a_region_of_every_size() {
    let leaf = B256::repeat_byte(0x11);
    for log2_size in 5..=40 {
        let region = Region::new(Space::GRAPH, 0, log2_size).unwrap().first_leaf_within();
        assert_eq!(region.path_len(), usize::from(log2_size - 5));
        assert_eq!((region.base(), region.index(), region.log2_size()), (0, 0, 5));
        let levels = log2_size - 5;
        let siblings: Vec<u8> = (0..levels).flat_map(|level| zero(level).0).collect();
        let want = (0..levels).fold(leaf, |node, level| join(node, zero(level)));
        let proof = Proof::parse(region, leaf, &siblings).unwrap();
        assert_eq!(proof.memory_root::<AlloyKeccak>(), want);
    }
}
