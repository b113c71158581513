//! Addition, subtraction, logic, comparison and conditional moves.

use opml_core::mips::Trap;

use crate::scene::{Op, Scene, op};

/// `rs`, `rt` and the value that `rd` gets.
type Row = (u32, u32, u32);

/// Checks a three-register instruction over all ways in which its registers can coincide.
#[track_caller]
fn check(name: &str, rows: &[Row]) {
    for &(a, b, result) in rows {
        let scene = |op: Op| Scene::new(op.word()).reg(8, a).reg(9, b);
        scene(op(name).rd(10).rs(8).rt(9)).advances(|want| want.set(10, result));
        scene(op(name).rd(31).rs(8).rt(9)).advances(|want| want.set(31, result));
        scene(op(name).rd(8).rs(8).rt(9)).advances(|want| want.set(8, result));
        scene(op(name).rd(9).rs(8).rt(9)).advances(|want| want.set(9, result));
        scene(op(name).rd(0).rs(8).rt(9)).advances(|_| {});
        if a == b {
            scene(op(name).rd(8).rs(8).rt(8)).advances(|want| want.set(8, result));
        }
        if a == 0 {
            scene(op(name).rd(10).rs(0).rt(9)).advances(|want| want.set(10, result));
        }
        if b == 0 {
            scene(op(name).rd(10).rs(8).rt(0)).advances(|want| want.set(10, result));
        }
    }
}

/// `rs`, the immediate and the value that `rt` gets.
type ImmRow = (u32, u16, u32);

#[track_caller]
fn check_immediate(name: &str, rows: &[ImmRow]) {
    for &(a, imm, result) in rows {
        let scene = |op: Op| Scene::new(op.imm(imm).word()).reg(8, a);
        scene(op(name).rt(10).rs(8)).advances(|want| want.set(10, result));
        scene(op(name).rt(8).rs(8)).advances(|want| want.set(8, result));
        scene(op(name).rt(0).rs(8)).advances(|_| {});
        if a == 0 {
            scene(op(name).rt(10).rs(0)).advances(|want| want.set(10, result));
        }
    }
}

#[test]
fn add_and_addu_agree_without_overflow() {
    let rows = [
        (0, 0, 0),
        (2, 3, 5),
        (0xffff_ffff, 1, 0),
        (0xffff_ffff, 0xffff_ffff, 0xffff_fffe),
        (0x7fff_ffff, 0, 0x7fff_ffff),
        (0x7fff_fffe, 1, 0x7fff_ffff),
        (0x8000_0000, 0x7fff_ffff, 0xffff_ffff),
        (0x8000_0001, 0xffff_ffff, 0x8000_0000),
        (0x8000_0000, 0, 0x8000_0000),
    ];
    check("add", &rows);
    check("addu", &rows);
}

#[test]
fn addu_wraps_where_add_overflows() {
    let rows = [
        (0x7fff_ffff, 1, 0x8000_0000),
        (0x7fff_ffff, 0x7fff_ffff, 0xffff_fffe),
        (0x8000_0000, 0xffff_ffff, 0x7fff_ffff),
        (0x8000_0000, 0x8000_0000, 0),
        (1, 0x7fff_ffff, 0x8000_0000),
    ];
    check("addu", &rows);
    for (a, b, _) in rows {
        overflows(op("add").rd(10).rs(8).rt(9), a, b);
        overflows(op("add").rd(8).rs(8).rt(9), a, b);
        overflows(op("add").rd(0).rs(8).rt(9), a, b);
    }
}

/// The destination keeps its value, even if it is register 0 anyway.
#[track_caller]
fn overflows(op: Op, a: u32, b: u32) {
    Scene::new(op.word()).reg(8, a).reg(9, b).traps(Trap::IntegerOverflow);
}

#[test]
fn sub_and_subu_agree_without_overflow() {
    let rows = [
        (0, 0, 0),
        (5, 3, 2),
        (3, 5, 0xffff_fffe),
        (0, 1, 0xffff_ffff),
        (0, 0x7fff_ffff, 0x8000_0001),
        (0xffff_ffff, 0x8000_0000, 0x7fff_ffff),
        (0x8000_0000, 0x8000_0000, 0),
        (0x8000_0000, 0, 0x8000_0000),
        (0x7fff_ffff, 0x7fff_ffff, 0),
    ];
    check("sub", &rows);
    check("subu", &rows);
}

