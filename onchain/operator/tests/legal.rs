//! Legality by hand-made descriptors, and over arbitrary ones.
#![allow(clippy::unwrap_used)]

use opml_operator::{
    Control, DESCRIPTOR_BYTES, Descriptor, Illegal, Kernel, Operator, RegionSpec, Role,
    WORKING_BASE, WeightType, cost, legal,
};
use proptest::prelude::*;

fn region(base: u64, log2_size: u32) -> RegionSpec {
    RegionSpec { base, log2_size, ..RegionSpec::default() }
}

/// 64 x 96 weights of eight bits, sixteen outputs a tile.
fn matmul() -> Descriptor {
    let mut descriptor = Descriptor {
        kernel: Kernel::Matmul.id(),
        input_count: 2,
        tiles: 4,
        columns: 4,
        bound: 25,
        output: RegionSpec { column_stride: 64, ..region(WORKING_BASE, 6) },
        ..Descriptor::default()
    };
    descriptor.params[..3].copy_from_slice(&[96, 64, WeightType::Q8_0.id()]);
    descriptor.input_specs[0] = region(0, 13);
    descriptor.input_specs[1] = region(WORKING_BASE + 4096, 7);
    descriptor
}

#[test]
fn a_matrix_product_is_legal_in_each_of_its_tiles() {
    let descriptor = matmul();
    for tile in 0..4 {
        let legal = legal(&descriptor, 0, tile).unwrap();
        assert_eq!(legal.output.base(), WORKING_BASE + 64 * u64::from(tile));
        assert_eq!(legal.output.log2_size(), 6);
        assert_eq!(legal.last, tile == 3);
        assert_eq!(legal.control, Control::Next);
        assert_eq!(
            legal.inputs().map(opml_operator::Area::base).collect::<Vec<_>>(),
            [0, WORKING_BASE + 4096]
        );
        let Operator::Matmul(matmul) = legal.operator else { panic!("another kernel") };
        assert_eq!((matmul.matrix.k, matmul.matrix.rows, matmul.tile_rows), (96, 64, 16));
    }
    assert_eq!(legal(&descriptor, 0, 4), Err(Illegal::Tile { tile: 4, tiles: 4 }));
}

/// Changes one thing of [`matmul`] and names the rule that breaks.
fn broken(change: impl FnOnce(&mut Descriptor)) -> Illegal {
    let mut descriptor = matmul();
    change(&mut descriptor);
    legal(&descriptor, 0, 0).unwrap_err()
}

#[test]
fn every_rule_is_named() {
    assert_eq!(legal(&Descriptor::default(), 0, 0), Err(Illegal::Grid { tiles: 0, columns: 0 }));
    assert_eq!(broken(|d| d.kernel = 0), Illegal::Kernel { id: 0 });
    assert_eq!(broken(|d| d.kernel = 37), Illegal::Kernel { id: 37 });
    assert_eq!(broken(|d| d.input_count = 3), Illegal::InputCount { expected: 2, actual: 3 });
    assert_eq!(broken(|d| d.input_count = 9), Illegal::InputCount { expected: 2, actual: 9 });
    assert_eq!(broken(|d| d.params[3] = 1), Illegal::UnusedParam);
    assert_eq!(broken(|d| d.input_specs[2].base = 1), Illegal::UnusedInput);
    assert_eq!(broken(|d| d.tiles = 0), Illegal::Grid { tiles: 0, columns: 4 });
    assert_eq!(broken(|d| d.columns = 0), Illegal::Grid { tiles: 4, columns: 0 });
    assert_eq!(broken(|d| d.bound = 31), Illegal::Bound { log2: 31 });
    assert_eq!(broken(|d| d.bound = u32::MAX), Illegal::Bound { log2: u32::MAX });
    let control = |control, target, count| Illegal::Control { control, target, count };
    assert_eq!(broken(|d| d.control = 4), control(4, 0, 0));
    assert_eq!(broken(|d| d.target = 1), control(0, 1, 0));
    assert_eq!(broken(|d| d.control = 1), control(1, 0, 0));
    assert_eq!(broken(|d| (d.control, d.count) = (2, 1)), control(2, 0, 1));
    assert_eq!(broken(|d| (d.control, d.target) = (2, 1 << 16)), control(2, 1 << 16, 0));
    assert_eq!(broken(|d| (d.control, d.count) = (3, 1)), control(3, 0, 1));
}

