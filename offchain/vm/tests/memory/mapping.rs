//! Mapping regions known by their root alone.

use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::merkle::{Region, Space, zero_root};
use opml_vm::memory::PagedMemory;
use opml_vm::source::{ContentStore, NoSource, SourceError};
use opml_vm::{MemoryError, PAGE_BYTES};

use crate::naive::NaiveMemory;
use crate::source::load;

fn region(base: u64, log2_size: u8) -> Region {
    Region::new(Space::MIPS, base, log2_size).unwrap()
}

/// A store with one image of `2^level` pages, each of its own byte.
fn image(level: u8) -> (ContentStore, B256, Vec<u8>) {
    let bytes: Vec<u8> = (1..=1 << level).flat_map(|byte: u8| [byte; PAGE_BYTES]).collect();
    let mut store = ContentStore::default();
    let root = store.insert_image(&bytes, level);
    (store, root, bytes)
}

#[test]
fn a_subtree_of_any_size_can_be_mapped_at_any_place() {
    for level in 0..5_u8 {
        let (store, root, bytes) = image(level);
        let size = PAGE_BYTES as u64 * (1 << level);
        for base in [0, size, 0x2000_0000, (1 << 32) - size] {
            let mut memory = PagedMemory::new(Arc::new(store.clone()), 64);
            memory.map(region(base, 12 + level), root).unwrap();
            let mut naive = NaiveMemory::mips();
            let address = u32::try_from(base).unwrap();
            naive.write(address, &bytes);
            assert_eq!(memory.root().unwrap(), naive.root());
            let mut read = vec![0; bytes.len()];
            memory.read(address, &mut read).unwrap();
            assert_eq!(read, bytes);
            memory.write(address, &[0xee]).unwrap();
            naive.write(address, &[0xee]);
            assert_eq!(memory.root().unwrap(), naive.root());
        }
    }
}

#[test]
fn the_same_subtree_can_be_mapped_twice_and_written_apart() {
    let (store, root, bytes) = image(2);
    let mut memory = PagedMemory::new(Arc::new(store), 64);
    let mut naive = NaiveMemory::mips();
    for base in [0x2000_0000_u32, 0x3000_0000] {
        memory.map(region(base.into(), 14), root).unwrap();
        naive.write(base, &bytes);
    }
    memory.write(0x3000_1000, b"apart").unwrap();
    naive.write(0x3000_1000, b"apart");
    assert_eq!(memory.root().unwrap(), naive.root());
    assert_eq!(load(&mut memory, 0x2000_1000).unwrap(), 0x0202_0202);
}

#[test]
fn mapping_replaces_what_was_written_there_and_nothing_else() {
    let (store, root, bytes) = image(2);
    let mut memory = PagedMemory::new(Arc::new(store), 64);
    let mut naive = NaiveMemory::mips();
    for base in [0x1fff_f000_u32, 0x2000_0000, 0x2000_3000, 0x2000_4000] {
        memory.write(base, b"written before").unwrap();
        naive.write(base, b"written before");
        // Inner nodes of the page are kept.
        memory.prove(base).unwrap();
    }
    memory.map(region(0x2000_0000, 14), root).unwrap();
    naive.write(0x2000_0000, &bytes);
    assert_eq!(memory.root().unwrap(), naive.root());
    assert_eq!(load(&mut memory, 0x2000_0000).unwrap(), 0x0101_0101);
    assert_eq!(load(&mut memory, 0x2000_3000).unwrap(), 0x0404_0404);
    assert_eq!(load(&mut memory, 0x1fff_f000).unwrap(), u32::from_le_bytes(*b"writ"));
    assert_eq!(load(&mut memory, 0x2000_4000).unwrap(), u32::from_le_bytes(*b"writ"));
}

#[test]
fn zeros_need_no_source() {
    let mut memory = PagedMemory::new(Arc::new(NoSource), 64);
    for log2_size in 12..=32 {
        memory.write(0, b"written before").unwrap();
        memory.map(region(0, log2_size), zero_root(log2_size - 5).unwrap()).unwrap();
        assert_eq!(memory.root().unwrap(), zero_root(27).unwrap());
        assert_eq!(load(&mut memory, 0).unwrap(), 0);
    }
}

#[test]
fn a_page_in_a_mapped_subtree_can_be_mapped_again() {
    let (store, root, _) = image(4);
    let mut memory = PagedMemory::new(Arc::new(store), 64);
    memory.map(region(0, 16), root).unwrap();
    let page_root = {
        let mut page = NaiveMemory::new(7);
        page.write(0, &[3; PAGE_BYTES]);
        page.root()
    };
    memory.map(region(0x8000, 12), page_root).unwrap();
    assert_eq!(load(&mut memory, 0x7000).unwrap(), 0x0808_0808);
    assert_eq!(load(&mut memory, 0x8000).unwrap(), 0x0303_0303);
    assert_eq!(load(&mut memory, 0x9000).unwrap(), 0x0a0a_0a0a);
}

#[test]
fn only_whole_pages_of_this_memory_can_be_mapped() {
    let mut memory = PagedMemory::default();
    let graph = |base, log2_size| Region::new(Space::GRAPH, base, log2_size).unwrap();
    let regions = [
        region(0, 5),
        region(0x1000, 11),
        graph(0, 33),
        graph(0, 40),
        graph(1 << 32, 12),
        graph(1 << 39, 28),
        graph(0xff_ffff_f000, 12),
    ];
    for region in regions {
        let error = memory.map(region, B256::ZERO).unwrap_err();
        assert!(matches!(error, MemoryError::Unmappable { region: named } if named == region));
    }
    assert_eq!(memory.root().unwrap(), zero_root(27).unwrap());
}

/// The nodes on the way to the region cannot be had.
#[test]
fn a_failed_map_changes_nothing() {
    let mut memory = PagedMemory::new(Arc::new(NoSource), 64);
    memory.map(region(0x3000_0000, 28), B256::repeat_byte(1)).unwrap();
    memory.write(0x2000_0000, b"written before").unwrap();
    let root = memory.root().unwrap();
    for log2_size in 12..28 {
        let error = memory.map(region(0x3000_0000, log2_size), B256::ZERO).unwrap_err();
        let MemoryError::Source(SourceError::Missing { node }) = error else { panic!("{error}") };
        assert_eq!(node.region, region(0x3000_0000, 28));
        assert_eq!(memory.root().unwrap(), root);
    }
    assert_eq!(load(&mut memory, 0x2000_0000).unwrap(), u32::from_le_bytes(*b"writ"));
}
