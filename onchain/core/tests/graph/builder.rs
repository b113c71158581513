//! Roots of bytes, against a tree that is computed by its definition.

use alloy_primitives::{B256, keccak256};
use opml_core::keccak::AlloyKeccak;
use opml_core::merkle::{RootBuilder, lift, zero_root};

use crate::naive::{NaiveMemory, join};

type Builder = RootBuilder<AlloyKeccak>;

#[test]
fn any_number_of_leaves_is_a_subtree_filled_with_zeros() {
    for count in 0..=33_u64 {
        let mut memory = NaiveMemory::new(35);
        let mut builder = Builder::new(5);
        for leaf in 0..count {
            let bytes = keccak256(leaf.to_be_bytes());
            memory.set_leaf(leaf, bytes.0);
            builder.push(bytes);
        }
        for level in 0..=35 {
            let expected = (count <= 1 << level).then(|| memory.node(level, 0));
            assert_eq!(builder.finish(level + 5), expected, "{count} leaves, level {level}");
        }
        assert_eq!(builder.finish(4), None);
        assert_eq!(builder.finish(41), None);
        assert_eq!(builder.finish(255), None);
    }
}

#[test]
fn bytes_are_leaves_the_last_one_filled_with_zeros() {
    let bytes: Vec<u8> = (1..=100).collect();
    for length in 0..=100 {
        let mut memory = NaiveMemory::new(3);
        memory.write(0, &bytes[..length]);
        let mut builder = Builder::new(5);
        builder.extend(&bytes[..length]);
        assert_eq!(builder.finish(8), Some(memory.root()));
    }
}

#[test]
fn nodes_of_any_height_are_joined() {
    let nodes = [keccak256("a"), keccak256("b"), keccak256("c")];
    let mut builder = Builder::new(28);
    for node in nodes {
        builder.push(node);
    }
    let right = join(nodes[2], zero_root(23).unwrap());
    assert_eq!(builder.finish(30), Some(join(join(nodes[0], nodes[1]), right)));
    assert_eq!(builder.finish(29), None);
    assert_eq!(builder.finish(27), None);
}

#[test]
fn a_subtree_is_lifted_between_the_sizes_of_regions() {
    let lifted = |from, to| lift::<AlloyKeccak>(B256::repeat_byte(7), from, to);
    let mut expected = B256::repeat_byte(7);
    for to in 5..=40 {
        assert_eq!(lifted(5, to), Some(expected));
        expected = join(expected, crate::naive::zero(to - 5));
    }
    assert_eq!(lifted(28, 28), Some(B256::repeat_byte(7)));
    for (from, to) in [(4, 28), (28, 27), (5, 41), (41, 42), (0, 0), (255, 255)] {
        assert_eq!(lifted(from, to), None);
    }
}
