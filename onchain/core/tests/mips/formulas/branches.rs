//! Branches and jumps: conditions over all pairs, targets over all offsets, at the ends of the address
//! space, inside and outside of delay slots.

use opml_core::mips::{Cpu, Trap};

use crate::scene::Op;

use super::{A, B, check, machine, op, pairs, set, signed, trapped, values, word};

/// Addresses of instructions.
const PLACES: [u32; 6] = [0, 0x0040_0100, 0x0fff_fffc, 0x1000_0000, 0x7fff_fffc, 0xffff_fffc];

/// What a branch does that is taken or not: `likely` ones skip their slot.
fn branched(want: &mut Cpu, before: &Cpu, (taken, likely): (bool, bool), offset: i16) {
    let pc = i128::from(before.pc);
    let distance = if taken { 4 + 4 * i128::from(offset) } else { 8 };
    (want.pc, want.next_pc) = match (taken, likely) {
        (false, true) => (word(pc + 8), word(pc + 12)),
        _ => (word(pc + 4), word(pc + distance)),
    };
}

#[test]
fn conditions_on_two_registers() {
    for (a, b) in pairs() {
        let before = machine(super::PC, (a, b));
        for (name, taken, likely) in [
            ("beq", a == b, false),
            ("bne", a != b, false),
            ("beql", a == b, true),
            ("bnel", a != b, true),
        ] {
            let word = op(name).rs(A).rt(B).offset(-7).word();
            check(&before, word, |want| branched(want, &before, (taken, likely), -7));
        }
    }
}

#[test]
fn conditions_on_one_register() {
    for a in values() {
        let before = machine(super::PC, (a, 0));
        let a = signed(a);
        for (name, taken, likely, links) in [
            ("blez", a <= 0, false, false),
            ("bgtz", a > 0, false, false),
            ("bltz", a < 0, false, false),
            ("bgez", a >= 0, false, false),
            ("blezl", a <= 0, true, false),
            ("bgtzl", a > 0, true, false),
            ("bltzl", a < 0, true, false),
            ("bgezl", a >= 0, true, false),
            ("bltzal", a < 0, false, true),
            ("bgezal", a >= 0, false, true),
            ("bltzall", a < 0, true, true),
            ("bgezall", a >= 0, true, true),
        ] {
            check(&before, op(name).rs(A).offset(100).word(), |want| {
                branched(want, &before, (taken, likely), 100);
                if links {
                    set(want, 31, super::PC + 8);
                }
            });
        }
    }
}

#[test]
fn every_offset() {
    for pc in PLACES {
        let (before, beq) = (machine(pc, (1, 1)), op("beq").rs(A).rt(B));
        for offset in i16::MIN..=i16::MAX {
            let word = beq.offset(offset).word();
            check(&before, word, |want| branched(want, &before, (true, false), offset));
        }
    }
}

#[test]
fn jumps() {
    for pc in PLACES {
        for target in values() {
            let before = machine(pc, (target, 0));
            let behind = word(i128::from(pc) + 8);
            let to = |want: &mut Cpu, target| want.next_pc = target;
            check(&before, op("jr").rs(A).word(), |want| to(want, target));
            check(&before, op("jalr").rs(A).rd(B).word(), |want| {
                to(want, target);
                set(want, B, behind);
            });
            // The target is read first.
            check(&before, op("jalr").rs(A).rd(A).word(), |want| {
                to(want, target);
                set(want, A, behind);
            });
            let index = target & 0x03ff_ffff;
            let segment = i128::from(word(i128::from(pc) + 4)).div_euclid(1 << 28) << 28;
            let place = word(segment + 4 * i128::from(index));
            check(&before, op("j").index(index).word(), |want| to(want, place));
            check(&before, op("jal").index(index).word(), |want| {
                to(want, place);
                set(want, 31, behind);
            });
        }
    }
}

/// Wherever `next_pc` is not `pc + 4`, every branch and every jump traps and writes nothing.
#[test]
fn in_a_delay_slot_nothing_branches() {
    const BRANCHES: [&str; 16] = [
        "beq", "bne", "beql", "bnel", "blez", "bgtz", "blezl", "bgtzl", "bltz", "bgez", "bltzl",
        "bgezl", "bltzal", "bgezal", "bltzall", "bgezall",
    ];
    let jumps = [op("j").index(9), op("jal").index(9), op("jr").rs(A), op("jalr").rs(A).rd(B)];
    let words: Vec<u32> =
        BRANCHES.map(|name| op(name).rs(A)).into_iter().chain(jumps).map(Op::word).collect();
    for pc in PLACES {
        for next_pc in PLACES.into_iter().chain([pc, pc ^ 1, 3]) {
            for a in [0, 1, u32::MAX] {
                let mut before = machine(pc, (a, 0));
                before.next_pc = next_pc;
                for word in words.iter().filter(|_| next_pc != pc.wrapping_add(4)) {
                    check(&before, *word, |want| trapped(want, &before, Trap::BranchInDelaySlot));
                }
            }
        }
    }
}