#[test]
fn every_rule_on_regions_is_named() {
    let output = Role::Output;
    assert_eq!(broken(|d| d.output.log2_size = 4), Illegal::Size { role: output, log2_size: 4 });
    assert_eq!(broken(|d| d.output.log2_size = 29), Illegal::Size { role: output, log2_size: 29 });
    assert_eq!(
        broken(|d| d.input_specs[1].log2_size = u32::MAX),
        Illegal::Size { role: Role::Input(1), log2_size: u32::MAX }
    );
    assert_eq!(
        broken(|d| d.output.base += 32),
        Illegal::Alignment { role: output, base: WORKING_BASE + 32, log2_size: 6 }
    );
    assert_eq!(broken(|d| d.output.base = 1 << 40), Illegal::Outside { role: output });
    assert_eq!(
        broken(|d| d.output.base = WORKING_BASE - 64),
        Illegal::OutputProtected { base: WORKING_BASE - 64 }
    );
    assert_eq!(broken(|d| d.output.base = 0), Illegal::OutputProtected { base: 0 });
}

#[test]
fn strides_that_overflow_are_outside() {
    let mut descriptor = matmul();
    descriptor.output.column_stride = u64::MAX;
    legal(&descriptor, 0, 0).unwrap();
    assert_eq!(legal(&descriptor, 0, 1), Err(Illegal::Outside { role: Role::Output }));

    let mut descriptor = matmul();
    descriptor.input_specs[1].iteration_stride = 1 << 60;
    legal(&descriptor, 0, 0).unwrap();
    let outside = Err(Illegal::Outside { role: Role::Input(1) });
    assert_eq!(legal(&descriptor, 1, 0), outside);
    assert_eq!(legal(&descriptor, 16, 0), outside);
    assert_eq!(legal(&descriptor, u32::MAX, 0), outside);
}

#[test]
fn every_rule_of_a_matrix_is_named() {
    assert_eq!(broken(|d| d.params[0] = 0), Illegal::Param { index: 0, value: 0 });
    assert_eq!(broken(|d| d.params[0] = 95), Illegal::Param { index: 0, value: 95 });
    assert_eq!(broken(|d| d.params[1] = 0), Illegal::Param { index: 1, value: 0 });
    assert_eq!(broken(|d| d.params[2] = 5), Illegal::Param { index: 0, value: 96 });
    assert_eq!(broken(|d| d.params[2] = 7), Illegal::Param { index: 2, value: 7 });
    // Four groups of three blocks take 6528 bytes; a thirteen-bit region holds five groups.
    assert_eq!(
        broken(|d| d.params[1] = 96),
        Illegal::Shape { role: Role::Input(0), log2_size: 13, needed: 6 * 3 * 544 }
    );
    assert_eq!(
        broken(|d| d.input_specs[1].log2_size = 6),
        Illegal::Shape { role: Role::Input(1), log2_size: 6, needed: 3 * 36 }
    );
    assert_eq!(
        broken(|d| d.output.log2_size = 5),
        Illegal::Shape { role: Role::Output, log2_size: 5, needed: 64 }
    );
}

#[test]
fn the_cost_is_at_most_half_of_the_bound() {
    let worst = cost(&legal(&matmul(), 0, 0).unwrap().operator) + 16;
    let bound = (worst * 2).next_power_of_two().ilog2();
    let mut descriptor = matmul();
    descriptor.bound = bound;
    legal(&descriptor, 0, 0).unwrap();
    descriptor.bound = bound - 1;
    assert_eq!(legal(&descriptor, 0, 0), Err(Illegal::Cost { cost: worst, log2: bound - 1 }));
    descriptor.bound = 0;
    assert_eq!(legal(&descriptor, 0, 0), Err(Illegal::Cost { cost: worst, log2: 0 }));
}

#[test]
fn every_word_of_the_output_costs() {
    let mut descriptor = Descriptor {
        kernel: Kernel::Emit.id(),
        input_count: 1,
        tiles: 1,
        columns: 1,
        bound: 25,
        output: region(1 << 39 | 1 << 28, 25),
        ..Descriptor::default()
    };
    descriptor.params[0] = 1;
    descriptor.input_specs[0] = region(0, 5);
    legal(&descriptor, 0, 0).unwrap();
    descriptor.output.log2_size = 28;
    let Err(Illegal::Cost { cost: all, log2: 25 }) = legal(&descriptor, 0, 0) else {
        panic!("256 MiB are too many")
    };
    descriptor.bound = 29;
    let operator = legal(&descriptor, 0, 0).unwrap().operator;
    assert_eq!(all, cost(&operator) + (1 << 26));
}

