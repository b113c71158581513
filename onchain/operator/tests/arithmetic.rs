//! The arithmetic of tiles and regions against formulas in wide integers, at the ends of every range.
#![allow(clippy::unwrap_used)]

use opml_operator::{
    Area, Descriptor, Illegal, Kernel, Operator, Place, RegionSpec, Role, WORKING_BASE, legal,
};

const ROLE: Role = Role::Input(0);

/// Counts and strides at the ends of their types and of the memory.
const COUNTS: [u32; 5] = [0, 1, 2, 1 << 31, u32::MAX];
const STRIDES: [u64; 7] = [0, 32, 1 << 32, 1 << 39, (1 << 40) - 32, 1 << 63, u64::MAX];
const BASES: [u64; 9] = [
    0,
    32,
    (1 << 28) - 32,
    1 << 39,
    (1 << 40) - (1 << 28),
    (1 << 40) - 32,
    1 << 40,
    1 << 63,
    u64::MAX,
];

/// Where a region begins by the specification, however far out.
fn address(spec: &RegionSpec, place: Place) -> u128 {
    let product = |count: u32, stride: u64| u128::from(count) * u128::from(stride);
    u128::from(spec.base)
        + product(place.iteration, spec.iteration_stride)
        + product(place.row, spec.row_stride)
        + product(place.column, spec.column_stride)
}

fn check(spec: &RegionSpec, place: Place) {
    let base = address(spec, place);
    let got = spec.at(ROLE, place);
    let (role, log2_size) = (ROLE, spec.log2_size);
    // A product or a sum of 2^64 and more is outside, as all of 2^40 and more is.
    let Some(base) = u64::try_from(base).ok().filter(|base| *base < 1 << 40) else {
        assert_eq!(got, Err(Illegal::Outside { role }), "{spec:?} {place:?}");
        return;
    };
    if base % (1 << log2_size) == 0 {
        let area = got.unwrap();
        assert_eq!((area.base(), u32::from(area.log2_size())), (base, log2_size));
        assert!(area.base() + area.bytes() <= 1 << 40);
    } else {
        let log2_size = u8::try_from(log2_size).unwrap();
        assert_eq!(got, Err(Illegal::Alignment { role, base, log2_size }));
    }
}

#[test]
fn regions_begin_where_the_formula_says() {
    for base in BASES {
        for iteration_stride in STRIDES {
            for row_stride in STRIDES {
                for column_stride in STRIDES {
                    for log2_size in [5, 6, 28] {
                        let spec = RegionSpec {
                            base,
                            iteration_stride,
                            row_stride,
                            column_stride,
                            log2_size,
                        };
                        places(|place| check(&spec, place));
                    }
                }
            }
        }
    }
}

/// All combinations of [`COUNTS`].
fn places(mut each: impl FnMut(Place)) {
    for iteration in COUNTS {
        for row in COUNTS {
            for column in COUNTS {
                each(Place { iteration, row, column });
            }
        }
    }
}

#[test]
fn sizes_outside_the_range_are_refused() {
    let place = Place { iteration: 0, row: 0, column: 0 };
    for log2_size in (0..5).chain(29..70).chain([255, 256, 261, u32::MAX]) {
        let spec = RegionSpec { log2_size, ..RegionSpec::default() };
        assert_eq!(spec.at(ROLE, place), Err(Illegal::Size { role: ROLE, log2_size }));
    }
}

#[test]
fn areas_overlap_that_share_a_byte() {
    let place = Place { iteration: 0, row: 0, column: 0 };
    let mut areas = Vec::new();
    for log2_size in 5..=9_u32 {
        for index in 0..1 << (9 - log2_size) {
            for origin in [0, (1 << 40) - 512] {
                let base = origin + (index << log2_size);
                let spec = RegionSpec { base, log2_size, ..RegionSpec::default() };
                areas.push(spec.at(ROLE, place).unwrap());
            }
        }
    }
    let end = |area: Area| area.base() + area.bytes();
    for a in &areas {
        for b in &areas {
            let shared = a.base() < end(*b) && b.base() < end(*a);
            assert_eq!(a.overlaps(*b), shared, "{a:?} {b:?}");
        }
    }
}

