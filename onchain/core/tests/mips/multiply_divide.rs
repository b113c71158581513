//! Products, quotients and the HI and LO registers.

use crate::scene::{Scene, op};

/// `rs`, `rt`, then HI and LO after the instruction.
type Row = (u32, u32, u32, u32);

#[track_caller]
fn check(name: &str, rows: &[Row]) {
    for &(a, b, hi, lo) in rows {
        let word = op(name).rs(8).rt(9).word();
        let result = |want: &mut Scene| (want.cpu.hi, want.cpu.lo) = (hi, lo);
        Scene::new(word).reg(8, a).reg(9, b).advances(result);
        if a == b {
            let word = op(name).rs(8).rt(8).word();
            Scene::new(word).reg(8, a).advances(result);
        }
        if b == 0 {
            Scene::new(op(name).rs(8).rt(0).word()).reg(8, a).advances(result);
        }
    }
}

#[test]
fn mult_is_signed() {
    check(
        "mult",
        &[
            (0, 0x8000_0000, 0, 0),
            (3, 5, 0, 15),
            (0xffff_ffff, 1, 0xffff_ffff, 0xffff_ffff),
            (0xffff_ffff, 0xffff_ffff, 0, 1),
            (0x7fff_ffff, 0x7fff_ffff, 0x3fff_ffff, 1),
            (0x8000_0000, 0x8000_0000, 0x4000_0000, 0),
            (0x8000_0000, 0x7fff_ffff, 0xc000_0000, 0x8000_0000),
            (0x8000_0000, 0xffff_ffff, 0, 0x8000_0000),
            (0x0001_0000, 0x0001_0000, 1, 0),
            (0xffff_fffd, 5, 0xffff_ffff, 0xffff_fff1),
        ],
    );
}

#[test]
fn multu_is_unsigned() {
    check(
        "multu",
        &[
            (0, 0xffff_ffff, 0, 0),
            (3, 5, 0, 15),
            (0xffff_ffff, 1, 0, 0xffff_ffff),
            (0xffff_ffff, 0xffff_ffff, 0xffff_fffe, 1),
            (0x8000_0000, 0x8000_0000, 0x4000_0000, 0),
            (0x8000_0000, 2, 1, 0),
            (0x1234_5678, 0x9abc_def0, 0x0b00_ea4e, 0x242d_2080),
        ],
    );
}

#[test]
fn div_truncates_toward_zero_and_the_remainder_has_the_sign_of_the_dividend() {
    check(
        "div",
        &[
            (7, 2, 1, 3),
            (0xffff_fff9, 2, 0xffff_ffff, 0xffff_fffd),
            (7, 0xffff_fffe, 1, 0xffff_fffd),
            (0xffff_fff9, 0xffff_fffe, 0xffff_ffff, 3),
            (0, 5, 0, 0),
            (5, 7, 5, 0),
            (0xffff_fffb, 7, 0xffff_fffb, 0),
            (0x8000_0000, 1, 0, 0x8000_0000),
            (0x8000_0000, 2, 0, 0xc000_0000),
            (0x8000_0000, 0x7fff_ffff, 0xffff_ffff, 0xffff_ffff),
            (0x7fff_ffff, 0xffff_ffff, 0, 0x8000_0001),
            (0x8000_0000, 0x8000_0000, 0, 1),
        ],
    );
}

/// The manual leaves these results open; the machine divides by one.
#[test]
fn open_divisions_divide_by_one() {
    check(
        "div",
        &[
            (0x8000_0000, 0xffff_ffff, 0, 0x8000_0000),
            (0, 0, 0, 0),
            (7, 0, 0, 7),
            (0xffff_fff9, 0, 0, 0xffff_fff9),
            (0x8000_0000, 0, 0, 0x8000_0000),
            (0x7fff_ffff, 0, 0, 0x7fff_ffff),
        ],
    );
    check("divu", &[(0, 0, 0, 0), (7, 0, 0, 7), (0xffff_ffff, 0, 0, 0xffff_ffff)]);
}

#[test]
fn divu_is_unsigned() {
    check(
        "divu",
        &[
            (7, 2, 1, 3),
            (0xffff_ffff, 2, 1, 0x7fff_ffff),
            (0xffff_ffff, 0xffff_fffe, 1, 1),
            (0x8000_0000, 0xffff_ffff, 0x8000_0000, 0),
            (0x8000_0000, 3, 2, 0x2aaa_aaaa),
            (1, 0x8000_0000, 1, 0),
        ],
    );
}

