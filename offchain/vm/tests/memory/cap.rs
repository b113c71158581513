//! The cap on resident pages: clean pages come and go, written pages stay.

use std::sync::Arc;

use opml_core::mips::{Memory, WordAddr};
use opml_vm::MemoryError;
use opml_vm::memory::PagedMemory;
use opml_vm::source::NoSource;
use proptest::prelude::*;

use crate::naive::NaiveMemory;
use crate::source::load;
use crate::sources::{Counted, Whole, mapped};

/// 64 pages in a row from this address, each with a word of its own.
const BASE: u32 = 0x2000_0000;

fn large() -> NaiveMemory {
    let mut memory = NaiveMemory::mips();
    for page in 0..64 {
        memory.set_word(BASE + 0x1000 * page + 8, 0x9000_0000 | page);
    }
    memory
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Up to twelve pages are written, all 64 are read, sixteen fit.
    #[test]
    fn a_memory_larger_than_the_cap_keeps_every_word(
        accesses in prop::collection::vec((0..64_u32, 0..1024_u32, any::<u32>(), 0..12_u8), 1..300),
    ) {
        let mut naive = large();
        let mut paged = mapped(Arc::new(Whole::new(large())), &naive, 16);
        for (page, word, value, kind) in accesses {
            // Page p writes only if p is a multiple of six: eleven pages.
            let address = BASE + 0x1000 * page + 4 * word;
            match kind {
                0..5 if page % 6 == 0 => {
                    paged.store(WordAddr::new(address).unwrap(), value).unwrap();
                    naive.set_word(address, value);
                }
                11 => prop_assert_eq!(paged.root().unwrap(), naive.root()),
                10 => {
                    let proof = paged.prove(address).unwrap();
                    let bytes: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
                    prop_assert_eq!(bytes, naive.proof(address));
                }
                _ => prop_assert_eq!(load(&mut paged, address).unwrap(), naive.word(address)),
            }
            prop_assert!(paged.resident_pages() <= 16);
        }
        prop_assert_eq!(paged.root().unwrap(), naive.root());
    }
}

#[test]
fn the_least_recently_used_page_goes_first() {
    let source = Arc::new(Counted::new(Whole::new(large())));
    let mut memory = mapped(Arc::clone(&source) as Arc<_>, &large(), 16);
    let page = |number: u32| BASE + 0x1000 * number;
    for number in 0..16 {
        load(&mut memory, page(number)).unwrap();
    }
    // Pages 0 and 1 are used again after page 15 came; pages 2 and 3 are now the oldest.
    load(&mut memory, page(0)).unwrap();
    load(&mut memory, page(1)).unwrap();
    load(&mut memory, page(16)).unwrap();
    let asked = source.asked();
    for number in [0, 1].into_iter().chain(4..17) {
        load(&mut memory, page(number)).unwrap();
    }
    assert_eq!(source.asked(), asked, "still there");
    load(&mut memory, page(2)).unwrap();
    assert_ne!(source.asked(), asked, "gone");
}

#[test]
fn written_pages_fill_the_cap_and_then_nothing_else_fits() {
    for cap in [16, 17, 40] {
        let mut naive = large();
        let mut memory = mapped(Arc::new(Whole::new(large())), &naive, cap);
        let cap_pages = u32::try_from(cap).unwrap();
        for page in 0..cap_pages {
            let address = BASE + 0x1000 * page;
            memory.store(WordAddr::new(address).unwrap(), page + 1).unwrap();
            naive.set_word(address, page + 1);
        }
        let next = BASE + 0x1000 * cap_pages;
        for _ in 0..2 {
            let error = load(&mut memory, next).unwrap_err();
            assert!(matches!(error, MemoryError::Full { cap_pages } if cap_pages == cap));
            let error = memory.store(WordAddr::new(next).unwrap(), 7).unwrap_err();
            assert!(matches!(error, MemoryError::Full { .. }));
            // Hashing does not make them clean.
            assert_eq!(memory.root().unwrap(), naive.root());
        }
        // Nothing is lost, and what is there can be read and written.
        for page in 0..cap_pages {
            let address = BASE + 0x1000 * page;
            assert_eq!(load(&mut memory, address).unwrap(), page + 1);
            memory.store(WordAddr::new(address + 4).unwrap(), page).unwrap();
            naive.set_word(address + 4, page);
        }
        assert_eq!(memory.root().unwrap(), naive.root());
    }
}

#[test]
fn a_cap_below_sixteen_pages_is_sixteen() {
    for cap in [0, 1, 15] {
        let mut memory = PagedMemory::new(Arc::new(NoSource), cap);
        for page in 0..16 {
            memory.store(WordAddr::new(0x1000 * page).unwrap(), 1).unwrap();
        }
        let error = load(&mut memory, 0x0010_0000).unwrap_err();
        assert!(matches!(error, MemoryError::Full { cap_pages: 16 }), "{error}");
    }
}

#[test]
fn a_failed_fault_keeps_the_memory_usable() {
    let naive = large();
    let mut memory = mapped(Arc::new(NoSource), &naive, 16);
    for _ in 0..100 {
        assert!(load(&mut memory, BASE).is_err());
        assert!(memory.resident_pages() <= 16);
    }
    assert_eq!(memory.root().unwrap(), naive.root());
}