/// An operator of one input and one column or more, tiny and legal wherever it stands.
fn relu(tiles: u32, columns: u32) -> Descriptor {
    let region = |base| RegionSpec { base, log2_size: 5, ..RegionSpec::default() };
    let mut descriptor = Descriptor {
        kernel: Kernel::Relu.id(),
        input_count: 1,
        tiles,
        columns,
        bound: 20,
        output: region(WORKING_BASE),
        ..Descriptor::default()
    };
    descriptor.params[0] = 1;
    descriptor.input_specs[0] = region(0);
    descriptor
}

#[test]
fn every_tile_of_every_small_grid_has_its_place() {
    for tiles in 0..20 {
        for columns in 0..20 {
            let descriptor = relu(tiles, columns);
            for tile in 0..22 {
                let got = legal(&descriptor, 3, tile);
                if tiles == 0 || columns == 0 {
                    assert_eq!(got, Err(Illegal::Grid { tiles, columns }));
                } else if tile >= tiles {
                    assert_eq!(got, Err(Illegal::Tile { tile, tiles }));
                } else {
                    let got = got.unwrap();
                    let place = Place { iteration: 3, row: tile / columns, column: tile % columns };
                    assert_eq!((got.place, got.last), (place, tile + 1 == tiles));
                }
            }
        }
    }
    let all = relu(u32::MAX, u32::MAX);
    assert_eq!(legal(&all, 0, u32::MAX), Err(Illegal::Tile { tile: u32::MAX, tiles: u32::MAX }));
    assert!(legal(&all, 0, u32::MAX - 1).unwrap().last);
    assert!(!legal(&all, 0, u32::MAX - 2).unwrap().last);
}

/// Attention of one query by heads of `head` elements, in tiles of `2^log2_size` bytes.
fn attend(head: u32, heads: u32, log2_size: u32) -> Option<opml_operator::geometry::Attend> {
    let channels = head * heads;
    let row_log2 = (4 * channels).next_power_of_two().ilog2();
    let blocks = channels / 32;
    let packed_log2 = (36 * blocks).next_power_of_two().ilog2();
    let mut descriptor = Descriptor {
        kernel: Kernel::Attend.id(),
        input_count: 3,
        tiles: 1,
        columns: 1,
        bound: 30,
        output: RegionSpec { base: WORKING_BASE, log2_size, ..RegionSpec::default() },
        ..Descriptor::default()
    };
    let params =
        [1, channels, row_log2, heads, 1, 0, 0, blocks, packed_log2, blocks, packed_log2, 0, 0, 0];
    descriptor.params[..14].copy_from_slice(&params);
    for spec in &mut descriptor.input_specs[..3] {
        spec.log2_size = packed_log2;
    }
    match legal(&descriptor, 0, 0).unwrap().operator {
        Operator::Attend(attend) => Some(attend),
        _ => None,
    }
}

/// A tile is charged for exactly the most heads that any tile of the row meets.
#[test]
fn a_slice_is_charged_for_the_heads_that_it_can_meet() {
    for blocks in 1..=12 {
        let head: u32 = 32 * blocks;
        for heads in [1, 2, 3, 5, 8, 13] {
            let channels = head * heads;
            let row = (4 * channels).next_power_of_two() / 4;
            for log2_size in 5..=row.ilog2() + 1 {
                let width = 1 << (log2_size - 2);
                let charged = attend(head, heads, log2_size).unwrap().tile_heads();
                let meets = |first: u32| {
                    let last = (first + width - 1).min(channels - 1);
                    last / head - first / head + 1
                };
                let most = (0..channels).step_by(width as usize).map(meets).max().unwrap();
                // Behind the row's last head there is nothing, for which slices are charged all the same.
                assert!(charged >= most, "{heads} heads of {head}, {width} words");
                let bound = most.max((width - 1).div_ceil(head) + 1);
                assert!(charged <= bound, "{heads} heads of {head}, {width} words: {charged}");
            }
        }
    }
}