#[test]
fn a_cache_is_legal_until_it_is_full() {
    let mut descriptor = Descriptor {
        kernel: Kernel::Scores.id(),
        input_count: 2,
        tiles: 6,
        columns: 2,
        bound: 25,
        output: RegionSpec { row_stride: 64, column_stride: 32, ..region(WORKING_BASE, 5) },
        ..Descriptor::default()
    };
    descriptor.params[..6].copy_from_slice(&[64, 3, 1, 7, 16, 0x3e00_0000]);
    descriptor.input_specs[0] = region(WORKING_BASE + 4096, 8);
    descriptor.input_specs[1] = region(WORKING_BASE + 8192, 11);
    let Operator::Scores(scores) = legal(&descriptor, 15, 5).unwrap().operator else {
        panic!("another kernel")
    };
    assert_eq!((scores.cache.filled, scores.width), (16, 8));
    assert_eq!(legal(&descriptor, 16, 0), Err(Illegal::Iteration { iteration: 16, capacity: 16 }));
    assert_eq!(
        legal(&descriptor, u32::MAX, 0),
        Err(Illegal::Iteration { iteration: u32::MAX, capacity: 16 })
    );
    descriptor.tiles = 5;
    assert_eq!(legal(&descriptor, 0, 0), Err(Illegal::KernelGrid { tiles: 5, columns: 2 }));
}

#[test]
fn the_encoding_is_as_written() {
    let bytes = matmul().encode();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let long = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    assert_eq!([word(0), word(4), word(8), word(12), word(16)], [2, 2, 4, 4, 25]);
    assert_eq!([word(32), word(36), word(40), word(44)], [96, 64, 2, 0]);
    assert_eq!([long(96), long(104), long(112), long(120)], [WORKING_BASE, 0, 0, 64]);
    assert_eq!([word(128), word(132), word(168), word(208)], [6, 0, 13, 7]);
    assert_eq!(long(176), WORKING_BASE + 4096);
    assert!(bytes[216..].iter().all(|byte| *byte == 0));
}

#[test]
fn reserved_bytes_are_zero() {
    let good = matmul().encode();
    let reserved =
        (132..136).chain(456..512).chain((0..8).flat_map(|i| 172 + 40 * i..176 + 40 * i));
    for at in reserved {
        let mut bytes = good;
        bytes[at] = 1;
        assert_eq!(Descriptor::decode(&bytes), Err(Illegal::Reserved), "byte {at}");
    }
}

/// Words of a descriptor: arbitrary, or near what a legal one has.
fn descriptors() -> impl Strategy<Value = [u8; DESCRIPTOR_BYTES]> {
    let word = prop_oneof![
        4 => 0u32..8,
        2 => (0u32..32).prop_map(|log2| 1 << log2),
        1 => any::<u32>(),
        3 => Just(0),
    ];
    prop::collection::vec(word, 114).prop_map(|words| {
        let mut bytes = [0; DESCRIPTOR_BYTES];
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    })
}

/// Parameters of a kernel of images that are often legal, out of some in the ranges of [`plausible`].
#[allow(clippy::many_single_char_names, reason = "numbers of no meaning")]
fn image_params(kernel: Kernel, [a, b, c, d, e, f]: [u32; 6]) -> Vec<u32> {
    let (pixels, channels, log2) = (a % 16 + 1, b % 8 + 1, c + 4);
    match kernel {
        Kernel::Conv | Kernel::ConvAdd => {
            vec![pixels, channels, log2, c, b, d + 2, e % 4 + 1, 2, 3, f + 1, f + 1, f]
        }
        Kernel::Attend => vec![pixels, 32, 7, 1, b, f, a, 2, d, 2, d + 3, f, 1 - f, 0],
        Kernel::Moments => vec![pixels, channels, b, log2],
        Kernel::GroupAffine => vec![pixels, channels, b, log2 + 2, f + 1, a],
        Kernel::Pack => vec![pixels, channels, d, log2],
        Kernel::Affine | Kernel::AffinePack | Kernel::NormRows => {
            vec![pixels, channels, d, log2, f]
        }
        Kernel::Resample => vec![4 * pixels, channels, log2, d, pixels, 1, c % 3, 2],
        Kernel::Concat => vec![pixels, channels, log2, log2, d, f],
        Kernel::ToBytes => vec![pixels, channels, log2, a, b],
        _ => vec![a + 1, f],
    }
}

