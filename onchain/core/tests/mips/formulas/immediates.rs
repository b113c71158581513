//! Every immediate.

use opml_core::mips::Trap;

use super::{A, TO, bit, check, from_bits, machine, op, set, signed, trapped, word};

/// Values that meet every immediate.
const VALUES: [u32; 10] =
    [0, 1, 0x7fff, 0x8000, 0xffff, 0x7fff_8000, 0x7fff_ffff, 0x8000_0000, 0x8000_7fff, 0xffff_ffff];

/// Sign extension by its definition.
fn extended(imm: u16) -> i128 {
    i128::from(imm) - if imm >> 15 == 1 { 1 << 16 } else { 0 }
}

/// What an instruction makes of a word and an immediate.
type Formula = fn(u32, u16) -> u32;

const TOTAL: [(&str, Formula); 6] = [
    ("addiu", |a, imm| word(i128::from(a) + extended(imm))),
    ("slti", |a, imm| u32::from(signed(a) < extended(imm))),
    ("sltiu", |a, imm| u32::from(a < word(extended(imm)))),
    ("andi", |a, imm| from_bits(|i| bit(a, i) && bit(imm.into(), i))),
    ("ori", |a, imm| from_bits(|i| bit(a, i) || bit(imm.into(), i))),
    ("xori", |a, imm| from_bits(|i| bit(a, i) != bit(imm.into(), i))),
];

#[test]
fn every_immediate() {
    let total = TOTAL.map(|(name, formula)| (op(name).rt(TO).rs(A), formula));
    let addi = op("addi").rt(TO).rs(A);
    for a in VALUES {
        let before = machine(super::PC, (a, 0));
        for imm in 0..=u16::MAX {
            for (op, formula) in total {
                check(&before, op.imm(imm).word(), |want| set(want, TO, formula(a, imm)));
            }
            let sum = signed(a) + extended(imm);
            check(&before, addi.imm(imm).word(), |want| {
                if (-(1 << 31)..1 << 31).contains(&sum) {
                    set(want, TO, word(sum));
                } else {
                    trapped(want, &before, Trap::IntegerOverflow);
                }
            });
        }
    }
    let before = machine(super::PC, (0, 0));
    for imm in 0..=u16::MAX {
        let upper = word(i128::from(imm) << 16);
        check(&before, op("lui").rt(TO).imm(imm).word(), |want| set(want, TO, upper));
    }
}

#[test]
fn every_immediate_of_a_trap() {
    let traps = ["tgei", "tgeiu", "tlti", "tltiu", "teqi", "tnei"].map(|name| op(name).rs(A));
    for a in VALUES {
        let before = machine(super::PC, (a, 0));
        for imm in 0..=u16::MAX {
            let (value, unsigned) = (extended(imm), word(extended(imm)));
            let conditions = [
                signed(a) >= value,
                a >= unsigned,
                signed(a) < value,
                a < unsigned,
                a == unsigned,
                a != unsigned,
            ];
            for (op, holds) in traps.into_iter().zip(conditions) {
                check(&before, op.imm(imm).word(), |want| {
                    if holds {
                        trapped(want, &before, Trap::ConditionalTrap);
                    }
                });
            }
        }
    }
}