/// HI and LO before; `rs` and `rt`; HI and LO after.
type Accumulation = [(u32, u32); 3];

#[track_caller]
fn accumulate(name: &str, rows: &[Accumulation]) {
    for &[(hi, lo), (a, b), after] in rows {
        let scene = Scene::new(op(name).rs(8).rt(9).word()).hi_lo(hi, lo).reg(8, a).reg(9, b);
        scene.advances(|want| (want.cpu.hi, want.cpu.lo) = after);
    }
}

const MAX: u32 = 0xffff_ffff;

#[test]
fn madd_adds_a_signed_product() {
    accumulate(
        "madd",
        &[
            [(0, 0), (3, 5), (0, 15)],
            [(1, MAX), (1, 1), (2, 0)],
            [(0, 5), (MAX, 5), (0, 0)],
            [(0, 0), (MAX, 1), (MAX, MAX)],
            [(MAX, MAX), (1, 1), (0, 0)],
            [(0x7fff_ffff, MAX), (1, 1), (0x8000_0000, 0)],
            [(0, 0), (0x8000_0000, 0x8000_0000), (0x4000_0000, 0)],
        ],
    );
}

#[test]
fn maddu_adds_an_unsigned_product() {
    accumulate(
        "maddu",
        &[
            [(0, 0), (3, 5), (0, 15)],
            [(1, MAX), (1, 1), (2, 0)],
            [(0, 0), (MAX, 1), (0, MAX)],
            [(0, 0), (MAX, MAX), (0xffff_fffe, 1)],
            [(MAX, MAX), (MAX, MAX), (0xffff_fffe, 0)],
            [(MAX, MAX), (1, 1), (0, 0)],
        ],
    );
}

#[test]
fn msub_subtracts_a_signed_product() {
    accumulate(
        "msub",
        &[
            [(0, 15), (3, 5), (0, 0)],
            [(0, 0), (1, 1), (MAX, MAX)],
            [(1, 0), (1, 1), (0, MAX)],
            [(0, 0), (MAX, 1), (0, 1)],
            [(0x8000_0000, 0), (1, 1), (0x7fff_ffff, MAX)],
            [(0, 0), (0x8000_0000, 0x8000_0000), (0xc000_0000, 0)],
        ],
    );
}

#[test]
fn msubu_subtracts_an_unsigned_product() {
    accumulate(
        "msubu",
        &[
            [(0, 15), (3, 5), (0, 0)],
            [(0, 0), (1, 1), (MAX, MAX)],
            [(0, 0), (MAX, 1), (MAX, 1)],
            [(MAX, MAX), (MAX, MAX), (1, 0xffff_fffe)],
        ],
    );
}

#[test]
fn mul_keeps_hi_and_lo() {
    let rows = [
        (3, 5, 15),
        (MAX, MAX, 1),
        (0x8000_0000, 2, 0),
        (0x1234_5678, 0x9abc_def0, 0x242d_2080),
        (0xffff_fffd, 5, 0xffff_fff1),
    ];
    for (a, b, result) in rows {
        let scene = |rd| Scene::new(op("mul").rd(rd).rs(8).rt(9).word()).reg(8, a).reg(9, b);
        scene(10).advances(|want| want.set(10, result));
        scene(8).advances(|want| want.set(8, result));
        scene(9).advances(|want| want.set(9, result));
        scene(0).advances(|_| {});
    }
}

#[test]
fn moves_from_and_to_hi_and_lo() {
    Scene::new(op("mfhi").rd(10).word()).advances(|want| want.set(10, 0xaaaa_0001));
    Scene::new(op("mflo").rd(10).word()).advances(|want| want.set(10, 0xbbbb_0002));
    Scene::new(op("mfhi").rd(0).word()).advances(|_| {});
    Scene::new(op("mflo").rd(0).word()).advances(|_| {});
    Scene::new(op("mthi").rs(8).word()).advances(|want| want.cpu.hi = 0xc0de_0008);
    Scene::new(op("mtlo").rs(8).word()).advances(|want| want.cpu.lo = 0xc0de_0008);
    Scene::new(op("mthi").rs(0).word()).advances(|want| want.cpu.hi = 0);
    Scene::new(op("mtlo").rs(0).word()).advances(|want| want.cpu.lo = 0);
}
