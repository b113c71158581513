//! Rules of the kernels of images, at their limits.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use opml_operator::{
    Descriptor, Illegal, Kernel, Operator, RegionSpec, Role, WORKING_BASE, cost, legal,
};

/// A descriptor of one tile with regions of these sizes, as powers of two: the output's, then the inputs'.
fn descriptor(kernel: Kernel, params: &[u32], sizes: &[u32]) -> Descriptor {
    let mut descriptor = Descriptor {
        kernel: kernel.id(),
        input_count: kernel.inputs(),
        tiles: 1,
        columns: 1,
        bound: 30,
        output: RegionSpec { base: WORKING_BASE, log2_size: sizes[0], ..RegionSpec::default() },
        ..Descriptor::default()
    };
    descriptor.params[..params.len()].copy_from_slice(params);
    for (spec, log2_size) in descriptor.input_specs.iter_mut().zip(&sizes[1..]) {
        *spec = RegionSpec { log2_size: *log2_size, ..RegionSpec::default() };
    }
    descriptor
}

fn rule(kernel: Kernel, params: &[u32], sizes: &[u32]) -> Option<Illegal> {
    legal(&descriptor(kernel, params, sizes), 0, 0).err()
}

/// 3 x 3 weights of eight bits from 33 channels to 20, 4 x 4 pixels, a window of two lines around.
const CONV: [u32; 12] = [16, 20, 7, 2, 33, 7, 4, 4, 4, 3, 1, 1];
/// Output of four pixels; 2 groups of 18 blocks of 544 bytes; 16 rows of 2 blocks; 20 numbers.
const CONV_SIZES: [u32; 4] = [9, 15, 11, 7];

#[test]
fn a_convolution_is_legal_up_to_its_limits() {
    let operator = legal(&descriptor(Kernel::Conv, &CONV, &CONV_SIZES), 0, 0).unwrap().operator;
    let Operator::Conv(conv) = operator else { panic!("another kernel") };
    assert_eq!((conv.matrix.k, conv.tap, conv.out.tile_pixels()), (9 * 64, 64, 4));
    let with = |index: usize, value: u32| {
        let mut params = CONV;
        params[index] = value;
        rule(Kernel::Conv, &params, &CONV_SIZES)
    };
    let wrong = |index: u8, value| Some(Illegal::Param { index, value });
    // Rows of 20 numbers take 80 bytes, quantized ones of 33 elements 72.
    assert_eq!(with(2, 6), wrong(2, 6));
    assert_eq!(with(5, 6), wrong(5, 6));
    assert_eq!(with(2, 29), wrong(2, 29));
    for (index, values) in
        [(3, [7, 8]), (6, [0, 8193]), (8, [0, 8193]), (9, [0, 17]), (10, [0, 17]), (11, [17, 18])]
    {
        for value in values {
            assert_eq!(with(index, value), wrong(index as u8, value));
        }
    }
    let shape = |role, log2_size, needed| Some(Illegal::Shape { role, log2_size, needed });
    let small = |index: usize| {
        let mut sizes = CONV_SIZES;
        sizes[index] -= 1;
        rule(Kernel::Conv, &CONV, &sizes)
    };
    assert_eq!(small(1), shape(Role::Input(0), 14, 2 * 18 * 544));
    assert_eq!(small(2), shape(Role::Input(1), 10, 16 << 7));
    assert_eq!(small(3), shape(Role::Input(2), 6, 80));
}

#[test]
fn heads_lie_in_their_rows() {
    // Two heads of 32 out of rows of 6 blocks: queries, keys and values side by side.
    let params = [8, 64, 8, 2, 8, 1, 0, 6, 8, 6, 8, 0, 2, 4];
    assert_eq!(rule(Kernel::Attend, &params, &[11, 11, 11, 11]), None);
    let mut past = params;
    past[13] = 5;
    let wrong = |index, value| Some(Illegal::Param { index, value });
    assert_eq!(rule(Kernel::Attend, &past, &[11, 11, 11, 11]), wrong(13, 5));
    past[13] = u32::MAX;
    assert_eq!(rule(Kernel::Attend, &past, &[11, 11, 11, 11]), wrong(13, u32::MAX));
    for heads in [0, 3, 4] {
        let mut params = params;
        params[3] = heads;
        assert_eq!(rule(Kernel::Attend, &params, &[11, 11, 11, 11]), wrong(3, heads));
    }
}

#[test]
fn a_slice_of_a_row_is_charged_for_the_heads_that_it_meets() {
    // Heads of 96: words 256 .. 511 of a row belong to four of them.
    let heads = |log2_size| {
        let params = [1, 768, 12, 8, 1, 0, 0, 24, 10, 24, 10, 0, 0, 0];
        let tile = legal(&descriptor(Kernel::Attend, &params, &[log2_size, 10, 10, 10]), 0, 0);
        let Operator::Attend(attend) = tile.unwrap().operator else { panic!("another kernel") };
        attend.tile_heads()
    };
    assert_eq!([5, 7, 9, 10, 11, 12, 13].map(heads), [1, 1, 2, 4, 6, 8, 16]);
}

#[test]
fn sizes_of_images_go_with_each_other() {
    let resample = |pixels, side, mode, factor| {
        rule(Kernel::Resample, &[pixels, 1, 2, 2, side, side, mode, factor], &[5, 12])
    };
    let wrong = |index, value| Some(Illegal::Param { index, value });
    assert_eq!(resample(64, 4, 0, 2), None);
    assert_eq!(resample(63, 4, 0, 2), wrong(0, 63));
    assert_eq!(resample(4, 4, 1, 2), None);
    assert_eq!(resample(4, 5, 1, 2), wrong(0, 4));
    assert_eq!(resample(64, 4, 2, 2), None);
    assert_eq!(resample(144, 4, 2, 3), wrong(7, 3));
    assert_eq!(resample(64, 4, 3, 2), wrong(6, 3));
}

#[test]
fn images_have_one_column() {
    let mut concat = descriptor(Kernel::Concat, &[4, 2, 3, 2, 2, 1], &[5, 5, 5]);
    legal(&concat, 0, 0).unwrap();
    (concat.tiles, concat.columns) = (2, 2);
    assert_eq!(legal(&concat, 0, 0), Err(Illegal::KernelGrid { tiles: 2, columns: 2 }));
}

#[test]
fn a_tile_of_quantized_rows_has_whole_ones() {
    let params = [4, 33, 7, 8];
    assert_eq!(rule(Kernel::Pack, &params, &[7, 10]), None);
    let needed = Some(Illegal::Shape { role: Role::Output, log2_size: 6, needed: 128 });
    assert_eq!(rule(Kernel::Pack, &params, &[6, 10]), needed);
    // All of a row is charged for, though a tile has fewer words than a row has elements.
    let tile = legal(&descriptor(Kernel::Pack, &params, &[7, 10]), 0, 0).unwrap();
    assert_eq!(cost(&tile.operator), 10_000 + 64 * 250 + 1_000);
}
