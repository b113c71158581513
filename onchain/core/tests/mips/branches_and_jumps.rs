//! Branches and jumps outside delay slots. The instruction stands at `0x0040_0100`.

use opml_core::mips::Trap;

use crate::scene::{Op, Scene, op};

/// Offset of a branch at `0x0040_0100`, and its target.
const TARGETS: [(i16, u32); 8] = [
    (4, 0x0040_0114),
    (1, 0x0040_0108),
    (0, 0x0040_0104),
    (-1, 0x0040_0100),
    (-2, 0x0040_00fc),
    (-65, 0x0040_0000),
    (i16::MAX, 0x0042_0100),
    (i16::MIN, 0x003e_0104),
];

/// What happens to `ra`, and to the delay slot of a branch that is not taken.
#[derive(Clone, Copy)]
struct Kind {
    links: bool,
    likely: bool,
}

const PLAIN: Kind = Kind { links: false, likely: false };
const LIKELY: Kind = Kind { links: false, likely: true };
const LINK: Kind = Kind { links: true, likely: false };
const LINK_LIKELY: Kind = Kind { links: true, likely: true };

fn check_taken(scene: impl Fn(i16) -> Scene, kind: Kind) {
    for (offset, target) in TARGETS {
        scene(offset).goes_to(0x0040_0104, target, |want| {
            if kind.links {
                want.set(31, 0x0040_0108);
            }
        });
    }
}

fn check_not_taken(scene: impl Fn(i16) -> Scene, kind: Kind) {
    let (pc, next_pc) =
        if kind.likely { (0x0040_0108, 0x0040_010c) } else { (0x0040_0104, 0x0040_0108) };
    for (offset, _) in TARGETS {
        scene(offset).goes_to(pc, next_pc, |want| {
            if kind.links {
                want.set(31, 0x0040_0108);
            }
        });
    }
}

fn check(taken: bool, kind: Kind, scene: impl Fn(i16) -> Scene) {
    if taken { check_taken(scene, kind) } else { check_not_taken(scene, kind) }
}

#[test]
fn comparisons_of_two_registers() {
    let rows = [
        (5, 5, true),
        (0, 0, true),
        (5, 6, false),
        (0xffff_ffff, 0xffff_ffff, true),
        (0x8000_0000, 0, false),
        (0xffff_ffff, 0x7fff_ffff, false),
    ];
    for (a, b, equal) in rows {
        for (name, taken, kind) in [
            ("beq", equal, PLAIN),
            ("bne", !equal, PLAIN),
            ("beql", equal, LIKELY),
            ("bnel", !equal, LIKELY),
        ] {
            check(taken, kind, |offset| {
                Scene::new(op(name).rs(8).rt(9).offset(offset).word()).reg(8, a).reg(9, b)
            });
        }
    }
}

#[test]
fn a_register_compared_with_itself_is_equal() {
    for number in [0, 8, 31] {
        let word = |name| move |offset| op(name).rs(number).rt(number).offset(offset).word();
        check(true, PLAIN, |offset| Scene::new(word("beq")(offset)));
        check(true, LIKELY, |offset| Scene::new(word("beql")(offset)));
        check(false, PLAIN, |offset| Scene::new(word("bne")(offset)));
        check(false, LIKELY, |offset| Scene::new(word("bnel")(offset)));
    }
}

#[test]
fn comparisons_with_zero() {
    // Value, below zero, zero.
    let rows = [
        (0, false, true),
        (1, false, false),
        (0x7fff_ffff, false, false),
        (0x8000_0000, true, false),
        (0xffff_ffff, true, false),
    ];
    for (value, below, zero) in rows {
        for (name, taken, kind) in [
            ("bltz", below, PLAIN),
            ("bgez", !below, PLAIN),
            ("blez", below || zero, PLAIN),
            ("bgtz", !below && !zero, PLAIN),
            ("bltzl", below, LIKELY),
            ("bgezl", !below, LIKELY),
            ("blezl", below || zero, LIKELY),
            ("bgtzl", !below && !zero, LIKELY),
            ("bltzal", below, LINK),
            ("bgezal", !below, LINK),
            ("bltzall", below, LINK_LIKELY),
            ("bgezall", !below, LINK_LIKELY),
        ] {
            let scene = |number: u32| {
                move |offset| {
                    let word = op(name).rs(number).offset(offset).word();
                    Scene::new(word).reg(number, value)
                }
            };
            check(taken, kind, scene(8));
            // The condition of a linking branch on `ra` reads it before the link is written.
            check(taken, kind, scene(31));
            if value == 0 {
                check(taken, kind, scene(0));
            }
        }
    }
}