#[test]
fn subu_wraps_where_sub_overflows() {
    let rows = [
        (0, 0x8000_0000, 0x8000_0000),
        (0x8000_0000, 1, 0x7fff_ffff),
        (0x7fff_ffff, 0xffff_ffff, 0x8000_0000),
        (0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
        (0x8000_0000, 0x7fff_ffff, 1),
    ];
    check("subu", &rows);
    for (a, b, _) in rows {
        overflows(op("sub").rd(10).rs(8).rt(9), a, b);
        overflows(op("sub").rd(9).rs(8).rt(9), a, b);
        overflows(op("sub").rd(0).rs(8).rt(9), a, b);
    }
}

#[test]
fn logic() {
    check("and", &[(0xff00_ff00, 0xf0f0_f0f0, 0xf000_f000), (0, 0xffff_ffff, 0)]);
    check("or", &[(0xff00_ff00, 0xf0f0_f0f0, 0xfff0_fff0), (0, 0, 0)]);
    check("xor", &[(0xff00_ff00, 0xf0f0_f0f0, 0x0ff0_0ff0), (7, 7, 0)]);
    check("nor", &[(0xff00_ff00, 0xf0f0_f0f0, 0x000f_000f), (0, 0, 0xffff_ffff)]);
}

#[test]
fn slt_compares_signed_and_sltu_unsigned() {
    check(
        "slt",
        &[
            (1, 2, 1),
            (2, 1, 0),
            (7, 7, 0),
            (0xffff_ffff, 0, 1),
            (0, 0xffff_ffff, 0),
            (0x8000_0000, 0x7fff_ffff, 1),
            (0x7fff_ffff, 0x8000_0000, 0),
            (0x8000_0000, 0x8000_0000, 0),
        ],
    );
    check(
        "sltu",
        &[
            (1, 2, 1),
            (2, 1, 0),
            (7, 7, 0),
            (0xffff_ffff, 0, 0),
            (0, 0xffff_ffff, 1),
            (0x8000_0000, 0x7fff_ffff, 0),
            (0x7fff_ffff, 0x8000_0000, 1),
            (0, 0, 0),
        ],
    );
}

#[test]
fn conditional_moves_leave_the_destination_alone_when_the_condition_fails() {
    let moves = |name: &str, condition: u32| {
        let scene = Scene::new(op(name).rd(10).rs(8).rt(9).word()).reg(8, 0x1234_5678);
        scene.reg(9, condition)
    };
    moves("movz", 0).advances(|want| want.set(10, 0x1234_5678));
    moves("movz", 1).advances(|_| {});
    moves("movz", 0x8000_0000).advances(|_| {});
    moves("movn", 0).advances(|_| {});
    moves("movn", 1).advances(|want| want.set(10, 0x1234_5678));
    moves("movn", 0x8000_0000).advances(|want| want.set(10, 0x1234_5678));
    Scene::new(op("movz").rd(10).rs(8).rt(0).word()).advances(|want| want.set(10, 0xc0de_0008));
    Scene::new(op("movn").rd(10).rs(8).rt(0).word()).advances(|_| {});
    Scene::new(op("movz").rd(0).rs(8).rt(0).word()).advances(|_| {});
    Scene::new(op("movn").rd(0).rs(8).rt(8).word()).advances(|_| {});
    // Source, condition and destination in one register.
    Scene::new(op("movn").rd(8).rs(8).rt(8).word()).advances(|_| {});
}

#[test]
fn addi_and_addiu_extend_the_sign() {
    let rows = [
        (0, 0, 0),
        (0, 0x7fff, 0x0000_7fff),
        (0, 0x8000, 0xffff_8000),
        (0, 0xffff, 0xffff_ffff),
        (5, 0xfffe, 3),
        (0x7fff_8000, 0x7fff, 0x7fff_ffff),
        (0x8000_8000, 0x8000, 0x8000_0000),
        (0xffff_ffff, 1, 0),
    ];
    check_immediate("addi", &rows);
    check_immediate("addiu", &rows);
}

#[test]
fn addiu_wraps_where_addi_overflows() {
    let rows = [
        (0x7fff_ffff, 1, 0x8000_0000),
        (0x7fff_8001, 0x7fff, 0x8000_0000),
        (0x8000_0000, 0xffff, 0x7fff_ffff),
        (0x8000_7fff, 0x8000, 0x7fff_ffff),
    ];
    check_immediate("addiu", &rows);
    for (a, imm, _) in rows {
        for destination in [10, 8, 0] {
            let word = op("addi").rt(destination).rs(8).imm(imm).word();
            Scene::new(word).reg(8, a).traps(Trap::IntegerOverflow);
        }
    }
}

#[test]
fn comparisons_with_an_immediate_extend_the_sign_even_unsigned() {
    check_immediate(
        "slti",
        &[
            (1, 2, 1),
            (2, 2, 0),
            (0, 0xffff, 0),
            (0xffff_fffe, 0xffff, 1),
            (0x8000_0000, 0x8000, 1),
            (0xffff_8000, 0x8000, 0),
            (0x7fff_ffff, 0x7fff, 0),
        ],
    );
    check_immediate(
        "sltiu",
        &[
            (1, 2, 1),
            (2, 2, 0),
            (0, 0xffff, 1),
            (0xffff_fffe, 0xffff, 1),
            (0xffff_ffff, 0xffff, 0),
            (0x0000_8000, 0x8000, 1),
            (0xffff_8000, 0x8000, 0),
            (0x7fff_ffff, 0x8000, 1),
            (0, 0, 0),
        ],
    );
}

#[test]
fn logic_with_an_immediate_extends_with_zeros() {
    check_immediate("andi", &[(0xffff_ffff, 0xf0f0, 0xf0f0), (0, 0xffff, 0)]);
    check_immediate("ori", &[(0xff00_0000, 0x8001, 0xff00_8001), (0, 0xffff, 0xffff)]);
    check_immediate("xori", &[(0xffff_ffff, 0xffff, 0xffff_0000), (0x8000, 0x8000, 0)]);
}

#[test]
fn lui_fills_the_upper_half() {
    for (imm, result) in [(0, 0), (1, 0x0001_0000), (0x8000, 0x8000_0000), (0xffff, 0xffff_0000)] {
        let word = op("lui").rt(10).imm(imm).word();
        Scene::new(word).advances(|want| want.set(10, result));
    }
    Scene::new(op("lui").rt(0).imm(0xffff).word()).advances(|_| {});
}

#[test]
fn the_step_count_wraps() {
    let mut scene = Scene::new(op("addu").rd(10).word());
    scene.cpu.step = u64::MAX;
    let mut want = scene.clone();
    want.set(10, 0);
    (want.cpu.pc, want.cpu.next_pc, want.cpu.step) = (0x0040_0104, 0x0040_0108, 0);
    assert_eq!(scene.next(), want);
}
