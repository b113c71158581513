//! Counting, extending, swapping, extracting and inserting bits.

use crate::scene::{Scene, op};

#[test]
fn counting_leading_bits() {
    let rows = [
        (0, 32, 0),
        (1, 31, 0),
        (0x0000_8000, 16, 0),
        (0x4000_0000, 1, 0),
        (0x8000_0000, 0, 1),
        (0xc000_0000, 0, 2),
        (0xffff_0000, 0, 16),
        (0xffff_fffe, 0, 31),
        (0xffff_ffff, 0, 32),
    ];
    for (value, zeros, ones) in rows {
        for (name, result) in [("clz", zeros), ("clo", ones)] {
            let scene = |rd| Scene::new(op(name).rd(rd).rt(rd).rs(8).word()).reg(8, value);
            scene(10).advances(|want| want.set(10, result));
            scene(8).advances(|want| want.set(8, result));
            scene(0).advances(|_| {});
        }
    }
    Scene::new(op("clz").rd(10).rt(10).rs(0).word()).advances(|want| want.set(10, 32));
}

/// Name, value of `rt`, result in `rd`.
#[track_caller]
fn check(name: &str, rows: &[(u32, u32)]) {
    for &(value, result) in rows {
        let scene = |rd| Scene::new(op(name).rd(rd).rt(9).word()).reg(9, value);
        scene(10).advances(|want| want.set(10, result));
        scene(9).advances(|want| want.set(9, result));
        scene(0).advances(|_| {});
    }
}

#[test]
fn sign_extension_of_bytes_and_halves() {
    check(
        "seb",
        &[
            (0, 0),
            (0x7f, 0x7f),
            (0x80, 0xffff_ff80),
            (0xffff_ff7f, 0x7f),
            (0x1234_56ff, 0xffff_ffff),
        ],
    );
    check(
        "seh",
        &[
            (0, 0),
            (0x7fff, 0x7fff),
            (0x8000, 0xffff_8000),
            (0xffff_7fff, 0x7fff),
            (0x1234_ffff, 0xffff_ffff),
        ],
    );
}

#[test]
fn wsbh_swaps_the_bytes_of_each_half() {
    check("wsbh", &[(0x1122_3344, 0x2211_4433), (0xff00_00ff, 0x00ff_ff00), (0, 0)]);
}

/// Position, size, source and result of `ext`.
#[test]
fn ext_takes_a_field_to_the_bottom() {
    let rows = [
        (0, 32, 0x8765_4321, 0x8765_4321),
        (0, 1, 0x8765_4321, 1),
        (1, 1, 0x8765_4321, 0),
        (31, 1, 0x8765_4321, 1),
        (4, 12, 0x8765_4321, 0x432),
        (16, 16, 0x8765_4321, 0x8765),
        (1, 31, 0x8765_4321, 0x43b2_a190),
        (0, 31, 0xffff_ffff, 0x7fff_ffff),
    ];
    for (pos, size, value, result) in rows {
        let scene = |rt| {
            let word = op("ext").rt(rt).rs(8).sa(pos).rd(size - 1).word();
            Scene::new(word).reg(8, value)
        };
        scene(10).advances(|want| want.set(10, result));
        scene(8).advances(|want| want.set(8, result));
        scene(0).advances(|_| {});
    }
}

/// Position, size, destination before, source and destination after `ins`.
#[test]
fn ins_replaces_a_field_and_nothing_else() {
    let rows = [
        (0, 32, 0x1111_1111, 0x8765_4321, 0x8765_4321),
        (0, 1, 0xffff_fffe, 0x0000_0001, 0xffff_ffff),
        (0, 1, 0xffff_ffff, 0x0000_0002, 0xffff_fffe),
        (31, 1, 0x7fff_ffff, 0xffff_ffff, 0xffff_ffff),
        (31, 1, 0xffff_ffff, 0xffff_fffe, 0x7fff_ffff),
        (4, 12, 0xffff_ffff, 0x0000_0abc, 0xffff_abcf),
        (4, 12, 0x0000_0000, 0xffff_fabc, 0x0000_abc0),
        (16, 16, 0x1234_5678, 0xaaaa_bbbb, 0xbbbb_5678),
        (1, 31, 0x0000_0001, 0x8000_0000, 0x0000_0001),
    ];
    for (pos, size, before, value, after) in rows {
        let word = |rt| op("ins").rt(rt).rs(8).sa(pos).rd(pos + size - 1).word();
        let scene = Scene::new(word(10)).reg(8, value).reg(10, before);
        scene.advances(|want| want.set(10, after));
        Scene::new(word(0)).reg(8, value).advances(|_| {});
    }
    // Source and destination in one register: bits 0 to 7 into bits 8 to 15.
    let word = op("ins").rt(8).rs(8).sa(8).rd(15).word();
    Scene::new(word).reg(8, 0x1234_56ab).advances(|want| want.set(8, 0x1234_abab));
    // From register 0: clears the field.
    let word = op("ins").rt(10).rs(0).sa(8).rd(15).word();
    Scene::new(word).reg(10, 0xffff_ffff).advances(|want| want.set(10, 0xffff_00ff));
}