#[test]
fn jumps_stay_in_the_256_mebibytes_of_the_delay_slot() {
    // Address of the jump, index, target.
    let rows = [
        (0x0040_0100_u32, 0, 0),
        (0x0040_0100, 0x0010_0000, 0x0040_0000),
        (0x0040_0100, 0x03ff_ffff, 0x0fff_fffc),
        (0x8000_0000, 0x0000_0001, 0x8000_0004),
        (0xf123_4560, 0x03ff_ffff, 0xffff_fffc),
        // The delay slot decides, not the jump.
        (0x0fff_fffc, 0x0000_0001, 0x1000_0004),
        (0xffff_fffc, 0x0000_0001, 0x0000_0004),
    ];
    for (pc, index, target) in rows {
        let slot = pc.wrapping_add(4);
        Scene::at(pc, op("j").index(index).word()).goes_to(slot, target, |_| {});
        Scene::at(pc, op("jal").index(index).word())
            .goes_to(slot, target, |want| want.set(31, pc.wrapping_add(8)));
    }
}

#[test]
fn jumps_to_registers_take_any_target() {
    for target in [0, 4, 0x0040_0100, 0x0040_0104, 0x0040_0108, 0x8000_0000, 0xffff_fffc] {
        let jr = Scene::new(op("jr").rs(8).word()).reg(8, target);
        jr.goes_to(0x0040_0104, target, |_| {});
        let jalr = Scene::new(op("jalr").rd(31).rs(8).word()).reg(8, target);
        jalr.goes_to(0x0040_0104, target, |want| want.set(31, 0x0040_0108));
        let jalr = Scene::new(op("jalr").rd(9).rs(8).word()).reg(8, target);
        jalr.goes_to(0x0040_0104, target, |want| want.set(9, 0x0040_0108));
        let jalr = Scene::new(op("jalr").rd(0).rs(8).word()).reg(8, target);
        jalr.goes_to(0x0040_0104, target, |_| {});
    }
    Scene::new(op("jr").rs(0).word()).goes_to(0x0040_0104, 0, |_| {});
}

/// The manual leaves it open; here the target is read before the link is written.
#[test]
fn jalr_with_one_register_for_both_jumps_to_its_old_value() {
    let jalr = Scene::new(op("jalr").rd(8).rs(8).word()).reg(8, 0x0050_0000);
    jalr.goes_to(0x0040_0104, 0x0050_0000, |want| want.set(8, 0x0040_0108));
}

#[test]
fn a_misaligned_target_traps_when_it_is_fetched_not_when_it_is_jumped_to() {
    for (target, word_there) in [(0x0050_0001, 0), (0x0050_0002, 0), (0x0050_0003, 0x0000_000d)] {
        let jump = Scene::new(op("jr").rs(8).word())
            .word(0x0040_0104, op("addiu").rt(10).rs(0).imm(7).word())
            .word(0x0050_0000, word_there)
            .reg(8, target);
        let slot = jump.goes_to(0x0040_0104, target, |_| {});
        let there = slot.goes_to(target, target + 4, |want| want.set(10, 7));
        there.traps(Trap::MisalignedFetch);
    }
}

#[test]
fn code_wraps_at_the_end_of_memory() {
    let nop = Scene::at(0xffff_fffc, 0);
    nop.goes_to(0, 4, |_| {});

    let at = |pc, op: Op| Scene::at(pc, op.word());
    // Branches from the last two words, and back over address 0.
    at(0xffff_fff8, op("beq").offset(1)).goes_to(0xffff_fffc, 0, |_| {});
    at(0xffff_fffc, op("beq").offset(3)).goes_to(0, 0x0000_000c, |_| {});
    at(0xffff_fffc, op("beq").offset(-1)).goes_to(0, 0xffff_fffc, |_| {});
    at(0x0000_0004, op("beq").offset(-3)).goes_to(8, 0xffff_fffc, |_| {});
    at(0xffff_fffc, op("bne").offset(3)).goes_to(0, 4, |_| {});
    at(0xffff_fff8, op("bnel").offset(3)).goes_to(0, 4, |_| {});
    at(0xffff_fffc, op("bnel").offset(3)).goes_to(4, 8, |_| {});
    // Return addresses.
    at(0xffff_fffc, op("bgezal").offset(3)).goes_to(0, 0x0000_000c, |want| want.set(31, 4));
    at(0xffff_fff8, op("bltzal").offset(3)).goes_to(0xffff_fffc, 0, |want| want.set(31, 0));
    at(0xffff_fff8, op("jalr").rd(9).rs(8))
        .reg(8, 0x100)
        .goes_to(0xffff_fffc, 0x100, |want| want.set(9, 0));
}
