//! Pages out of a source: asked for once, on first touch, and checked.

use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::merkle::{Region, Space};
use opml_core::mips::{Memory, WordAddr};
use opml_vm::memory::PagedMemory;
use opml_vm::source::{ContentStore, NoSource, PageSource, SourceError};
use opml_vm::{MemoryError, PAGE_BYTES};
use proptest::prelude::*;

use crate::naive::NaiveMemory;
use crate::roots::{check, deed};
use crate::sources::{Counted, Lying, Whole, mapped};

/// A word in each of these pages.
const PAGES: [u32; 6] = [0, 1, 2, 0x400, 0x8_0000, 0xf_ffff];

pub fn sparse() -> NaiveMemory {
    let mut memory = NaiveMemory::mips();
    for page in PAGES {
        memory.set_word(page << 12 | 0x0ff0, 0x5000_0000 | page);
    }
    memory
}

pub fn load(memory: &mut PagedMemory, address: u32) -> Result<u32, MemoryError> {
    memory.load(WordAddr::new(address).unwrap())
}

fn page(number: u32) -> Region {
    Region::new(Space::MIPS, u64::from(number) << 12, 12).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_mapped_memory_behaves_like_the_memory_it_maps(
        before in prop::collection::vec(deed(), 0..12),
        deeds in prop::collection::vec(deed(), 0..24),
    ) {
        let mut naive = sparse();
        let mut scratch = PagedMemory::default();
        for deed in &before {
            if !matches!(deed, crate::roots::Deed::Root | crate::roots::Deed::Prove(_) | crate::roots::Deed::Read(..)) {
                check(deed, &mut scratch, &mut naive);
            }
        }
        let mut paged = mapped(Arc::new(Whole::new(naive.clone())), &naive, 64);
        for deed in &deeds {
            check(deed, &mut paged, &mut naive);
        }
        prop_assert_eq!(paged.root().unwrap(), naive.root());
    }
}

#[test]
fn the_source_is_asked_once_and_only_for_what_is_touched() {
    let source = Arc::new(Counted::new(Whole::new(sparse())));
    let mut memory = mapped(Arc::clone(&source) as Arc<dyn PageSource>, &sparse(), 64);
    assert_eq!(memory.root().unwrap(), sparse().root());
    assert_eq!(source.asked(), (0, 0), "a root needs nothing");

    assert_eq!(load(&mut memory, 0x0ff0).unwrap(), 0x5000_0000);
    assert_eq!(source.asked(), (20, 1), "twenty levels and one page");
    assert_eq!(load(&mut memory, 0x0ff4).unwrap(), 0);
    assert_eq!(source.asked(), (20, 1));
    // The neighbour shares all but the last level.
    assert_eq!(load(&mut memory, 0x1ff0).unwrap(), 0x5000_0001);
    assert_eq!(source.asked(), (20, 2));
    // A page of zeros is known from its root.
    assert_eq!(load(&mut memory, 0x7000_0000).unwrap(), 0);
    let (nodes, pages) = source.asked();
    assert_eq!(pages, 2);
    assert!(nodes <= 40, "{nodes}");
}

#[test]
fn a_store_needs_the_page_around_it() {
    let mut naive = sparse();
    let mut memory = mapped(Arc::new(Whole::new(sparse())), &naive, 64);
    memory.store(WordAddr::new(0x0040_0000).unwrap(), 7).unwrap();
    naive.set_word(0x0040_0000, 7);
    assert_eq!(memory.root().unwrap(), naive.root());
    assert_eq!(load(&mut memory, 0x0040_0ff0).unwrap(), 0x5000_0400);
}

#[test]
fn an_altered_page_is_named_and_the_others_stay_readable() {
    let source = Lying { source: Whole::new(sparse()), region: page(1) };
    let mut memory = mapped(Arc::new(source), &sparse(), 64);
    assert_eq!(load(&mut memory, 0x0ff0).unwrap(), 0x5000_0000);
    for _ in 0..2 {
        let error = load(&mut memory, 0x1000).unwrap_err();
        let MemoryError::Source(SourceError::WrongPage { node, actual }) = error else {
            panic!("{error:?}");
        };
        assert_eq!((node.region, node.hash), (page(1), sparse().node(7, 1)));
        assert_ne!(actual, node.hash);
    }
    assert!(memory.store(WordAddr::new(0x1000).unwrap(), 1).is_err());
    assert!(memory.prove(0x1000).is_err());
    assert_eq!(load(&mut memory, 0x2ff0).unwrap(), 0x5000_0002);
    assert_eq!(memory.root().unwrap(), sparse().root());
    let proof: Vec<u8> = memory.prove(0x2ff0).unwrap().iter().flat_map(|hash| hash.0).collect();
    assert_eq!(proof, sparse().proof(0x2ff0));
}

#[test]
fn altered_nodes_are_named_at_every_level() {
    for log2_size in 13..=32 {
        let region = Region::new(Space::MIPS, 0, log2_size).unwrap();
        let source = Lying { source: Whole::new(sparse()), region };
        let mut memory = mapped(Arc::new(source), &sparse(), 64);
        let error = load(&mut memory, 0x0ff0).unwrap_err();
        let MemoryError::Source(SourceError::WrongChildren { node }) = error else {
            panic!("{error:?}");
        };
        assert_eq!((node.region, node.hash), (region, sparse().node(log2_size - 5, 0)));
        // What does not lie below is readable.
        if log2_size < 32 {
            assert_eq!(load(&mut memory, 0xffff_fff0).unwrap(), 0x500f_ffff);
        }
    }
}

#[test]
fn a_source_that_holds_nothing_says_what_is_missing() {
    let mut memory = mapped(Arc::new(NoSource), &sparse(), 64);
    let error = load(&mut memory, 0).unwrap_err();
    let MemoryError::Source(SourceError::Missing { node }) = error else { panic!("{error:?}") };
    assert_eq!((node.region, node.hash), (Region::MIPS, sparse().root()));
}

#[test]
fn a_content_store_gives_what_was_put_in() {
    let image: Vec<u8> = (0..251).cycle().take(3 * PAGE_BYTES + 100).collect();
    let mut store = ContentStore::default();
    let root = store.insert_image(&image, 3);
    let mut naive = NaiveMemory::mips();
    naive.write(0x2000_0000, &image);
    assert_eq!(root, naive.node(10, 0x2000_0000 >> 15));

    let mut memory = PagedMemory::new(Arc::new(store), 16);
    let region = Region::new(Space::MIPS, 0x2000_0000, 15).unwrap();
    memory.map(region, root).unwrap();
    assert_eq!(memory.root().unwrap(), naive.root());
    let mut bytes = vec![0; 8 * PAGE_BYTES];
    memory.read(0x2000_0000, &mut bytes).unwrap();
    assert_eq!(bytes[..image.len()], image);
    assert!(bytes[image.len()..].iter().all(|byte| *byte == 0));
}

#[test]
fn images_of_every_length_have_the_root_of_the_naive_tree() {
    for pages in 0..=9 {
        for level in 0..=4 {
            let image = vec![0x5a; pages * PAGE_BYTES];
            let held = image.len().min(PAGE_BYTES << level);
            let mut naive = NaiveMemory::new(7 + level);
            naive.write(0, &image[..held]);
            let root: B256 = ContentStore::default().insert_image(&image, level);
            assert_eq!(root, naive.root(), "{pages} pages, level {level}");
        }
    }
}
