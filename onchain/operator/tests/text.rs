//! Rules of the kernels between text and tokens, at their limits.
#![allow(clippy::unwrap_used)]

use opml_operator::{Descriptor, Illegal, Kernel, RegionSpec, Role, WORKING_BASE, cost, legal};

/// A descriptor with regions of these sizes, as powers of two: the output's, then the inputs'.
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
    legal(&descriptor(kernel, params, sizes), 3, 0).err()
}

fn small(role: Role, log2_size: u32, needed: u64) -> Illegal {
    Illegal::Shape { role, log2_size, needed }
}

#[test]
fn an_encoder_has_room_for_its_work() {
    let rule = |params: &[u32], sizes: &[u32]| rule(Kernel::Encode, params, sizes);
    // 8 + 7 x 8 words, a header of 128 bytes and 128 of text.
    assert_eq!(rule(&[8, 16], &[8, 8, 6]), None);
    assert_eq!(rule(&[9, 16], &[8, 8, 6]), Some(small(Role::Output, 8, 284)));
    assert_eq!(rule(&[128, 16], &[12, 8, 6]), None);
    assert_eq!(rule(&[129, 16], &[12, 8, 6]), Some(small(Role::Input(0), 8, 257)));
    assert_eq!(rule(&[8, 17], &[8, 8, 6]), Some(small(Role::Input(1), 6, 68)));
    assert_eq!(rule(&[0, 16], &[8, 8, 6]), Some(Illegal::Param { index: 0, value: 0 }));
    let tile = legal(&descriptor(Kernel::Encode, &[8, 16], &[8, 8, 6]), 0, 0).unwrap();
    assert_eq!(cost(&tile.operator), 42_000);
}

#[test]
fn a_slot_holds_a_flag_and_a_token() {
    let stops = [u32::MAX; 4];
    let rule = |n: u32, capacity: u32, sizes: &[u32]| {
        let params = [&[n, capacity], stops.as_slice()].concat();
        rule(Kernel::Next, &params, sizes)
    };
    assert_eq!(rule(8, 4, &[6, 6, 5, 7]), None);
    assert_eq!(rule(8, 4, &[5, 6, 5, 7]), Some(small(Role::Output, 5, 64)));
    assert_eq!(rule(9, 4, &[6, 6, 5, 7]), Some(small(Role::Input(0), 6, 68)));
    assert_eq!(rule(8, 4, &[6, 6, 5, 6]), Some(small(Role::Input(2), 6, 128)));
    assert_eq!(rule(8, 0, &[6, 6, 5, 7]), Some(Illegal::Param { index: 1, value: 0 }));
}

#[test]
fn a_text_and_its_length_fit_the_output() {
    let rule = |params: &[u32], sizes: &[u32]| rule(Kernel::Decode, params, sizes);
    assert_eq!(rule(&[4, 8, 32], &[6, 8, 5, 5]), None);
    assert_eq!(rule(&[4, 8, 33], &[6, 8, 5, 5]), Some(small(Role::Output, 6, 65)));
    assert_eq!(rule(&[5, 8, 32], &[6, 8, 5, 5]), Some(small(Role::Input(0), 8, 320)));
    assert_eq!(rule(&[4, 9, 32], &[6, 8, 5, 5]), Some(small(Role::Input(2), 5, 36)));
    assert_eq!(rule(&[4, 8, 0], &[6, 8, 5, 5]), Some(Illegal::Param { index: 2, value: 0 }));
}
