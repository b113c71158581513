//! Regions: which bases and sizes name one, and where it stands in the tree.

use alloy_primitives::b256;
use opml_core::merkle::{LEAF_LOG2, MAX_HEIGHT, Region, RegionError, Space, zero_root};
use opml_core::mips::{InputIndex, Window};
use proptest::prelude::*;

use crate::naive::zero;

#[test]
fn zero_roots_are_what_hashing_zeros_gives() {
    for height in 0..=MAX_HEIGHT {
        assert_eq!(zero_root(height), Some(zero(height)), "height {height}");
    }
    for height in MAX_HEIGHT + 1..=u8::MAX {
        assert_eq!(zero_root(height), None);
    }
    // Two of them by an independent keccak: all of the MIPS and of the graph machine's memory.
    let mips = b256!("0x838c5655cb21c6cb83313b5a631175dff4963772cce9108188b34ac87c81c41e");
    let graph = b256!("0xae824d72ddc272aab68a8c3022e36f10454437c1886f3ff9927b64f232df414f");
    assert_eq!((zero_root(27), zero_root(35)), (Some(mips), Some(graph)));
}

#[test]
fn sizes_are_at_least_a_leaf_and_at_most_the_space() {
    for (space, space_log2) in [(Space::MIPS, 32), (Space::GRAPH, 40)] {
        assert_eq!(space.log2_size(), space_log2);
        for log2_size in 0..=u8::MAX {
            let expected = if (LEAF_LOG2..=space_log2).contains(&log2_size) {
                Ok(log2_size)
            } else {
                Err(RegionError::Size { log2_size, space_log2 })
            };
            assert_eq!(Region::new(space, 0, log2_size).map(Region::log2_size), expected);
        }
    }
}

#[test]
fn bases_are_aligned_and_inside() {
    let new = |base, log2_size| Region::new(Space::MIPS, base, log2_size);
    let misaligned = |base, log2_size| Err(RegionError::Alignment { base, log2_size });
    let outside = |base| Err(RegionError::Outside { base, space_log2: 32 });
    for base in [1, 16, 31, 33, 0xffff_ffff] {
        assert_eq!(new(base, 5), misaligned(base, 5));
    }
    assert_eq!(new(0x1000, 13), misaligned(0x1000, 13));
    assert_eq!(new(0x8000_0000, 32), misaligned(0x8000_0000, 32));
    for base in [1 << 32, 1 << 40, 1 << 63, u64::MAX, (1 << 32) | 1] {
        assert_eq!(new(base, 5), outside(base));
    }
    assert!(new(0xffff_ffe0, 5).is_ok());
    assert!(new(0x8000_0000, 31).is_ok());
    assert!(Region::new(Space::GRAPH, 0xff_ffff_ffe0, 5).is_ok());
    let beyond = Err(RegionError::Outside { base: 1 << 40, space_log2: 40 });
    assert_eq!(Region::new(Space::GRAPH, 1 << 40, 5), beyond);
}

#[test]
fn index_and_path_length_follow_from_base_size_and_space() {
    // Base, size, index, siblings in the MIPS space, siblings in the graph space.
    let rows = [
        (0, 5, 0, 27, 35),
        (0xffff_ffe0, 5, 0x07ff_ffff, 27, 35),
        (0x0040_0000, 12, 0x400, 20, 28),
        (0xf000_0000, 28, 15, 4, 12),
        (0x8000_0000, 31, 1, 1, 9),
        (0, 32, 0, 0, 8),
    ];
    for (base, log2_size, index, mips, graph) in rows {
        for (space, path) in [(Space::MIPS, mips), (Space::GRAPH, graph)] {
            let region = Region::new(space, base, log2_size).unwrap();
            assert_eq!((region.space(), region.base()), (space, base));
            assert_eq!((region.log2_size(), region.index()), (log2_size, index));
            assert_eq!(region.path_len(), path);
        }
    }
    assert_eq!(Ok(Region::MIPS), Region::new(Space::MIPS, 0, 32));
    assert_ne!(Ok(Region::MIPS), Region::new(Space::GRAPH, 0, 32));
}

/// The sixteen windows of docs/spec.md section 2.2.
#[test]
fn windows_are_sixteen_regions_of_256_mebibytes() {
    let input = |number| Window::Input(InputIndex::new(number).unwrap());
    let windows = [
        (Window::Image, 0),
        (Window::Arguments, 1),
        (input(0), 2),
        (input(7), 9),
        (Window::Output, 10),
        (Window::Stack, 15),
    ];
    for (window, number) in windows {
        assert_eq!(window.number(), number);
        assert_eq!(window.base(), u32::from(number) << 28);
        let region = Region::new(Space::MIPS, u64::from(number) << 28, 28);
        assert_eq!(Ok(window.region()), region);
    }
    assert_eq!(InputIndex::new(8), None);
    assert_eq!(InputIndex::new(255), None);
}

proptest! {
    #[test]
    fn the_leaf_of_an_address_is_the_region_of_32_bytes_around_it(address: u32) {
        let region = Region::mips_leaf(address);
        let base = u64::from(address) / 32 * 32;
        prop_assert_eq!(Ok(region), Region::new(Space::MIPS, base, 5));
        prop_assert_eq!(region.index(), u64::from(address / 32));
    }

    #[test]
    fn any_base_and_size_name_a_region_exactly_when_aligned_and_inside(base: u64, shift in 0..64_u32, log2_size in 0..48_u8) {
        let base = base >> shift;
        let aligned = base.trailing_zeros() >= log2_size.into();
        let fits = (5..=40).contains(&log2_size) && base < 1 << 40 && aligned;
        prop_assert_eq!(Region::new(Space::GRAPH, base, log2_size).is_ok(), fits);
    }
}
