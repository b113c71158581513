//! Roots and proofs after random writes.

use alloy_primitives::{B256, b256};
use opml_core::mips::{Memory, WordAddr};
use opml_vm::memory::{PAGE_BYTES, PagedMemory, page_bytes, page_root, page_roots, page_words};
use proptest::prelude::*;

use crate::naive::NaiveMemory;

/// What is done to a memory.
#[derive(Clone, Debug)]
pub enum Deed {
    Write(u32, Vec<u8>),
    Store(u32, u32),
    Read(u32, usize),
    Prove(u32),
    Root,
}

/// Addresses that meet again: few pages, page ends, both ends of memory.
pub fn address() -> impl Strategy<Value = u32> {
    let page = prop_oneof![
        0..6_u32,
        Just(0x000f_ffff),
        Just(0x0007_ffff),
        Just(0x0008_0000),
        0..0x0010_0000_u32,
    ];
    let offset = prop_oneof![0..4096_u32, 4080..4096_u32, 0..16_u32];
    (page, offset).prop_map(|(page, offset)| page << 12 | offset)
}

pub fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => (address(), prop::collection::vec(any::<u8>(), 0..80))
            .prop_map(|(address, bytes)| Deed::Write(address, bytes)),
        4 => (address(), any::<u32>()).prop_map(|(address, value)| Deed::Store(address & !3, value)),
        // Back to zero.
        1 => address().prop_map(|address| Deed::Store(address & !3, 0)),
        1 => (address(), 0..80_usize).prop_map(|(address, length)| Deed::Read(address, length)),
        1 => address().prop_map(Deed::Prove),
        1 => Just(Deed::Root),
    ]
}

/// Does it to both memories and compares what comes back.
pub fn check(deed: &Deed, paged: &mut PagedMemory, naive: &mut NaiveMemory) {
    match deed {
        Deed::Write(address, bytes) => {
            paged.write(*address, bytes).unwrap();
            naive.write(*address, bytes);
        }
        Deed::Store(address, value) => {
            paged.store(WordAddr::new(*address).unwrap(), *value).unwrap();
            naive.set_word(*address, *value);
        }
        Deed::Read(address, length) => {
            let mut bytes = vec![0; *length];
            paged.read(*address, &mut bytes).unwrap();
            let expected: Vec<u8> = (0_u32..)
                .take(*length)
                .map(|i| address.wrapping_add(i))
                .map(|at| naive.leaf(u64::from(at / 32))[at as usize % 32])
                .collect();
            assert_eq!(bytes, expected);
            let word = paged.load(WordAddr::containing(*address)).unwrap();
            assert_eq!(word, naive.word(*address & !3));
        }
        Deed::Prove(address) => {
            let proof = paged.prove(*address).unwrap();
            let bytes: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
            assert_eq!(bytes, naive.proof(*address));
        }
        Deed::Root => assert_eq!(paged.root().unwrap(), naive.root()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn roots_reads_and_proofs_are_those_of_the_naive_memory(
        deeds in prop::collection::vec(deed(), 0..40),
    ) {
        let (mut paged, mut naive) = (PagedMemory::default(), NaiveMemory::mips());
        for deed in &deeds {
            check(deed, &mut paged, &mut naive);
        }
        prop_assert_eq!(paged.root().unwrap(), naive.root());
    }

    #[test]
    fn pages_hash_as_seven_levels_of_the_tree(leaves in prop::collection::vec((0..128_u64, any::<[u8; 32]>()), 0..20)) {
        let mut naive = NaiveMemory::new(7);
        for (index, leaf) in leaves {
            naive.set_leaf(index, leaf);
        }
        let bytes: Vec<u8> = (0..128).flat_map(|index| naive.leaf(index)).collect();
        let bytes: [u8; PAGE_BYTES] = bytes.try_into().unwrap();
        let words = page_words(&bytes);
        prop_assert_eq!(page_bytes(&words), bytes);
        prop_assert_eq!(page_root(&words), naive.root());
        // In any number of pages at once, whatever fills the lanes.
        for count in [1, 2, 3, 7, 15, 16, 17, 33] {
            let roots = page_roots(&vec![&*words; count]);
            prop_assert_eq!(roots, vec![naive.root(); count]);
        }
    }
}

#[test]
fn roots_match_an_independent_keccak() {
    let mut memory = PagedMemory::default();
    let zero = b256!("0x838c5655cb21c6cb83313b5a631175dff4963772cce9108188b34ac87c81c41e");
    assert_eq!(memory.root().unwrap(), zero);

    let ascending: Vec<u8> = (0..64).collect();
    memory.write(0, &ascending).unwrap();
    memory.write(0x0040_0100, &b"opml".repeat(8)).unwrap();
    memory.write(0xffff_ffe0, &[0xff; 32]).unwrap();
    let root = b256!("0x97b3c7a3a8c753f017e8dcc92bcb75fb9d7651a06c945c94b93da8ac7166a750");
    assert_eq!(memory.root().unwrap(), root);

    // Zeros over everything give the root of zeros again.
    for address in [0, 0x20, 0x0040_0100, 0xffff_ffe0] {
        memory.write(address, &[0; 32]).unwrap();
    }
    assert_eq!(memory.root().unwrap(), zero);
}

#[test]
fn the_tree_in_a_page_is_kept_up_to_date_write_by_write() {
    let (mut paged, mut naive) = (PagedMemory::default(), NaiveMemory::mips());
    check(&Deed::Prove(0x1000), &mut paged, &mut naive);
    for round in 0..40_u32 {
        for leaf in [0, 1, 62, 63, 64, 65, 126, 127] {
            let address = 0x1000 + 32 * leaf + 4 * (round % 8);
            check(&Deed::Store(address, round * 128 + leaf), &mut paged, &mut naive);
        }
        check(&Deed::Prove(0x1000 + 32 * round), &mut paged, &mut naive);
    }
}

#[test]
fn many_pages_at_once_have_the_root_of_the_naive_tree() {
    let (mut paged, mut naive) = (PagedMemory::default(), NaiveMemory::mips());
    for page in 0..300_u32 {
        let address = page.wrapping_mul(0x9e37_79b1) & !3;
        check(&Deed::Store(address, page + 1), &mut paged, &mut naive);
    }
    check(&Deed::Root, &mut paged, &mut naive);
    assert_ne!(naive.root(), B256::ZERO);
}
