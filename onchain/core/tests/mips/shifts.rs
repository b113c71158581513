//! Shifts and rotations.

use crate::scene::{Scene, op};

/// Value, amount (0 to 31) and result; checked in the immediate and in the register form.
#[track_caller]
fn check(immediate: &str, variable: &str, rows: &[(u32, u32, u32)]) {
    for &(value, amount, result) in rows {
        let word = op(immediate).rd(10).rt(9).sa(amount).word();
        Scene::new(word).reg(9, value).advances(|want| want.set(10, result));
        let word = op(immediate).rd(9).rt(9).sa(amount).word();
        Scene::new(word).reg(9, value).advances(|want| want.set(9, result));
        let word = op(immediate).rd(0).rt(9).sa(amount).word();
        Scene::new(word).reg(9, value).advances(|_| {});

        // Only the low five bits of the amount count.
        for high in [0, 0x20, 0xffff_ffe0, 0x8000_0000] {
            let scene = |rd| {
                let word = op(variable).rd(rd).rt(9).rs(8).word();
                Scene::new(word).reg(9, value).reg(8, amount | high)
            };
            scene(10).advances(|want| want.set(10, result));
            scene(8).advances(|want| want.set(8, result));
            scene(9).advances(|want| want.set(9, result));
            scene(0).advances(|_| {});
        }
    }
}

#[test]
fn left() {
    check(
        "sll",
        "sllv",
        &[
            (0x8765_4321, 0, 0x8765_4321),
            (0x8765_4321, 1, 0x0eca_8642),
            (0x8765_4321, 4, 0x7654_3210),
            (0x8765_4321, 31, 0x8000_0000),
            (0xffff_ffff, 16, 0xffff_0000),
        ],
    );
}

#[test]
fn right_with_zeros() {
    check(
        "srl",
        "srlv",
        &[
            (0x8765_4321, 0, 0x8765_4321),
            (0x8765_4321, 1, 0x43b2_a190),
            (0x8765_4321, 4, 0x0876_5432),
            (0x8765_4321, 31, 1),
            (0x7fff_ffff, 31, 0),
        ],
    );
}

#[test]
fn right_with_the_sign() {
    check(
        "sra",
        "srav",
        &[
            (0x8765_4321, 0, 0x8765_4321),
            (0x8765_4321, 4, 0xf876_5432),
            (0x8765_4321, 31, 0xffff_ffff),
            (0x7765_4321, 4, 0x0776_5432),
            (0x7fff_ffff, 31, 0),
            (0x8000_0000, 1, 0xc000_0000),
        ],
    );
}

#[test]
fn rotation() {
    check(
        "rotr",
        "rotrv",
        &[
            (0x8765_4321, 0, 0x8765_4321),
            (0x8765_4321, 4, 0x1876_5432),
            (0x8765_4321, 31, 0x0eca_8643),
            (1, 1, 0x8000_0000),
            (0x0000_ffff, 16, 0xffff_0000),
        ],
    );
}

#[test]
fn value_and_amount_in_one_register() {
    // sllv $10, $8, $8 and rotrv $8, $8, $8 with $8 = 0x25: an amount of five.
    let word = op("sllv").rd(10).rt(8).rs(8).word();
    Scene::new(word).reg(8, 0x25).advances(|want| want.set(10, 0x4a0));
    let word = op("rotrv").rd(8).rt(8).rs(8).word();
    Scene::new(word).reg(8, 0x25).advances(|want| want.set(8, 0x2800_0001));
}

#[test]
fn the_forms_of_nop_do_nothing() {
    // nop, ssnop, ehb, pause.
    for word in [0, 0x40, 0xc0, 0x140] {
        Scene::new(word).advances(|_| {});
    }
}