/// A descriptor of some kernel that is often legal.
fn plausible() -> impl Strategy<Value = Descriptor> {
    let region = (0u64..1 << 10, 0u64..8, 5u32..20).prop_map(|(base, stride, log2_size)| {
        let size = 1u64 << log2_size;
        let stride = stride * size;
        RegionSpec {
            base: WORKING_BASE + base * size,
            iteration_stride: stride,
            row_stride: stride,
            column_stride: stride,
            log2_size,
        }
    });
    let params = [0u32..200, 1..64, 0..7, 0..12, 0..64, 0..2].map(Strategy::boxed);
    (1u32..37, 1u32..9, prop::collection::vec(region, 9), params, 0u32..4).prop_map(
        |(kernel, tiles, regions, params, control)| {
            let known = Kernel::from_id(kernel).unwrap();
            let mut descriptor = Descriptor {
                kernel,
                input_count: known.inputs(),
                tiles,
                columns: 1,
                bound: 30,
                control,
                count: u32::from(control == 1),
                output: regions[8],
                ..Descriptor::default()
            };
            for (place, spec) in descriptor.input_specs.iter_mut().zip(&regions) {
                *place = *spec;
            }
            for spec in descriptor.input_specs.iter_mut().skip(known.inputs() as usize) {
                *spec = RegionSpec::default();
            }
            let mut params = params;
            if known >= Kernel::Conv {
                for (place, param) in descriptor.params.iter_mut().zip(image_params(known, params))
                {
                    *place = param;
                }
                return descriptor;
            }
            if matches!(known, Kernel::Scores | Kernel::Mix) {
                // Of arbitrary caches hardly any has whole blocks and a row of tiles a head.
                params = [params[0] / 32 * 32, tiles, 1, params[3], params[4], params[5]];
            }
            let used = known.params();
            for (place, param) in descriptor.params.iter_mut().zip(params).take(used) {
                *place = param;
            }
            descriptor
        },
    )
}

/// What must hold of every tile that is legal.
fn check(descriptor: &Descriptor, iteration: u32, tile: u32) {
    let Ok(legal) = legal(descriptor, iteration, tile) else { return };
    assert!(tile < descriptor.tiles);
    assert!(legal.output.base() >= WORKING_BASE);
    let inputs = legal.inputs();
    assert_eq!(inputs.len(), descriptor.input_count as usize);
    for area in inputs.chain([legal.output]) {
        assert!((5..=28).contains(&area.log2_size()));
        assert_eq!(area.base() % area.bytes(), 0);
        assert!(area.base() + area.bytes() <= 1 << 40);
    }
    assert!(cost(&legal.operator) <= (1 << descriptor.bound) / 2);
    assert_eq!(legal.operator.kernel().id(), descriptor.kernel);
}

proptest! {
    #[test]
    fn arbitrary_descriptors_have_an_answer(
        bytes in descriptors(), iteration in any::<u32>(), tile in any::<u32>()
    ) {
        if let Ok(descriptor) = Descriptor::decode(&bytes) {
            prop_assert_eq!(descriptor.encode(), bytes);
            check(&descriptor, iteration, tile);
            check(&descriptor, 0, 0);
        }
    }

    #[test]
    fn what_is_legal_lies_inside(descriptor in plausible(), iteration in 0u32..40, tile in 0u32..9) {
        prop_assert_eq!(Descriptor::decode(&descriptor.encode()), Ok(descriptor.clone()));
        check(&descriptor, iteration, tile);
    }
}

#[test]
fn plausible_descriptors_reach_every_kernel() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..100_000 {
        let descriptor = plausible().new_tree(&mut runner).unwrap().current();
        if let Ok(tile) = legal(&descriptor, 0, 0) {
            reached.insert(tile.operator.kernel());
        }
    }
    assert_eq!(reached.len(), Kernel::ALL.len(), "{reached:?}");
}
